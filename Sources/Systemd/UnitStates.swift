internal import Glibc
package import Linux

/// What systemd says of a unit at one moment.
package struct UnitState: Hashable, Sendable {
  /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
  package var active: String
  /// The same more finely: `running`, `auto-restart`, `listening`.
  package var sub: String
  /// Why it ended: `exit-code`, `signal`, `oom-kill`, `start-limit-hit`; `success` where nothing went wrong.
  package var result: String
  /// Which start of it this is: another one has another. Empty for a unit that does not run.
  package var invocation: [UInt8]
  /// Its files have changed since systemd read them.
  package var needsReload: Bool
  /// How often systemd has started a service again by itself since it was last started or reset; nil of others.
  package var restarts: Int?

  /// A state.
  package init(
    active: String, sub: String, result: String = "success", invocation: [UInt8] = [],
    needsReload: Bool = false, restarts: Int? = nil
  ) {
    self.active = active
    self.sub = sub
    self.result = result
    self.invocation = invocation
    self.needsReload = needsReload
    self.restarts = restarts
  }
}

extension SystemManager {
  /// The units in memory whose names match one of some patterns (glob(7)), by name. A unit that is not in memory is
  /// inactive and has not failed.
  package static func states(
    matching patterns: [String], seconds: Int = 5,
    open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) -> [String: UnitState] {
    try UnitProperties.within(seconds) { () throws(LibraryError) in
      let bus = try open()
      var states: [String: UnitState] = [:]
      for unit in try list(patterns, seconds, bus) {
        do throws(LibraryError) {
          states[unit.name] = try state(of: unit, seconds, bus)
        } catch {
          // It may have gone since.
          if !isGone(error) { throw error }
        }
      }
      return states
    }
  }

  /// Whether there is no such unit: NoSuchUnit, or of D-Bus UnknownObject, as sd-bus maps them.
  private static func isGone(_ error: LibraryError) -> Bool {
    guard case .status(_, let code, _) = error else { return false }
    return code == -Int(ENOENT) || code == -Int(EBADR)
  }

  private struct Listed {
    var name: String
    var active: String
    var sub: String
    var path: String
  }

  private static func list(
    _ patterns: [String], _ seconds: Int, _ bus: borrowing SystemBus
  ) throws(LibraryError) -> [Listed] {
    let message = try bus.method("ListUnitsByPatterns", of: interface, at: path, destination)
    try message.append([] as [String])
    try message.append(patterns)
    let reply = try bus.call(message, seconds: seconds)
    var units: [Listed] = []
    // As of `ListUnitsFiltered`.
    let fields = "ssssssouso"
    _ = try reply.read(.array, "(\(fields))") { () throws(LibraryError) in
      while true {
        let unit = try reply.read(.structure, fields) { () throws(LibraryError) -> Listed in
          let name = try reply.text() ?? ""
          try reply.skip("ss")
          let active = try reply.text() ?? ""
          let sub = try reply.text() ?? ""
          try reply.skip("s")
          let path = try reply.text(isPath: true) ?? ""
          try reply.skip("uso")
          return Listed(name: name, active: active, sub: sub, path: path)
        }
        guard let unit else { return }
        units.append(unit)
      }
    }
    return units
  }

  private static func state(
    of unit: Listed, _ seconds: Int, _ bus: borrowing SystemBus
  ) throws(LibraryError) -> UnitState {
    var state = UnitState(active: unit.active, sub: unit.sub)
    let common = "org.freedesktop.systemd1.Unit"
    state.needsReload =
      try property("NeedDaemonReload", common, unit.path, "b", seconds, bus) {
        (reply) throws(LibraryError) in try reply.bool()
      } ?? false
    if unit.active != "inactive" {
      state.invocation =
        try property("InvocationID", common, unit.path, "ay", seconds, bus) {
          (reply) throws(LibraryError) in try reply.bytes()
        } ?? []
    }
    let kind = unit.name.split(separator: ".").last ?? ""
    if kind == "service" || kind == "socket" {
      let interface = "org.freedesktop.systemd1." + kind.prefix(1).uppercased() + kind.dropFirst()
      state.result =
        try property("Result", interface, unit.path, "s", seconds, bus) {
          (reply) throws(LibraryError) in try reply.text()
        } ?? ""
      if kind == "service" {
        state.restarts =
          try property("NRestarts", interface, unit.path, "u", seconds, bus) {
            (reply) throws(LibraryError) in try reply.unsigned32()
          }.map { Int($0) }
      }
    }
    return state
  }

  private static func property<Value>(
    _ name: String, _ interface: String, _ path: String, _ type: String, _ seconds: Int,
    _ bus: borrowing SystemBus, _ read: (borrowing BusMessage) throws(LibraryError) -> Value?
  ) throws(LibraryError) -> Value? {
    let message = try bus.method(
      "Get", of: "org.freedesktop.DBus.Properties", at: path, destination)
    try message.append(interface)
    try message.append(name)
    let reply = try bus.call(message, seconds: seconds)
    return try reply.read(.variant, type) { () throws(LibraryError) in try read(reply) } ?? nil
  }
}

extension SystemManager {
  /// A job that systemd is asked for.
  package enum Job: String, Sendable {
    case start = "StartUnit"
    case stop = "StopUnit"
    /// Restarts a unit that runs, and leaves one that does not.
    case restartIfRunning = "TryRestartUnit"
  }

  /// Queues a job; one that is there already is replaced. It returns when the job is queued, not when it is done.
  package static func queue(
    _ job: Job, _ unit: String, seconds: Int = 10,
    open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) {
    try call(job.rawValue, [unit, "replace"], seconds, open)
  }

  /// Makes systemd read all unit files again (`systemctl daemon-reload`).
  package static func reload(
    seconds: Int = 60, open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) {
    try call("Reload", [], seconds, open)
  }

  /// Forgets that a unit has failed, and how often it was started (`systemctl reset-failed`). A unit that is not
  /// in memory has nothing to forget.
  package static func resetFailed(
    _ unit: String, seconds: Int = 10,
    open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) {
    do throws(LibraryError) {
      try call("ResetFailedUnit", [unit], seconds, open)
    } catch {
      if !isGone(error) { throw error }
    }
  }

  private static func call(
    _ method: String, _ arguments: [String], _ seconds: Int, _ open: @escaping UnitProperties.Open
  ) throws(LibraryError) {
    try UnitProperties.within(seconds) { () throws(LibraryError) in
      let bus = try open()
      let message = try bus.method(method, of: interface, at: path, destination)
      for argument in arguments { try message.append(argument) }
      _ = try bus.call(message, seconds: seconds)
    }
  }
}
