internal import Base
internal import Events
internal import RuntimeCatalog
internal import Systemd

/// What is known of a runtime, and what follows from the states of its units; pure.
struct HostedRuntime {
  /// Seconds without an answer before the next question: the first time, until when it soon grows, and at most.
  /// Each question leaves a line in the log of the runtime or its door. Growing by a tenth, the wait is some
  /// two seconds and a tenth of all the time before it: a runtime that loads for minutes is seen ready that much later,
  /// and fills no log.
  private static let probeSeconds = (first: 0.25, soon: 2.0, most: 10.0)
  /// Seconds before a failed runtime is tried again, the first time and at most.
  private static let retrySeconds = (first: 60.0, most: 3600.0)
  /// Seconds that a runtime answers after which a failure counts as a first one.
  private static let soundSeconds = 600.0

  /// What the registry says of it, with the state that was observed last.
  var instance: RuntimeInstance
  var isJob: Bool
  /// Whether it has a unit: its state is that of the unit then.
  var hasUnit: Bool
  /// Whether its state was ever observed.
  var isObserved = false
  /// Without a unit: its state until the next look reports it, and the one before.
  var refused: (state: RuntimeInstance.State, before: RuntimeInstance.State?)?
  /// Why it could not be started.
  var problem: String?
  /// The start of its program that has answered.
  var answered: [UInt8]?
  /// Its program runs: which start of it.
  var invocation: [UInt8] = []
  /// When it is asked next, and how long after that.
  var probe: Double?
  var probeWait = HostedRuntime.probeSeconds.first
  var isProbing = false
  /// When it is tried again, and how often it was.
  var retry: Double?
  var retries = 0
  var readySince: Double?
  /// Whether it hangs.
  var hang = HangWatch()
  /// systemd's count of restarts when it was looked at last.
  var seenRestarts: Int?
  /// Of a job: how far it is.
  var progress = JobProgress()

  // MARK: its state

  /// Takes the states of its units.
  /// - Parameters:
  ///   - isFirst: this tinyboxd has made no plan before.
  ///   - now: monotonic seconds.
  ///   - time: RFC 3339 in UTC.
  /// - Returns: what has happened; nil for nothing that is worth an event.
  mutating func observe(
    _ units: RuntimeUnitStates, isFirst: Bool, at now: Double, time: String
  ) -> EventDraft? {
    guard hasUnit else {
      probe = nil
      retry = nil
      guard let refused else { return nil }
      self.refused = nil
      isObserved = true
      return refused.before == refused.state ? nil : event
    }
    countRestarts(units.service.restarts)
    invocation = units.isRunning ? units.service.invocation : []
    // The tinyboxd before has had its answer.
    if isObserved, answered == nil, instance.state == .ready,
      units.isRunning, isFirst
    {
      answered = invocation
    }
    if !units.isRunning { answered = nil }
    let hasAnswered = units.isRunning && answered == invocation
    var (state, reason) = units.state(
      instance.name, hasAnswered: hasAnswered, isJob: isJob)
    if state == .stopped, let problem { (state, reason) = (.failed, problem) }
    if units.isRunning, !hasAnswered, !isJob, units.isOpen {
      if probe == nil, !isProbing {
        probe = now
        probeWait = HostedRuntime.probeSeconds.first
      }
    } else {
      probe = nil
    }
    schedule(state, at: now)
    let old = isObserved ? instance.state : nil
    isObserved = true
    instance.reason = reason
    if old == state { return nil }
    instance.state = state
    instance.since = time
    // Nothing has happened to one that was stopped or idle when it was first seen.
    if old == nil, state == .stopped || state == .idle { return nil }
    return event
  }

  /// systemd counts anew when a unit is started or reset; this goes on.
  private mutating func countRestarts(_ count: Int?) {
    guard let count else { return }
    let known = instance.restarts ?? 0
    if let seen = seenRestarts {
      instance.restarts = known + (count >= seen ? count - seen : count)
    } else {
      instance.restarts = max(known, count)
    }
    seenRestarts = count
  }

  /// tinyboxd starts it again.
  mutating func countRestart() { instance.restarts = (instance.restarts ?? 0) + 1 }

  private mutating func schedule(_ state: RuntimeInstance.State, at now: Double) {
    if state == .ready {
      readySince = readySince ?? now
    } else {
      if let since = readySince, now - since >= HostedRuntime.soundSeconds { retries = 0 }
      readySince = nil
    }
    guard state == .failed else {
      retry = nil
      return
    }
    // A job that failed is the owner's to look at.
    guard retry == nil, !isJob else { return }
    let (first, most) = HostedRuntime.retrySeconds
    retry = now + min(most, first * Double(1 << min(retries, 10)))
    retries += 1
  }

  private var event: EventDraft? {
    let name = instance.name
    let reason = instance.reason.map { ": \($0)" } ?? ""
    switch instance.state {
    case .ready:
      return EventDraft(
        .runtimeReady, subject: name,
        isJob ? "job \(name) runs" : "runtime \(name) answers")
    case .starting:
      return EventDraft(.runtimeStarted, subject: name, "runtime \(name) starts\(reason)")
    case .stopped:
      return EventDraft(
        .runtimeStopped, subject: name,
        isJob ? "job \(name) has ended\(progress.words)" : "runtime \(name) was stopped")
    case .failed:
      return EventDraft(
        .runtimeFailed, subject: name,
        isJob
          ? "job \(name) failed\(progress.words)\(reason)" : "runtime \(name) failed\(reason)")
    case .missingGPU, .damagedModel:
      return EventDraft(.runtimeRefused, subject: name, "runtime \(name) cannot start\(reason)")
    case .idle, .draining: return nil
    }
  }

  /// Whether it is a job that runs, or will again by itself.
  var isAtWork: Bool { isJob && (instance.state == .ready || instance.state == .starting) }

  /// The job for the registry; nil for a runtime.
  var job: RuntimeJob? {
    guard isJob else { return nil }
    return RuntimeJob(
      name: instance.name, state: instance.state, reason: instance.reason, since: instance.since,
      progress: progress)
  }

  /// A question was answered, or not.
  /// - Parameter invocation: the start of the program that has answered; nil for none.
  mutating func probed(_ invocation: [UInt8]?, at now: Double) {
    isProbing = false
    if let invocation {
      answered = invocation
    } else {
      probe = now + probeWait
      let growth = probeWait < HostedRuntime.probeSeconds.soon ? 1.5 : 1.1
      probeWait = min(HostedRuntime.probeSeconds.most, probeWait * growth)
    }
  }
}

extension JobProgress {
  /// How far it is, after its name: ` at step 600 of 600, 31.2 steps/s`.
  var words: String {
    guard let status else { return "" }
    let rate = meanStepsPerSecond.map { ", \(Units.short($0)) steps/s" } ?? ""
    return " at step \(status.step)" + (status.steps.map { " of \($0)" } ?? "") + rate
  }
}
