internal import Base
package import Inventory

/// Whether a machine is idle enough for a scheduled run: it must disturb nobody, and nobody may disturb it.
package enum IdleJudge {
  /// The load average of one minute that is still idle, for each CPU.
  static let loadPerCPU = 0.1

  /// Why it is not idle; nil when it is. What is not known keeps a run from starting: a GPU without readings
  /// may be busy.
  package static func reason(_ inventory: Inventory) -> String? {
    let index = DeviceIndex(inventory)
    for gpu in inventory.gpus {
      let name = index.label(gpu.address)
      if let process = gpu.processes.first {
        return "\(process.name ?? "a process") (\(process.pid)) uses \(name)"
      }
      if let busy = gpu.busyShare, busy >= 0.05 {
        return "\(name) is busy for \(Units.decimal(busy * 100, places: 0)) %"
      }
    }
    guard let load = inventory.machine.loadAverages?.first else {
      return "the load average is unknown"
    }
    let cpus = Double(max(1, inventory.processors.online?.count ?? 1))
    if load > max(0.5, cpus * loadPerCPU) {
      return "the load average of the last minute is \(Units.decimal(load, places: 2))"
    }
    if let lock = inventory.system.runtimeLocks.first(where: { $0.holdersAlive == true }) {
      return "a runtime holds \(lock.path)"
    }
    if let array = inventory.system.arrays.first(where: {
      $0.syncAction.map { $0 != "idle" } ?? false
    }
    ) {
      return "array \(array.name) is being checked or rebuilt"
    }
    return nil
  }
}
