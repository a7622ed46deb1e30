/// A value that a request carries: a name in braces of the path, or a parameter of the query.
public struct Parameter: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// What it selects.
  public var meaning: String
  /// What values it has.
  public var kind: Kind
  /// A valid value. Where it names something on a machine, that need not exist.
  public var example: String

  /// Kinds of values.
  public enum Kind: Hashable, Sendable {
    /// Any text but an empty one; it names something that may not be there.
    case text
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// One of these words.
    case word([String])
  }

  private init(_ name: String, _ meaning: String, _ kind: Kind, _ example: String) {
    self.name = name
    self.meaning = meaning
    self.kind = kind
    self.example = example
  }

  /// A parameter that names something.
  package static func text(_ name: String, _ meaning: String, example: String) -> Parameter {
    Parameter(name, meaning, .text, example)
  }

  /// A whole number.
  package static func integer(
    _ name: String, _ meaning: String, in range: ClosedRange<Int>, example: Int
  ) -> Parameter {
    Parameter(name, meaning, .integer(range), "\(example)")
  }

  /// One of some words.
  package static func word(_ name: String, _ meaning: String, of words: [String]) -> Parameter {
    Parameter(name, meaning, .word(words), words.first ?? "")
  }

  /// Checks a value against the kind.
  /// - Throws: the problem, for the client.
  func check(_ value: String) throws(Problem) {
    let cause: String
    switch kind {
    case .text:
      if !value.isEmpty { return }
      cause = "it is empty"
    case .integer(let range):
      if let number = Int(value), range.contains(number), !value.hasPrefix("+") { return }
      cause = "'\(value)' is no number from \(range.lowerBound) to \(range.upperBound)"
    case .word(let words):
      if words.contains(value) { return }
      cause = "'\(value)' is not one of \(words.joined(separator: ", "))"
    }
    throw Problem(400, "use parameter '\(name)'", cause: cause)
  }
}
