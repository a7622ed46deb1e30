internal import API
internal import Documents
internal import Linux
internal import Placement
internal import Version

/// The daemon itself.
extension Endpoints {
  static let daemon: [Endpoint<Service>] = [
    .get(
      "daemon", "/v1/daemon", "The daemon itself: version, mode, what it watches."
    ) { service, _ in try Encoded(service.document) },

    .post(
      "reload", "/v1/daemon/reload", "Reads the configuration again."
    ) { service, _ in
      try await service.queue.perform(on: ConfigurationController.self) { $0.reload() }
      return try Encoded(service.document)
    },
  ]
}

extension Service {
  fileprivate var document: DaemonDocument {
    let state = published.current
    var document = DaemonDocument(
      version: Version.number, pid: identity.pid, started: identity.started,
      checkIntervalSeconds: state.checkSeconds)
    document.mode = state.placement.mode?.rawValue
    document.configurationProblem = state.configurationProblem
    document.isSuspended = state.isSuspended
    document.profileProblem = state.profileProblem
    document.eventStoreProblem = log.storeFailure
    document.checked = state.checked
    document.watches = state.watches
    let now = Clock.seconds()
    document.contested = state.held.map {
      .init(
        setting: $0.label, secondsLeft: max(0, Int(($0.until - now).rounded(.up))), cause: $0.cause)
    }
    document.counters.drifts = state.drifts
    document.counters.corrections = state.corrections
    document.counters.conflicts = state.conflicts
    document.counters.checkRuns = counters.checkRuns.now
    document.counters.readings = counters.readings.now
    document.counters.requests = counters.requests.now
    document.counters.wakeups = counters.wakeups.now
    return document
  }
}
