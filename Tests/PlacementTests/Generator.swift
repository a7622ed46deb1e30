import Base
import Configuration
import Inventory

@testable import Placement

/// The same numbers on every run.
struct Dice: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1 }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
  mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }
}

/// Machines and policies of every odd shape: sparse node ids, SMT numbered either way, nodes
/// without memory or CPUs, offline and isolated CPUs, devices without a node.
struct Generator {
  private var dice: Dice
  private(set) var box = Inventory(origin: "generated")
  private var number = 20

  init(seed: Int) { dice = Dice(seed) }

  mutating func machine() -> Inventory {
    processors()
    for index in 0..<Int.random(in: 0...5, using: &dice) { nic(index) }
    for index in 0..<Int.random(in: 0...4, using: &dice) { drive(index) }
    for index in 0..<Int.random(in: 0...3, using: &dice) { gpu(index) }
    // One that belongs to nothing that is placed.
    add("0000:00:14.0", "xhci_hcd", "xhci_hcd", .other, nil)
    box.workloads.isUnified = dice.pick([true, true, true, false, nil])
    box.workloads.controllers = dice.chance(90) ? ["cpuset", "memory"] : ["memory"]
    if dice.chance(30) { box.system.irqbalance = IRQBalance(pid: 1, arguments: [], unit: nil) }
    box.memory.numaBalancing = dice.pick([0, 1, nil])
    box.memory.transparentHugePages = dice.pick(["always", "madvise", nil])
    if dice.chance(70) {
      var frequency = Processors.Frequency()
      frequency.governors = ["schedutil": box.processors.online ?? NumberSet()]
      box.processors.frequency = frequency
    }
    return box
  }

  private mutating func processors() {
    let threads = dice.pick([1, 1, 2, 2, 4])
    let cores = Int.random(in: 1...24, using: &dice)
    let isInterleaved = dice.chance(60)
    let count = cores * threads
    var ids: [Int] = []
    var id = dice.pick([0, 0, 1])
    for _ in 0..<Int.random(in: 1...min(5, cores), using: &dice) {
      ids.append(id)
      id += Int.random(in: 1...3, using: &dice)
    }
    var offline: [Int] = []
    for cpu in 1..<max(2, count) where cpu < count && dice.chance(10) { offline.append(cpu) }
    let online = NumberSet(range: 0...(count - 1)).subtracting(NumberSet(offline))
    box.processors.present = NumberSet(range: 0...(count - 1))
    box.processors.online = online
    if dice.chance(20) { box.processors.isolated = NumberSet([count - 1]) }
    var ofNode: [Int: [Int]] = [:]
    for core in 0..<cores {
      let own = (0..<threads).map { isInterleaved ? core + $0 * cores : core * threads + $0 }
      ofNode[ids[core * ids.count / cores], default: []] += own
      let running = NumberSet(own).intersection(online)
      if !running.isEmpty, dice.chance(97) {
        box.processors.cores.append(
          Processors.Core(package: 0, die: nil, id: core, cpus: running))
      }
    }
    for id in ids {
      var node = NUMANode(id: id)
      node.cpus = NumberSet(ofNode[id] ?? []).intersection(online)
      node.totalBytes = dice.chance(15) ? 0 : 1 << 30
      box.memory.nodes.append(finish(node))
    }
    if dice.chance(40) {
      var node = NUMANode(id: id + 1)
      node.cpus = NumberSet()
      node.totalBytes = 1 << 34
      box.memory.nodes.append(finish(node))
    }
    let all = box.memory.nodes.map(\.id)
    for index in box.memory.nodes.indices where dice.chance(90) {
      let own = box.memory.nodes[index].id
      box.memory.nodes[index].distances = all.map {
        NUMANode.Distance(node: $0, value: $0 == own ? 10 : 12 + abs($0 - own))
      }
    }
    if dice.chance(5) { box.memory.nodes[0].cpus = nil }
  }

  private func finish(_ node: NUMANode) -> NUMANode {
    var node = node
    let hasCPUs = !(node.cpus?.isEmpty ?? true)
    let hasMemory = node.totalBytes != 0
    node.kind =
      hasCPUs ? (hasMemory ? .regular : .memoryless) : hasMemory ? .cpuless : .empty
    return node
  }

  private mutating func someNode() -> Int? {
    dice.chance(12) ? nil : dice.pick(box.memory.nodes.map(\.id))
  }

