internal import Apply
internal import Base
internal import Events
internal import Inventory
internal import RuntimeCatalog
internal import Runtimes
internal import Systemd

/// Makes the units of runtimes as the owner wants them, watches them, and writes the registry.
///
/// It starts a runtime when its drop-in is new, which it is after each boot, and restarts one whose drop-in has
/// changed; one that the owner has stopped stays so. systemd restarts what ends; what reached systemd's start limit
/// is tried again here, later each time.
final class RuntimeSupervisor {
  /// Seconds between two looks how far a job is.
  private static let jobSeconds = 10.0
  /// Seconds between two looks whether a GPU is free that another program has leased.
  private static let leaseSeconds = 30.0

  let target: any RuntimeTarget
  var runtimes: [String: HostedRuntime] = [:]
  /// The registry of the tinyboxd before, until the first plan.
  private var before: RuntimeRegistry?
  private var isFirst = true
  /// The registry that was stored last.
  private(set) var registry: RuntimeRegistry?
  private var invalid: [String: String] = [:]
  /// When the plan is to be made again, since a GPU was leased by another program.
  private(set) var planDue: Double?
  /// The GPUs that runtimes hold, by name: a job's while it runs, others' until they are removed.
  private var leases: [String: [PCIAddress]] = [:]
  /// The GPUs of each job.
  private var jobGPUs: [String: [PCIAddress]] = [:]
  /// When jobs are looked at next; nil while none runs.
  private var jobDue: Double?

  init(_ target: any RuntimeTarget) {
    self.target = target
    before = target.registry()
  }

  /// The units whose changes matter.
  var unitNames: [String] {
    runtimes.keys.sorted().flatMap {
      [RuntimeUnit.service($0), RuntimeUnit.door($0), RuntimeUnit.doorSocket($0)]
    }
  }

  /// The runtimes as the registry has them.
  var instances: [RuntimeInstance] {
    runtimes.values.filter { !$0.isJob }.map(\.instance).sorted { $0.name < $1.name }
  }

  /// When something is to be done, monotonic seconds.
  var due: Double? {
    let moments = runtimes.values.flatMap {
      [$0.isProbing ? nil : $0.probe, $0.retry, $0.hang.due]
    }
    return (moments + [planDue, jobDue]).compactMap { $0 }.min()
  }

  // MARK: the plan

  /// Makes the units as the files and the machine are now.
  func plan(_ inventory: Inventory, at now: Double) throws(Failure) -> [EventDraft] {
    let situation = try target.situation(inventory)
    if !situation.isReadable {
      throw Failure(
        "read \(RuntimeSpec.folder)",
        because: situation.problems.first.map { "\($0)" } ?? "it cannot be read")
    }
    planDue = nil
    // Without a runtime, before or now, systemd is not asked.
    if situation.specs.isEmpty, situation.invalid.isEmpty, situation.held.isEmpty,
      runtimes.isEmpty, before?.instances.isEmpty ?? true
    {
      isFirst = false
      // What the tinyboxd before has left.
      target.releaseLeases(butOf: [:])
      return []
    }
    let events = invalidEvents(situation.invalid)
    let kept = Set(situation.invalid.keys)
    let (units, refusals) = try leased(situation, kept, at: now)
    let states = try target.states()
    // Before systemd reads its files anew, which takes a third of a second and more: what may not run any more ends
    // at once, and its clients are told why.
    try stopOthers(states, Set(units.map(\.name)).union(kept))
    try store(refusals)
    let changes = try target.write(units, keeping: kept)
    let isStale = isFirst && states.values.contains(where: \.needsReload)
    if changes.needsReload || isStale { try target.reload() }
    runtimes = HostedRuntime.all(
      units, refusals, situation, foreign: changes.foreign, before: runtimes,
      known: before?.instances ?? [], time: target.now())
    start(units, changes, at: now)
    // Looked at while it still is the first plan: what the tinyboxd before knew counts.
    let observed = try look(at: now)
    isFirst = false
    before = nil
    return events + observed
  }

  private func invalidEvents(_ now: [String: String]) -> [EventDraft] {
    defer { invalid = now }
    return now.filter { invalid[$0.key] != $0.value }.sorted { $0.key < $1.key }.map {
      EventDraft(.runtimeInvalid, subject: $0.key, $0.value)
    }
  }

