internal import Apply
internal import Systemd

/// Which signals of systemd mean something for this box.
enum UnitFilter {
  /// What a signal means.
  enum Meaning: Equatable {
    /// Something is to be read again.
    case change
    /// The unit of irqbalance came, went or had a job.
    case balancer
    /// The unit of a runtime, of its door or of the socket of that.
    case runtime
    case nothing
  }

  static func meaning(_ signal: BusSignal) -> Meaning {
    if signal.path != SystemManager.path { return .runtime }
    return switch signal.member {
    case "UnitNew", "UnitRemoved":
      // Name, then object path.
      signal.arguments.first.map(meaning) ?? .nothing
    case "JobRemoved" where signal.arguments.count >= 4:
      // Number, object path, unit, result.
      meaning(signal.arguments[2])
    // How many units are in the state failed has changed. Which ones is read.
    case "PropertiesChanged": .change
    default: .nothing
    }
  }

  /// Scopes of containers, slices of tinybox, and what moves interrupts. Sessions, timers and the
  /// like place nothing.
  private static func meaning(_ unit: String) -> Meaning {
    if unit == "irqbalance.service" { return .balancer }
    if RuntimeUnits.runtime(of: unit) != nil { return .runtime }
    let isOurs =
      unit.hasSuffix(".scope")
      ? !unit.hasPrefix("session-") && unit != "init.scope"
      : unit.hasPrefix("tinybox") && unit.hasSuffix(".slice")
    return isOurs ? .change : .nothing
  }
}
