/// A fact that could not be determined, and why.
public struct UnknownFact: Codable, Hashable, Sendable {
  /// The JSON key of the fact.
  public var fact: String
  /// Where it would have come from.
  public var path: String
  /// Why it could not be read or understood.
  public var reason: String

  /// A fact that could not be determined.
  package init(fact: String, path: String, reason: String) {
    self.fact = fact
    self.path = path
    self.reason = reason
  }

  /// The end of a reason where more rights do not help.
  public static let evenToRoot = ", even to root"

  /// Whether it is unknown for lack of rights, so that root would see it.
  public var isForRights: Bool {
    reason.contains("permission denied") && !reason.hasSuffix(UnknownFact.evenToRoot)
  }
}
