/// What came of a change.
public struct ApplyResult: Codable, Hashable, Sendable {
  /// What came of it.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// It holds, and has taken effect as far as that can be seen.
    case done
    /// It holds, and takes effect later: an interrupt moves when it next comes.
    case pending
    /// It held already.
    case unchanged
    /// The policy does not consent to it.
    case notAllowed
    /// The machine refused it.
    case refused
    /// What was to be changed is not there any more.
    case gone
    /// It was accepted, and something else holds.
    case differs
  }
  /// The change.
  public var change: Change
  /// What came of it.
  public var outcome: Outcome
  /// What holds now, where that is not what was asked for.
  public var actual: String?
  /// Why it was refused.
  public var reason: String?

  /// What came of a change.
  public init(
    change: Change, outcome: Outcome, actual: String? = nil, reason: String? = nil
  ) {
    self.change = change
    self.outcome = outcome
    self.actual = actual
    self.reason = reason
  }
}
