import Base
import Inventory

@testable import Placement

/// Makes the allowed changes of a plan in the facts.
func apply(_ plan: Plan, to box: inout Inventory, _ around: inout ServiceState) {
  var index: [Int: Int] = [:]
  for (position, interrupt) in box.interrupts.enumerated() { index[interrupt.number] = position }
  for change in plan.changes where change.isAllowed {
    let set = NumberSet(list: change.new) ?? NumberSet()
    let knob = change.knob
    switch knob.kind {
    case .interrupt:
      guard let position = knob.interrupt.flatMap({ index[$0] }) else { continue }
      box.interrupts[position].affinity = set
      box.interrupts[position].effectiveAffinity = set.first.map { NumberSet(range: $0...$0) }
    case .channels:
      for nic in box.nics.indices where box.nics[nic].name == knob.interface {
        box.nics[nic].queues.channels?.combined = Int(change.new) ?? 0
      }
    case .unit:
      around.unitProperties[knob.unit ?? "", default: [:]][knob.property ?? ""] = set
    case .irqbalance: around.bannedInterrupts = set
    case .powerCap:
      for gpu in box.gpus.indices where box.gpus[gpu].address == knob.device {
        box.gpus[gpu].powerCap?.watts = Double(change.new) ?? 0
      }
    case .persistence:
      for gpu in box.gpus.indices where box.gpus[gpu].address == knob.device {
        box.gpus[gpu].isPersistent = change.new == "on"
      }
    case .file: apply(file: knob.path ?? "", change.new, set, &box)
    }
  }
}

private func apply(file path: String, _ text: String, _ set: NumberSet, _ box: inout Inventory) {
  let parts = path.split(separator: "/").map(String.init)
  if path.hasSuffix("xps_cpus") || path.hasSuffix("rps_cpus") {
    guard let nic = box.nics.firstIndex(where: { $0.name == parts[3] }),
      let queue = Int(parts[5].dropFirst(3))
    else { return }
    if path.hasSuffix("xps_cpus") {
      box.nics[nic].queues.xps[queue] = set
    } else {
      box.nics[nic].queues.rps[queue] = set.isEmpty ? nil : set
    }
  } else if path.hasSuffix("numa_balancing") {
    box.memory.numaBalancing = Int(text)
  } else if path.hasSuffix("zone_reclaim_mode") {
    box.memory.zoneReclaimMode = Int(text)
  } else if path.hasSuffix("transparent_hugepage/enabled") {
    box.memory.transparentHugePages = text
  } else if path.hasSuffix("scaling_governor"), let cpu = Int(parts[4].dropFirst(3)) {
    var governors = box.processors.frequency?.governors ?? [:]
    for (name, cpus) in governors { governors[name] = cpus.subtracting(NumberSet([cpu])) }
    governors[text] = (governors[text] ?? NumberSet()).union(NumberSet([cpu]))
    box.processors.frequency?.governors = governors.filter { !$0.value.isEmpty }
  }
}
