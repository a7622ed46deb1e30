package import Base
internal import Configuration
internal import Linux
package import Runtimes
internal import Systemd

/// Starts and stops the units of runtimes, over D-Bus.
package struct RuntimeServices: Sendable {
  /// What is asked of systemd.
  package struct Manager: Sendable {
    /// Starts or stops a unit; returns when that is queued.
    var queue: @Sendable (_ job: SystemManager.Job, _ unit: String) throws(LibraryError) -> Void
    /// Lets a unit that failed start again.
    var reset: @Sendable (_ unit: String) throws(LibraryError) -> Void
    /// What a unit does: `active`, `activating`, `deactivating`, `inactive`, `failed`.
    var state: @Sendable (_ unit: String) throws(LibraryError) -> String

    /// systemd of this machine.
    package static let live = Manager { job, unit throws(LibraryError) in
      try SystemManager.queue(job, unit)
    } reset: { unit throws(LibraryError) in
      try SystemManager.resetFailed(unit)
    } state: { unit throws(LibraryError) in
      // A unit that is not in memory is inactive.
      try SystemManager.states(matching: [unit])[unit]?.active ?? "inactive"
    }
  }

  private let manager: Manager
  /// Seconds that a unit has to stop or to begin: TimeoutStopSec= of the template, and a bit.
  private let patience: Double
  /// Seconds after which a job that does not run has ended.
  private let jobSeconds = 2.0

  package init(_ manager: Manager = .live, patience: Double = 40) {
    self.manager = manager
    self.patience = patience
  }

  /// Starts a runtime: its door's socket; and itself, unless it is on demand. A job has no door.
  /// - Parameter hasUnits: whether its units were made.
  package func start(_ spec: RuntimeSpec, hasUnits: Bool) throws(Failure) {
    let step = "start the runtime '\(spec.name)'"
    guard hasUnits else {
      throw Failure(
        step, because: "its units were not made",
        hint:
          "tinyboxd makes them: 'systemctl start tinyboxd'; 'tinyboxctl runtime show \(spec.name)' "
          + "shows whether it can run", code: .conflict)
    }
    let service = RuntimeUnit.service(spec.name)
    let socket = RuntimeUnit.doorSocket(spec.name)
    var units: [String] = []
    if spec.kind == .service { units.append(socket) }
    if spec.kind == .job || spec.onDemand?.value != true { units.append(service) }
    try asking(step) { () throws(LibraryError) in
      for unit in [service, RuntimeUnit.door(spec.name), socket] { try manager.reset(unit) }
      for unit in units { try manager.queue(.start, unit) }
    }
    // A short job may have ended before it is looked at.
    let begun = Clock.seconds()
    for unit in units {
      try wait(step, unit) { state in
        state == "active"
          || spec.kind == .job && state == "inactive" && Clock.seconds() - begun >= jobSeconds
      }
    }
  }

  /// Stops a runtime: first the socket, so that no request starts it again.
  package func stop(_ name: String) throws(Failure) {
    let step = "stop the runtime '\(name)'"
    let units = [RuntimeUnit.doorSocket(name), RuntimeUnit.door(name), RuntimeUnit.service(name)]
    try asking(step) { () throws(LibraryError) in
      // A unit that is not loaded has nothing to stop.
      for unit in units where try manager.state(unit) != "inactive" {
        try manager.queue(.stop, unit)
      }
    }
    for unit in units { try wait(step, unit) { $0 == "inactive" || $0 == "failed" } }
  }

  private func wait(
    _ step: String, _ unit: String, _ isDone: (String) -> Bool
  ) throws(Failure) {
    let end = Clock.seconds() + patience
    while true {
      var state = ""
      try asking(step) { () throws(LibraryError) in state = try manager.state(unit) }
      if isDone(state) { return }
      if state == "failed" || Clock.seconds() >= end {
        throw Failure(
          step, because: state == "failed" ? "\(unit) failed" : "\(unit) is still \(state)",
          hint: "'journalctl -u \(unit)' shows why")
      }
      Clock.sleep(seconds: 0.1)
    }
  }

  private func asking(
    _ step: String, _ body: () throws(LibraryError) -> Void
  ) throws(Failure) {
    do throws(LibraryError) {
      try body()
    } catch {
      throw Failure(step, error, hint: "systemd of this machine has to answer")
    }
  }
}
