internal import RuntimeCatalog
internal import Runtimes
internal import Systemd

/// The units of one runtime at a moment, and what they mean together; pure.
struct RuntimeUnitStates: Hashable {
  /// The runtime.
  var service: UnitState
  /// Its door.
  var door: UnitState
  /// The socket of its door.
  var socket: UnitState

  private static let inactive = UnitState(active: "inactive", sub: "dead")

  /// Of a runtime, from all units that systemd has in memory.
  init(_ name: String, in units: [String: UnitState]) {
    service = units[RuntimeUnit.service(name)] ?? RuntimeUnitStates.inactive
    door = units[RuntimeUnit.door(name)] ?? RuntimeUnitStates.inactive
    socket = units[RuntimeUnit.doorSocket(name)] ?? RuntimeUnitStates.inactive
  }

  /// Whether a request reaches it, or starts it.
  var isOpen: Bool { socket.active == "active" }
  /// Whether its program runs.
  var isRunning: Bool { service.active == "active" }

  /// The state for the registry.
  /// - Parameters:
  ///   - hasAnswered: whether the program that runs has answered.
  ///   - isJob: whether it answers no requests: then it is ready when it runs.
  func state(
    _ name: String, hasAnswered: Bool, isJob: Bool
  ) -> (state: RuntimeInstance.State, reason: String?) {
    let unit = RuntimeUnit.service(name)
    switch service.active {
    case "active", "reloading", "refreshing":
      return (hasAnswered || isJob ? .ready : .starting, nil)
    case "activating":
      // Between two starts.
      if service.sub == "auto-restart" {
        return (.starting, RuntimeUnitStates.words(service.result, unit) + "; it starts again")
      }
      return (.starting, nil)
    case "failed":
      // The owner's stop closes the socket; systemd's limits leave it open or failed.
      if !isJob, socket.active == "inactive" { return (.stopped, nil) }
      return (.failed, RuntimeUnitStates.words(service.result, unit))
    default: break
    }
    if socket.active == "failed" {
      return (
        .failed, RuntimeUnitStates.words(socket.result, RuntimeUnit.doorSocket(name))
      )
    }
    if door.active == "failed", !isOpen {
      return (.failed, RuntimeUnitStates.words(door.result, RuntimeUnit.door(name)))
    }
    return (isOpen ? .idle : .stopped, nil)
  }

  /// What systemd calls a result (systemd.exec(5), `$SERVICE_RESULT`), in words.
  private static func words(_ result: String, _ unit: String) -> String {
    let words =
      switch result {
      case "exit-code": "its program ended with an error"
      case "signal": "a signal ended its program"
      case "core-dump": "its program crashed"
      case "oom-kill": "its program ran out of memory"
      case "timeout": "it did not start or stop in time"
      case "start-limit-hit", "service-start-limit-hit", "trigger-limit-hit":
        "it ended too often within a short time"
      case "resources": "systemd could not start it"
      case "success", "": "it ended"
      default: "it ended (\(result))"
      }
    return "\(words): journalctl -u \(unit)"
  }
}
