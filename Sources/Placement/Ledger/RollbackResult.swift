/// What came of an entry of the ledger.
public struct RollbackResult: Codable, Hashable, Sendable {
  /// What came of it.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// The original is back, byte for byte.
    case restored
    /// It held already.
    case unchanged
    /// The device, interrupt or unit is not there any more: nothing to put back.
    case gone
    /// The machine refused; the ledger keeps the entry.
    case refused
  }
  /// What was changed.
  public var knob: Knob
  /// What it belongs to.
  public var subject: String
  /// What came of it.
  public var outcome: Outcome
  /// The value that was put back, or should have been.
  public var original: String
  /// Why it was refused, or what else had happened to it.
  public var reason: String?

  /// What came of an entry.
  public init(
    knob: Knob, subject: String, outcome: Outcome, original: String, reason: String? = nil
  ) {
    self.knob = knob
    self.subject = subject
    self.outcome = outcome
    self.original = original
    self.reason = reason
  }
}

/// What there was to roll back.
public enum RollbackReport: Hashable, Sendable {
  /// Nothing: no ledger, or an empty one.
  case nothing
  /// The ledger is of another boot: its values are gone already.
  case otherBoot(String)
  /// What came of each entry.
  case results([RollbackResult])
}
