internal import RuntimeCatalog
internal import Runtimes

extension HostedRuntime {
  /// The runtimes of a plan, by name; each goes on from what was known of it.
  /// - Parameters:
  ///   - units: those that have a unit.
  ///   - refusals: those that have none.
  ///   - foreign: those in whose place another program's file is, with its path.
  ///   - before: what was known of them.
  ///   - known: what the tinyboxd before wrote of them.
  ///   - time: RFC 3339 in UTC.
  static func all(
    _ units: [RuntimeUnit], _ refusals: [RuntimeRefusal], _ situation: RuntimeSituation,
    foreign: [String: String], before: [String: HostedRuntime], known: [RuntimeInstance],
    time: String
  ) -> [String: HostedRuntime] {
    var all: [String: HostedRuntime] = [:]
    func observed(_ name: String) -> RuntimeInstance? {
      before[name]?.instance ?? known.first { $0.name == name }
    }
    func add(_ instance: RuntimeInstance, isJob: Bool, hasUnit: Bool, isReported: Bool = false) {
      let name = instance.name
      var runtime =
        before[name] ?? HostedRuntime(instance: instance, isJob: isJob, hasUnit: hasUnit)
      runtime.take(instance, observed(name), isJob: isJob, hasUnit: hasUnit)
      if isReported { runtime.refused = nil }
      all[name] = runtime
    }
    for unit in units {
      let isJob = unit.kind == .job
      if let path = foreign[unit.name] {
        let reason = "\(path) is a file of another program"
        add(
          RuntimeInstance(unit, state: .failed, reason: reason, since: time), isJob: isJob,
          hasUnit: false)
      } else {
        add(RuntimeInstance(unit, state: .stopped, since: time), isJob: isJob, hasUnit: true)
      }
    }
    for refusal in refusals {
      guard let spec = situation.specs.first(where: { $0.name == refusal.name }) else { continue }
      add(RuntimeInstance(refusal, spec, since: time), isJob: spec.kind == .job, hasUnit: false)
    }
    for (name, problem) in situation.invalid {
      // It goes on as it was before its file was changed.
      if situation.held[name] != nil, let instance = observed(name) {
        add(instance, isJob: before[name]?.isJob ?? false, hasUnit: true)
      } else {
        let spec = RuntimeSpec(name: name, file: RuntimeSpec.path(name))
        let refusal = RuntimeRefusal(name, .failed, problem)
        // Reported as a mistake in its file.
        add(
          RuntimeInstance(refusal, spec, since: time), isJob: false, hasUnit: false,
          isReported: true)
      }
    }
    return all
  }

  /// Takes what is planned for it now.
  private mutating func take(
    _ planned: RuntimeInstance, _ observed: RuntimeInstance?, isJob: Bool, hasUnit: Bool
  ) {
    instance = planned
    self.isJob = isJob
    self.hasUnit = hasUnit
    if !hasUnit { refused = (planned.state, observed?.state) }
    guard let observed else { return }
    instance.restarts = observed.restarts
    isObserved = true
    if hasUnit {
      instance.state = observed.state
      instance.reason = observed.reason
      instance.since = observed.since
    } else if observed.state == planned.state {
      instance.since = observed.since
    }
  }
}
