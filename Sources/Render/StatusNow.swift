internal import Base
internal import Inventory

/// What the box is doing right now.
enum StatusNow {
  static func lines(_ index: DeviceIndex, _ style: Style) -> [Line] {
    let inventory = index.inventory
    let parts = [
      load(inventory), inventory.processors.busyShare.map { "CPUs \(Units.percent($0)) busy" },
      memory(inventory.memory), gpus(inventory), containers(inventory.workloads),
      interrupts(inventory),
    ]
    return Labelled.lines("now", parts, style, limit: 2)
  }

  private static func load(_ inventory: Inventory) -> String? {
    guard let loads = inventory.machine.loadAverages, !loads.isEmpty else { return nil }
    return "load "
      + loads.prefix(3).map { Units.decimal($0, places: 2, keepZeros: true) }.joined(separator: " ")
  }

  private static func memory(_ memory: Memory) -> String? {
    guard let total = memory.totalBytes, let available = memory.availableBytes, total > 0,
      (0...total).contains(available)
    else { return nil }
    let used = total - available
    return "memory \(Units.capacity(used, of: total)) used"
  }

  private static func gpus(_ inventory: Inventory) -> String? {
    let shares = inventory.gpus.compactMap(\.busyShare).filter(\.isFinite)
    if shares.isEmpty { return nil }
    let mean = shares.reduce(0, +) / Double(shares.count)
    let missing = inventory.gpus.count - shares.count
    let name = shares.count == 1 ? "GPU" : "\(shares.count) GPUs"
    return "\(name) \(Units.percent(mean)) busy" + (missing > 0 ? " (\(missing) unknown)" : "")
  }

  private static func containers(_ workloads: Workloads) -> String? {
    let count = workloads.containers.count
    return count == 0 ? nil : Units.count(count, "container")
  }

  private static func interrupts(_ inventory: Inventory) -> String? {
    guard inventory.memory.nodes.count > 1 else { return nil }
    return InterruptSummary.ownNodeShare(inventory).map {
      "device interrupts \(Units.percent($0)) on own node"
    }
  }
}
