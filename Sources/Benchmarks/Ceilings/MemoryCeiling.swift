internal import Base
internal import Inventory

/// What limits the memory bandwidth between the CPUs of a node and the memory of a node.
enum MemoryCeiling {
  /// The ceiling, in bytes a second.
  static func ceiling(
    memory: NUMANode, cpu: NUMANode, _ inventory: Inventory
  ) -> BenchmarkCeiling {
    var limits = [channels(inventory, nodes: memoryNodeCount(inventory))]
    if memory.id != cpu.id {
      limits.append(
        .init(
          "fabric between nodes", nil, "its width and clock are not in the firmware's tables"))
    }
    return BenchmarkCeiling(limits)
  }

  private static func memoryNodeCount(_ inventory: Inventory) -> Int {
    inventory.memory.nodes.count { ($0.totalBytes ?? 0) > 0 }
  }

  /// Modules x transfers a second x 8 bytes: DDR4 and DDR5 modules are 64 bits wide without ECC (JEDEC
  /// JESD79-4, JESD79-5). Where a channel has two modules they share its rate, and which do is in their
  /// locators alone, which every firmware writes in its own way: two modules a channel make this too high,
  /// which never calls a right figure wrong.
  private static func channels(_ inventory: Inventory, nodes: Int) -> BenchmarkCeiling.Limit {
    let name = "memory channels"
    if inventory.machine.isGuest {
      return .init(name, nil, "a guest does not see the modules of its host")
    }
    let modules = inventory.memory.mainModules
    let rates = modules.compactMap(\.configuredMegatransfersPerSecond)
    guard !modules.isEmpty, rates.count == modules.count, let least = rates.min() else {
      return .init(name, nil, "the speed of the memory modules is not known (SMBIOS type 17)")
    }
    guard nodes > 0, modules.count.isMultiple(of: nodes) else {
      return .init(
        name, nil, "\(modules.count) modules do not divide over \(nodes) memory nodes")
    }
    let each = modules.count / nodes
    return .init(
      name, Double(each) * Double(least) * 1e6 * 8, "\(each) modules x \(least) MT/s x 8 bytes")
  }
}
