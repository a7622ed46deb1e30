internal import Apply
internal import Base
internal import Configuration
internal import Inventory
internal import KernelTree
internal import Linux
internal import Operations
internal import Placement
internal import RuntimeCatalog
internal import Runtimes
internal import Systemd

/// The runtimes of the running machine.
final class LiveRuntimes: RuntimeTarget {
  private let units = RuntimeUnits()
  private let placement = PlacementOperations()
  private let manager: ServiceManager
  private var leases: [PCIAddress: DeviceLease] = [:]

  /// The leases of the tinyboxd before, which systemd has kept, are this one's from the start: while it restarts no
  /// benchmark takes the GPU of a runtime.
  init(_ manager: ServiceManager) {
    self.manager = manager
    for (descriptor, name) in (try? manager.listenDescriptors()) ?? [] {
      guard let gpu = DeviceLease.device(keptAs: name) else { continue }
      if leases[gpu] == nil, let lease = DeviceLease.adopt(descriptor, of: gpu) {
        leases[gpu] = lease
      } else {
        try? manager.forget(name)
      }
    }
  }

  func situation(_ inventory: Inventory) throws(Failure) -> RuntimeSituation {
    var situation = RuntimeSituation()
    (situation.specs, situation.problems) = RuntimeSpec.all(.live)
    situation.held = try units.held()
    if situation.specs.isEmpty { return situation }
    let facts = RuntimePlan.Facts(
      inventory: inventory, policy: try placement.policy(.live),
      // systemd opens the nodes, as root.
      offers: GPUOffer.all(inventory, .live) { _ in nil },
      models: try ModelOperations().states(),
      held: situation.held)
    situation.plan = RuntimePlan.make(situation.specs, facts)
    return situation
  }

  // MARK: leases

  func lease(_ gpus: [PCIAddress], to runtime: String) throws(Failure) -> String? {
    var taken: [PCIAddress: DeviceLease] = [:]
    for gpu in gpus.sorted() where leases[gpu] == nil {
      switch try DeviceLease.take(gpu, for: "runtime \(runtime)") {
      case .taken(let lease): taken[gpu] = lease
      case .held(let holder):
        return holder.map { "\($0.name) (process \($0.processID))" } ?? "another program"
      }
    }
    for (gpu, lease) in taken {
      leases[gpu] = lease
      // Where systemd keeps nothing, it ends with this process as before.
      try? manager.keep(lease.descriptor, as: DeviceLease.keptName(gpu))
      if manager.socket != nil { lease.keep() }
    }
    return nil
  }

  func releaseLeases(butOf kept: [String: [PCIAddress]]) {
    let kept = Set(kept.values.flatMap { $0 })
    for (gpu, lease) in leases where !kept.contains(gpu) {
      lease.giveUp()
      try? manager.forget(DeviceLease.keptName(gpu))
      leases[gpu] = nil
    }
  }

  // MARK: jobs

  func jobStatus(_ name: String) -> (status: JobStatus, written: Double)? {
    JobStatusFile.read(name)
  }

  // MARK: units

  func write(
    _ units: [RuntimeUnit], keeping kept: Set<String>
  ) throws(Failure) -> RuntimeUnits.Changes {
    try self.units.write(units, keeping: kept)
  }

  func states() throws(Failure) -> [String: UnitState] {
    try asked("ask systemd for the units of runtimes") { () throws(LibraryError) in
      try SystemManager.states(matching: [
        RuntimeUnit.service("*"), RuntimeUnit.door("*"), RuntimeUnit.doorSocket("*"),
      ])
    }
  }

  func reload() throws(Failure) {
    try asked("make systemd read its unit files") { () throws(LibraryError) in
      try SystemManager.reload()
    }
  }

  func queue(_ job: SystemManager.Job, _ unit: String) throws(Failure) {
    try asked("\(job.words) \(unit)") { () throws(LibraryError) in
      try SystemManager.queue(job, unit)
    }
  }

  func resetFailed(_ unit: String) throws(Failure) {
    try asked("reset \(unit)") { () throws(LibraryError) in try SystemManager.resetFailed(unit) }
  }

  func progress() -> RuntimeProgress? {
    let file = try? StampedFile.read(RuntimeProgress.path, limit: RuntimeProgress.longestFile)
    return file.flatMap { RuntimeProgress.decode($0.bytes) }
  }

  private func asked<Value>(
    _ step: String, _ body: () throws(LibraryError) -> Value
  ) throws(Failure) -> Value {
    do throws(LibraryError) {
      return try body()
    } catch {
      throw Failure(step, error)
    }
  }

  // MARK: the registry

  func store(_ registry: RuntimeRegistry) throws(Failure) {
    // For every user: names, states and reasons, as the gateway shows them to whoever is on this machine. What the
    // owner's files have of commands and environments is not in it.
    try DurableFile.write(
      try JSON.line(registry), to: RuntimeRegistry.path, access: .init(mode: 0o644))
  }

  func registry() -> RuntimeRegistry? {
    guard
      let file = try? StampedFile.read(
        RuntimeRegistry.path, limit: RuntimeRegistry.longestFile)
    else { return nil }
    return try? RuntimeRegistry.decode(file.bytes)
  }

  func now() -> String { WallClock.now() }
}

extension SystemManager.Job {
  fileprivate var words: String {
    switch self {
    case .start: "start"
    case .stop: "stop"
    case .restartIfRunning: "restart"
    }
  }
}
