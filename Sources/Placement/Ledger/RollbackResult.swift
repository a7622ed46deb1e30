/// The result for an entry of the ledger.
public struct RollbackResult: Codable, Hashable, Sendable {
  /// How it ended.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// The original is back, byte for byte.
    case restored
    /// The original was in place already.
    case unchanged
    /// The device, interrupt or unit does not exist any more: nothing to put back.
    case gone
    /// The machine refused; the ledger keeps the entry.
    case refused
  }
  /// What was changed.
  public var knob: Knob
  /// What it belongs to.
  public var subject: String
  /// How it ended.
  public var outcome: Outcome
  /// The value that was put back, or should have been.
  public var original: String
  /// Why it was refused, or what else had happened to it.
  public var reason: String?

  /// The result for an entry.
  package init(
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
  /// The result for each entry.
  case results([RollbackResult])
}