  private mutating func nic(_ index: Int) {
    let address = "0000:1\(index):00.0"
    let name = "eth\(index)"
    var nic = NIC(name: name)
    nic.address = PCIAddress(address)
    nic.numaNode = someNode()
    let queues = Int.random(in: 1...30, using: &dice)
    nic.queues.receiveAllocated = queues
    nic.queues.transmitAllocated = queues
    if dice.chance(80) {
      nic.queues.channels = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: queues)
      nic.queues.channelsMaximum = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 32)
    }
    if dice.chance(30) { nic.queues.rps = [0: NumberSet([0])] }
    box.nics.append(nic)
    add(address, name, name, .control, nil)
    let isSplit = dice.chance(30)
    for queue in 0..<queues {
      if isSplit {
        add(address, name, "virtio\(index)-input.\(queue)", .queue, queue)
        add(address, name, "virtio\(index)-output.\(queue)", .queue, queue)
      } else {
        add(address, name, dice.chance(10) ? "\(name)-q" : "\(name)-TxRx-\(queue)", .queue, queue)
      }
    }
  }

  private mutating func drive(_ index: Int) {
    let address = "0000:4\(index):00.0"
    var drive = NVMeController(name: "nvme\(index)")
    drive.address = PCIAddress(address)
    drive.numaNode = someNode()
    box.nvme.append(drive)
    add(address, drive.name, "\(drive.name)q0", .admin, 0)
    for queue in 1...8 { add(address, drive.name, "\(drive.name)q\(queue)", .queue, queue, .fixed) }
  }

  private mutating func gpu(_ index: Int) {
    let address = "0000:8\(index):00.0"
    guard let parsed = PCIAddress(address) else { return }
    box.gpus.append(GPU(address: parsed, vendor: .amd))
    var function = PCIFunction(address: parsed)
    function.locality.numaNode = someNode()
    box.pci.append(function)
    add(address, "amdgpu", "amdgpu", .control, nil)
  }

  private mutating func add(
    _ device: String, _ name: String, _ action: String, _ role: Interrupt.Role, _ queue: Int?,
    _ mobility: Interrupt.Mobility = .movable
  ) {
    var interrupt = Interrupt(number: number)
    number += Int.random(in: 1...3, using: &dice)
    let online = box.processors.online ?? NumberSet()
    interrupt.actions = dice.chance(96) ? [action] : []
    interrupt.device = PCIAddress(device)
    interrupt.deviceName = name
    interrupt.role = role
    interrupt.queue = queue
    interrupt.affinity =
      dice.chance(4) ? nil : dice.chance(50) ? online : NumberSet([dice.pick(online.numbers)])
    interrupt.effectiveAffinity = interrupt.affinity?.first.map { NumberSet(range: $0...$0) }
    interrupt.mobility = dice.chance(90) ? mobility : dice.pick([.fixed, .unknown])
    box.interrupts.append(interrupt)
  }

  /// A policy that fits the machine.
  mutating func policy() -> Policy {
    var policy = Policy()
    let online = (box.processors.online ?? NumberSet()).numbers
    if dice.chance(40) {
      policy.housekeeping = .init(NumberSet((0..<2).map { _ in dice.pick(online) }))
    }
    policy.siblings = dice.pick([.last, .never])
    policy.slices = dice.pick([.nodes, .nodes, .none])
    if dice.chance(40) {
      var rule = Policy.DeviceRule()
      rule.queues = .init(dice.pick([.fit, .exactly(5), .keep]))
      rule.allowLinkReset = .init(dice.chance(50))
      policy.classes[.nic] = rule
    }
    if dice.chance(30) {
      var rule = Policy.DeviceRule()
      rule.interrupts = .init(dice.pick([.oneCore, .leave, .spread]))
      policy.classes[dice.pick([.nic, .nvme, .gpu])] = rule
    }
    if dice.chance(30) {
      var rule = Policy.DeviceRule()
      rule.interrupts = .init(.reserved)
      rule.cpus = .init(NumberSet((0..<4).map { _ in dice.pick(online) }))
      policy.devices = [
        .init(selector: "eth0", position: .init(file: "f", line: 1), rule: rule)
      ]
    }
    if dice.chance(40) { policy.system.numaBalancing = .init(0) }
    if dice.chance(40) { policy.system.transparentHugePages = .init("never") }
    if dice.chance(40) { policy.system.governor = .init("performance") }
    return policy
  }

  mutating func serviceState() -> ServiceState {
    var around = ServiceState()
    if dice.chance(70) { around.bannedInterrupts = NumberSet([3]) }
    return around
  }
}

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
