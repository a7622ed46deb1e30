internal import Base

/// Shows facts of one object: the value, `unknown` when it could not be determined, `-` when the
/// object has no such thing. Never a zero for either.
struct FactText {
  private let unknown: [UnknownFact]

  init(_ unknown: [UnknownFact]) { self.unknown = unknown }

  /// Whether one of the facts is unknown. A fact is named by its key, or by its path of keys of
  /// which this is the start or the end.
  func isUnknown(_ facts: [String]) -> Bool {
    unknown.contains { entry in facts.contains { Self.names(entry.fact, $0) } }
  }

  private static func names(_ noted: String, _ fact: String) -> Bool {
    if noted == fact { return true }
    if noted.utf8.count <= fact.utf8.count { return false }
    return noted.hasPrefix(fact + ".") || noted.hasPrefix(fact + "[")
      || noted.hasSuffix("." + fact)
  }

  /// What stands for a fact that has no value.
  func missing(_ facts: [String]) -> Line {
    !unknown.isEmpty && isUnknown(facts) ? Line("unknown", .warning) : Line("-", .dim)
  }

  /// A fact, shown by `format`; several keys when it may be named by either.
  func show<Value>(_ value: Value?, _ facts: String..., format: (Value) -> String) -> Line {
    if let value { return Line(format(value)) }
    return missing(facts)
  }

  func show(_ value: String?, _ facts: String...) -> Line {
    if let value { return Line(value) }
    return missing(facts)
  }

  func show(_ value: Int?, _ facts: String...) -> Line {
    if let value { return Line("\(value)") }
    return missing(facts)
  }
}
