/// The result of a change.
public struct ApplyResult: Codable, Hashable, Sendable {
  /// How it ended.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// The value is set, and in effect as far as that can be seen.
    case done
    /// The value is set, and takes effect later: an interrupt moves when it next occurs.
    case pending
    /// The value was set already.
    case unchanged
    /// The policy does not allow it.
    case notAllowed
    /// The machine refused it.
    case refused
    /// What was to be changed does not exist any more.
    case gone
    /// The machine accepted it, but another value is in place.
    case differs
  }
  /// The change.
  public var change: Change
  /// How it ended.
  public var outcome: Outcome
  /// The value now, where it is not the one asked for.
  public var actual: String?
  /// Why it was refused.
  public var reason: String?

  /// The result of a change.
  package init(
    change: Change, outcome: Outcome, actual: String? = nil, reason: String? = nil
  ) {
    self.change = change
    self.outcome = outcome
    self.actual = actual
    self.reason = reason
  }
}
