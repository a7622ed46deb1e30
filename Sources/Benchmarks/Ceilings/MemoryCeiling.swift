internal import Base
internal import Inventory

/// What limits the memory bandwidth between the CPUs of a node and the memory of a node.
enum MemoryCeiling {
  /// The ceiling, in bytes a second; of all CPUs and all memory without nodes.
  static func ceiling(
    memory: NUMANode?, cpu: NUMANode?, _ inventory: Inventory
  ) -> BenchmarkCeiling {
    var limits = [channels(of: memory, inventory)]
    if memory?.id != cpu?.id {
      limits.append(
        .init(
          "fabric between nodes", nil, "its width and clock are not in the firmware's tables"))
    }
    return BenchmarkCeiling(limits)
  }

  /// Modules x transfers a second x 8 bytes: DDR4 and DDR5 modules are 64 bits wide without ECC (JEDEC
  /// JESD79-4, JESD79-5). Where a channel has two modules they share its rate, and which do is in their
  /// locators alone, which every firmware writes in its own way: two modules a channel make this too high,
  /// which never calls a right figure wrong. Too low it must not be, so what is not proven is unknown.
  private static func channels(
    of node: NUMANode?, _ inventory: Inventory
  ) -> BenchmarkCeiling.Limit {
    let name = "memory channels"
    if inventory.machine.isGuest {
      return .init(name, nil, "a guest does not see the modules of its host")
    }
    let rates = inventory.memory.mainModules.compactMap(\.configuredMegatransfersPerSecond)
    guard let rate = rates.first, rates.count == inventory.memory.mainModules.count else {
      return .init(name, nil, "the speed of the memory modules is not known (SMBIOS type 17)")
    }
    guard rates.allSatisfy({ $0 == rate }) else {
      return .init(name, nil, "the memory modules run at different speeds (SMBIOS type 17)")
    }
    do throws(Gap) {
      let count = try modules(of: node, inventory)
      return .init(
        name, Double(count) * Double(rate) * 1e6 * 8, "\(count) modules x \(rate) MT/s x 8 bytes")
    } catch { return .init(name, nil, error.text) }
  }

  private struct Gap: Error { var text: String }

  /// Modules whose channels serve a node. The firmware's tables do not say where a module is; how much memory
  /// each node has does, where all modules have one size.
  private static func modules(of node: NUMANode?, _ inventory: Inventory) throws(Gap) -> Int {
    let modules = inventory.memory.mainModules
    let nodes = inventory.memory.nodes.filter { ($0.totalBytes ?? 0) > 0 }
    guard let node, nodes.count > 1 else { return modules.count }
    // Nodes that the BIOS makes of last-level caches share the channels of the socket, or of a part of it.
    guard let split = inventory.processors.nodesPerSocket,
      split.value == 1 || split.confidence == .certain
    else { throw Gap(text: "it is not known whether memory nodes share channels") }
    let sizes = Set(modules.map(\.sizeBytes))
    guard sizes.count == 1, let size = sizes.first ?? nil, size > 0 else {
      throw Gap(text: "modules of different sizes do not show which node they belong to")
    }
    // The kernel counts less than the modules have: what it reserves at boot is missing.
    let counts = nodes.map { node in
      let bytes = node.totalBytes ?? 0
      return bytes / size + (bytes % size > 0 ? 1 : 0)
    }
    guard counts.reduce(0, +) == modules.count,
      let index = nodes.firstIndex(where: { $0.id == node.id })
    else {
      throw Gap(
        text: "the memory of \(nodes.count) nodes does not show where \(modules.count) modules are")
    }
    return counts[index]
  }
}
