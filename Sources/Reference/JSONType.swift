internal import Base

/// What a property becomes in JSON, by its type in Swift.
indirect enum JSONType: Equatable, Sendable {
  case text
  case flag
  case number
  /// A whole number of so many bits.
  case integer(bits: Int, isSigned: Bool)
  case list(JSONType)
  /// An object whose keys are texts, or the digits of numbers.
  case map(hasNumbersAsKeys: Bool, JSONType)
  /// A type of tinybox, by its identifier in the symbol graph.
  case named(String)

  /// Types of the standard library, by their identifiers.
  private static let standard: [String: JSONType] = [
    "s:SS": .text, "s:Sb": .flag, "s:Sd": .number, "s:Si": .integer(bits: 64, isSigned: true),
    "s:s5Int32V": .integer(bits: 32, isSigned: true),
    "s:s5UInt8V": .integer(bits: 8, isSigned: false),
    "s:s6UInt16V": .integer(bits: 16, isSigned: false),
    "s:s6UInt32V": .integer(bits: 32, isSigned: false),
    "s:s6UInt64V": .integer(bits: 64, isSigned: false),
  ]

  init(identifier: String) { self = JSONType.standard[identifier] ?? .named(identifier) }
}

/// Reads the type of a property from its declaration: names, brackets, colons and question marks.
struct TypeReader {
  private enum Token: Equatable {
    case name(String?)
    case mark(Character)
  }

  private var rest: ArraySlice<Token>
  private let property: String

  /// Reads what stands after the colon of a property's declaration.
  /// - Returns: its type, and whether it may be absent; nil for a property that is computed.
  static func read(
    _ symbol: SymbolGraph.Symbol
  ) throws(Failure) -> (type: JSONType, isOptional: Bool)? {
    var tokens: [Token] = []
    for fragment in symbol.declarationFragments {
      switch fragment.kind {
      case "typeIdentifier": tokens.append(.name(fragment.preciseIdentifier))
      case "text": tokens += fragment.spelling.filter { !$0.isWhitespace }.map(Token.mark)
      default: tokens.append(.name(nil))
      }
    }
    if tokens.contains(.mark("{")) { return nil }
    guard let colon = tokens.firstIndex(of: .mark(":")) else { return nil }
    var reader = TypeReader(rest: tokens[(colon + 1)...], property: symbol.name)
    let type = try reader.type()
    let isOptional = reader.skip("?")
    if !reader.rest.isEmpty { throw reader.failure }
    return (type, isOptional)
  }

  private mutating func type() throws(Failure) -> JSONType {
    if skip("[") {
      let first = try type()
      guard skip(":") else {
        if !skip("]") { throw failure }
        return .list(first)
      }
      let value = try type()
      if !skip("]") { throw failure }
      switch first {
      case .text: return .map(hasNumbersAsKeys: false, value)
      case .integer: return .map(hasNumbersAsKeys: true, value)
      default: throw failure
      }
    }
    guard case .name(var identifier?)? = rest.first else { throw failure }
    rest.removeFirst()
    // Of a type within another, each part may be a token of its own.
    while rest.first == .mark("."), case .name(let inner?)? = rest.dropFirst().first {
      identifier = inner
      rest.removeFirst(2)
    }
    return JSONType(identifier: identifier)
  }

  private mutating func skip(_ mark: Character) -> Bool {
    guard rest.first == .mark(mark) else { return false }
    rest.removeFirst()
    return true
  }

  private var failure: Failure {
    Failure("document \(property)", because: "the generator knows no JSON for its type")
  }
}
