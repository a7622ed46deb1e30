internal import Base
package import Inventory
internal import RuntimeCatalog

/// Whether a machine is idle enough for a scheduled run: it must disturb nobody, and nobody may disturb it.
package enum IdleJudge {
  /// The load average of one minute that is still idle, for each CPU.
  static let loadPerCPU = 0.1

  /// Why it is not idle; nil when it is. What is not known keeps a run from starting: a GPU without readings
  /// may be busy.
  package static func reason(_ inventory: Inventory) -> String? {
    let index = DeviceIndex(inventory)
    for gpu in inventory.gpus {
      if let reason = reason(gpu, index, isHeld: isHeldByIdleRuntime(gpu, inventory)) {
        return reason
      }
    }
    guard let load = inventory.machine.loadAverages?.first else {
      return "the load average is unknown"
    }
    let cpus = Double(max(1, inventory.processors.online?.count ?? 1))
    if load > max(0.5, cpus * loadPerCPU) {
      return "the load average of the last minute is \(Units.decimal(load, places: 2))"
    }
    for lock in inventory.system.runtimeLocks {
      if !lock.holdersKnown { return "it is not known who holds \(lock.path)" }
      // One whose holder has ended is kept by a process that it started.
      if !lock.holders.isEmpty { return "a runtime holds \(lock.path)" }
    }
    if let array = inventory.system.arrays.first(where: {
      $0.syncAction.map { $0 != "idle" } ?? false
    }
    ) {
      return "array \(array.name) is being checked or rebuilt"
    }
    return nil
  }

  /// Drivers that report how busy a card is. Those of display controllers on a board report nothing.
  private static let reportingDrivers: Set<String> = ["amdgpu", "nvidia"]

  /// Whether a hosted model lies on it and works on nothing now: its process is there as long as it is ready. Its
  /// lease keeps every measurement off the card; without this no box with a model was ever measured.
  private static func isHeldByIdleRuntime(_ gpu: GPU, _ inventory: Inventory) -> Bool {
    guard let runtimes = inventory.runtimes, let lease = runtimes.lease(gpu.address) else {
      return false
    }
    return runtimes.runtimes.contains {
      lease.holder == "runtime \($0.name)" && $0.gpus.contains(gpu.address) && $0.isJob == false
        && $0.state == .ready
    }
  }

  private static func reason(_ gpu: GPU, _ index: DeviceIndex, isHeld: Bool) -> String? {
    let name = index.label(gpu.address)
    if !isHeld, let process = gpu.holders.first {
      return "\(process.name ?? "a process") (\(process.pid)) uses \(name)"
    }
    if let fact = gpu.unknown.first(where: { $0.fact == "processes" }) {
      return "it is not known who uses \(name): \(fact.reason)"
    }
    guard let busy = gpu.busyShare else {
      // A card that sleeps is not asked, which would wake it, and computes nothing.
      let sleeps = index.function(gpu.address)?.powerState?.hasPrefix("D3") ?? false
      if sleeps || !reportingDrivers.contains(gpu.driver ?? "") { return nil }
      return "it is not known how busy \(name) is"
    }
    return busy < 0.05 ? nil : "\(name) is busy for \(Units.decimal(busy * 100, places: 0)) %"
  }
}
