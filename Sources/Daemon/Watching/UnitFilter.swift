internal import Vendor

/// Which signals of systemd mean something for this box.
enum UnitFilter {
  /// What a signal means.
  enum Meaning: Equatable {
    /// Something is to be read again.
    case change
    /// Nothing to us.
    case nothing
  }

  static func meaning(_ signal: BusSignal) -> Meaning {
    switch signal.member {
    case "UnitNew", "UnitRemoved":
      // Name, then object path.
      signal.arguments.first.map(isOurs) == true ? .change : .nothing
    case "JobRemoved" where signal.arguments.count >= 4:
      // Number, object path, unit, result.
      // Which units are in the state failed is read, not guessed from a job.
      signal.arguments[3] == "failed" || isOurs(signal.arguments[2]) ? .change : .nothing
    default: .nothing
    }
  }

  /// Scopes of containers, slices of ours, and who moves interrupts. Sessions, timers and the like
  /// place nothing.
  private static func isOurs(_ unit: String) -> Bool {
    if unit.hasSuffix(".scope") { return !unit.hasPrefix("session-") && unit != "init.scope" }
    return unit == "irqbalance.service"
      || unit.hasPrefix("tinybox")
        && (unit.hasSuffix(".slice") || unit.hasPrefix("tinybox-runtime"))
  }
}