  /// Takes the GPUs of the runtimes. A runtime on demand starts without asking, so its GPUs are its own from
  /// the moment its door opens.
  private func leased(
    _ situation: RuntimeSituation, _ kept: Set<String>, at now: Double
  ) throws(Failure) -> (units: [RuntimeUnit], refusals: [RuntimeRefusal]) {
    let holders = situation.plan.units.filter { $0.kind == .service }
    var leases = Dictionary(uniqueKeysWithValues: holders.map { ($0.name, $0.leases) })
    for name in kept { leases[name] = situation.held[name]?.gpus }
    let jobs = situation.plan.units.filter { $0.kind == .job }
    jobGPUs = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, $0.leases) })
    // A job that runs keeps its own.
    for name in jobGPUs.keys { leases[name] = self.leases[name] }
    self.leases = leases
    // Which jobs run is seen only when the units are looked at: until then the leases that the tinyboxd before has
    // left stay.
    target.releaseLeases(butOf: isFirst ? leases.merging(jobGPUs) { own, _ in own } : leases)
    var units: [RuntimeUnit] = []
    var refusals = situation.plan.refusals
    for unit in situation.plan.units {
      if unit.kind == .service, !unit.leases.isEmpty,
        let holder = try target.lease(unit.leases, to: unit.name)
      {
        planDue = now + RuntimeSupervisor.leaseSeconds
        // One that runs goes on: the lease was lost while no tinyboxd ran.
        if situation.held[unit.name] == nil {
          refusals.append(RuntimeRefusal(unit.name, .missingGPU, "a GPU is used by \(holder)"))
          continue
        }
      }
      units.append(unit)
    }
    for (name, gpus) in leases where kept.contains(name) && !gpus.isEmpty {
      _ = try target.lease(gpus, to: name)
    }
    return (units, refusals)
  }

  /// Stops what runs and is not to be there any more.
  private func stopOthers(
    _ states: [String: UnitState], _ wanted: Set<String>
  ) throws(Failure) {
    let names = Set(states.keys.compactMap(RuntimeUnits.runtime(of:)))
    for name in names.subtracting(wanted).sorted() {
      // The socket first: nothing starts it again.
      for unit in [
        RuntimeUnit.doorSocket(name), RuntimeUnit.door(name), RuntimeUnit.service(name),
      ] {
        guard let state = states[unit], state.active != "inactive" else { continue }
        if state.active != "failed" { try target.queue(.stop, unit) }
        try target.resetFailed(unit)
      }
    }
  }

  /// Writes why runtimes of the registry cannot run now.
  private func store(_ refusals: [RuntimeRefusal]) throws(Failure) {
    guard var next = registry else { return }
    for refusal in refusals {
      guard let index = next.instances.firstIndex(where: { $0.name == refusal.name }) else {
        continue
      }
      next.instances[index].state = refusal.state
      next.instances[index].reason = refusal.reason
    }
    guard next.instances != registry?.instances else { return }
    next.written = target.now()
    try target.store(next)
    registry = next
  }

  private func known(_ name: String) -> RuntimeInstance? {
    before?.instances.first { $0.name == name }
  }

  private func start(_ units: [RuntimeUnit], _ changes: RuntimeUnits.Changes, at now: Double) {
    for unit in units where changes.foreign[unit.name] == nil {
      // A tinyboxd that died between the drop-in and the start has not written the registry.
      let isNew = changes.added.contains(unit.name) || (isFirst && known(unit.name) == nil)
      if isNew, unit.kind == .service {
        begin(unit.name, isOnDemand: unit.onDemand, at: now)
      } else if changes.changed.contains(unit.name) {
        attempt(unit.name, at: now) { () throws(Failure) in
          for part in [RuntimeUnit.service(unit.name), RuntimeUnit.door(unit.name)] {
            try target.queue(.restartIfRunning, part)
          }
        }
        runtimes[unit.name]?.retries = 0
      }
    }
  }

  private func begin(_ name: String, isOnDemand: Bool, at now: Double) {
    attempt(name, at: now) { () throws(Failure) in
      try target.queue(.start, RuntimeUnit.doorSocket(name))
      if !isOnDemand { try target.queue(.start, RuntimeUnit.service(name)) }
    }
  }

  private func attempt(_ name: String, at now: Double, _ body: () throws(Failure) -> Void) {
    do throws(Failure) {
      try body()
      runtimes[name]?.problem = nil
    } catch {
      runtimes[name]?.problem = "cannot \(error)"
    }
  }

  // MARK: the states

  /// Looks at the units, and writes the registry when something has changed.
  func look(at now: Double) throws(Failure) -> [EventDraft] {
    let states = runtimes.values.contains(where: \.hasUnit) ? try target.states() : [:]
    var events: [EventDraft] = []
    for name in runtimes.keys.sorted() {
      guard var runtime = runtimes[name] else { continue }
      // First, so that the last words of one that has ended are known.
      if runtime.isJob, runtime.isAtWork || RuntimeUnitStates(name, in: states).isRunning,
        let (status, written) = target.jobStatus(name)
      {
        // What the start before has left says nothing of this one.
        if !runtime.isAtWork { runtime.progress = JobProgress(after: written) }
        runtime.progress.take(status, written: written)
      }
      if let event = runtime.observe(
        RuntimeUnitStates(name, in: states), isFirst: isFirst, at: now, time: target.now())
      {
        events.append(event)
      }
      runtimes[name] = runtime
    }
    try leaseJobs()
    let jobs = runtimes.values.compactMap(\.job).sorted { $0.name < $1.name }
    if registry?.instances != instances || registry?.jobs ?? [] != jobs {
      let next = RuntimeRegistry(written: target.now(), instances: instances, jobs: jobs)
      try target.store(next)
      registry = next
    }
    return events
  }

  /// Takes the GPUs of jobs that run, and gives up those of jobs that have ended. A job is started by its owner,
  /// who was told when another program had its GPUs.
  private func leaseJobs() throws(Failure) {
    let running = runtimes.filter { $0.value.isAtWork }
    for (name, gpus) in jobGPUs where !gpus.isEmpty {
      if running[name] == nil {
        if leases.removeValue(forKey: name) != nil { target.releaseLeases(butOf: leases) }
      } else if leases[name] == nil, try target.lease(gpus, to: name) == nil {
        leases[name] = gpus
      }
    }
    if isFirst { target.releaseLeases(butOf: leases) }
  }

  /// Looks how far jobs are, when that is due.
  func followJobs(at now: Double) throws(Failure) -> [EventDraft] {
    guard runtimes.values.contains(where: \.isAtWork) else {
      jobDue = nil
      return []
    }
    if let due = jobDue, due > now { return [] }
    let isFirst = jobDue == nil
    jobDue = now + RuntimeSupervisor.jobSeconds
    return isFirst ? [] : try look(at: now)
  }

  // MARK: what is due

  /// A question to a runtime: whether it answers.
  struct Probe: Hashable, Sendable {
    var name: String
    var socket: String
    /// The start of its program that is asked.
    var invocation: [UInt8]
  }

  /// The questions that are due. Each is answered by `probed`.
  func probes(at now: Double) -> [Probe] {
    var probes: [Probe] = []
    for (name, runtime) in runtimes.sorted(by: { $0.key < $1.key }) {
      guard let due = runtime.probe, due <= now, !runtime.isProbing else { continue }
      runtimes[name]?.isProbing = true
      probes.append(
        Probe(name: name, socket: runtime.instance.socket, invocation: runtime.invocation))
    }
    return probes
  }

  /// A question was answered, or not.
  func probed(_ probe: Probe, answered: Bool, at now: Double) throws(Failure) -> [EventDraft] {
    guard var runtime = runtimes[probe.name] else { return [] }
    runtime.probed(answered ? probe.invocation : nil, at: now)
    runtimes[probe.name] = runtime
    return answered ? try look(at: now) : []
  }

  /// Tries failed runtimes again that are due.
  func retry(at now: Double) throws(Failure) -> [EventDraft] {
    let due = runtimes.filter { $0.value.retry.map { $0 <= now } ?? false }
    if due.isEmpty { return [] }
    for (name, runtime) in due.sorted(by: { $0.key < $1.key }) {
      runtimes[name]?.retry = nil
      runtimes[name]?.countRestart()
      attempt(name, at: now) { () throws(Failure) in
        for unit in [
          RuntimeUnit.service(name), RuntimeUnit.door(name), RuntimeUnit.doorSocket(name),
        ] {
          try target.resetFailed(unit)
        }
      }
      begin(name, isOnDemand: runtime.instance.onDemand, at: now)
    }
    return try look(at: now)
  }
}
