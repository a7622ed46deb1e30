internal import Base
internal import Inventory

/// How many facts of an inventory are unknown.
struct UnknownCount {
  var facts = 0
  var denied = 0
  /// Parts of the machine that could not be looked at, such as a recording without interrupts:
  /// no fault of the machine, and never to be read as fine.
  var unseen: [String] = []

  init(_ inventory: Inventory) {
    unseen = inventory.collectors.filter { $0.outcome == .failed }.map { $0.name.lowercased() }
    add(inventory.machine.unknown)
    add(inventory.processors.unknown)
    add(inventory.memory.unknown)
    for node in inventory.memory.nodes { add(node.unknown) }
    for controller in inventory.memory.controllers { add(controller.unknown) }
    for function in inventory.pci { add(function.unknown) }
    for gpu in inventory.gpus { add(gpu.unknown) }
    for accelerator in inventory.accelerators { add(accelerator.unknown) }
    for nic in inventory.nics { add(nic.unknown) }
    for drive in inventory.nvme { add(drive.unknown) }
    for interrupt in inventory.interrupts { add(interrupt.unknown) }
    add(inventory.system.unknown)
    for fileSystem in inventory.system.fileSystems { add(fileSystem.unknown) }
    for array in inventory.system.arrays { add(array.unknown) }
    add(inventory.workloads.unknown)
    for slice in inventory.workloads.slices { add(slice.unknown) }
    for container in inventory.workloads.containers { add(container.group.unknown) }
  }

  private mutating func add(_ unknown: [UnknownFact]) {
    facts += unknown.count
    for fact in unknown where fact.isForRights { denied += 1 }
  }

  /// Both in words; nil without any.
  var text: String? {
    var parts: [String] = []
    if !unseen.isEmpty { parts.append("could not look at: \(unseen.joined(separator: ", "))") }
    if facts > 0 {
      let count = Units.count(facts, "fact") + " unknown"
      parts.append(denied > 0 ? "\(count) (run with sudo)" : count)
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
