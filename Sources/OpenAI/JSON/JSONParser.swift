/// Reads JSON (RFC 8259) that anybody may have sent: its depth and the number of its values are
/// bounded, and no input stops the program.
package struct JSONParser {
  /// What is wrong, and the byte it was found at.
  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var offset: Int
    package var reason: String
    package var description: String { "\(reason) at byte \(offset)" }
  }

  /// Arrays and objects within each other. The official client's requests have 6 at most.
  package static let deepest = 64
  /// Values of a document, names of members not counted. Each takes some 40 bytes of memory.
  package static let mostValues = 250_000

  let bytes: [UInt8]
  var index = 0
  private var values = 0
  private let limit: Int

  private init(_ bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  /// The value of a whole document.
  package static func parse(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
    var parser = JSONParser(bytes, limit: mostValues)
    // A byte order mark may be ignored (RFC 8259, section 8.1).
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.index = 3 }
    let value = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.index == bytes.count else { throw parser.problem("unexpected text") }
    return value
  }

  /// Where the values of a document's members are, without their content in memory: for documents with
  /// more numbers than `mostValues`, such as embeddings. All of it is checked.
  package static func members(
    _ bytes: [UInt8]
  ) throws(Problem) -> [(name: String, value: Range<Int>)] {
    var parser = JSONParser(bytes, limit: .max)
    parser.skipBlanks()
    guard parser.peek == UInt8(ascii: "{") else { throw parser.problem("expected an object") }
    parser.index += 1
    var members: [(name: String, value: Range<Int>)] = []
    parser.skipBlanks()
    if parser.peek == UInt8(ascii: "}") {
      parser.index += 1
    } else {
      repeat {
        let name = try parser.name()
        parser.skipBlanks()
        let start = parser.index
        try parser.skip(depth: 1)
        members.append((name, start..<parser.index))
      } while try parser.continues(until: UInt8(ascii: "}"))
    }
    parser.skipBlanks()
    guard parser.index == bytes.count else { throw parser.problem("unexpected text") }
    return members
  }

  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  func problem(_ reason: String, at offset: Int? = nil) -> Problem {
    Problem(offset: offset ?? index, reason: index >= bytes.count ? "unexpected end" : reason)
  }

  private mutating func skipBlanks() {
    while index < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[index]) { index += 1 }
  }

  private mutating func enter(depth: Int) throws(Problem) {
    guard depth < JSONParser.deepest else {
      throw Problem(offset: index, reason: "more than \(JSONParser.deepest) levels")
    }
    values += 1
    guard values <= limit else {
      throw Problem(offset: index, reason: "more than \(limit) values")
    }
    skipBlanks()
  }

  private mutating func value(depth: Int) throws(Problem) -> JSONValue {
    try enter(depth: depth)
    switch peek {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"):
      index += 1
      var members: [JSONValue.Member] = []
      var names: Set<String> = []
      skipBlanks()
      if peek == UInt8(ascii: "}") {
        index += 1
        return .object([])
      }
      repeat {
        let start = index
        let name = try name()
        // Which of two counts differs between readers: what is checked could not be what is used.
        guard names.insert(name).inserted else {
          throw Problem(offset: start, reason: "the member '\(name.prefix(64))' is there twice")
        }
        members.append(JSONValue.Member(name, try value(depth: depth + 1)))
      } while try continues(until: UInt8(ascii: "}"))
      return .object(members)
    case UInt8(ascii: "["):
      index += 1
      var items: [JSONValue] = []
      skipBlanks()
      if peek == UInt8(ascii: "]") {
        index += 1
        return .array([])
      }
      repeat {
        items.append(try value(depth: depth + 1))
      } while try continues(
        until: UInt8(ascii: "]"))
      return .array(items)
    case UInt8(ascii: "t"):
      try word("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .boolean(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    default:
      let range = try number()
      return .number(String(decoding: bytes[range], as: UTF8.self))
    }
  }

  /// Passes over a value, checking it.
  private mutating func skip(depth: Int) throws(Problem) {
    try enter(depth: depth)
    switch peek {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"):
      index += 1
      skipBlanks()
      if peek == UInt8(ascii: "}") {
        index += 1
        return
      }
      repeat {
        _ = try name()
        try skip(depth: depth + 1)
      } while try continues(until: UInt8(ascii: "}"))
    case UInt8(ascii: "["):
      index += 1
      skipBlanks()
      if peek == UInt8(ascii: "]") {
        index += 1
        return
      }
      repeat { try skip(depth: depth + 1) } while try continues(until: UInt8(ascii: "]"))
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: _ = try number()
    }
  }

  private mutating func name() throws(Problem) -> String {
    skipBlanks()
    guard peek == UInt8(ascii: "\"") else { throw problem("expected the name of a member") }
    let name = try string()
    skipBlanks()
    guard peek == UInt8(ascii: ":") else { throw problem("expected ':'") }
    index += 1
    return name
  }

  private mutating func continues(until end: UInt8) throws(Problem) -> Bool {
    skipBlanks()
    switch peek {
    case UInt8(ascii: ","):
      index += 1
      return true
    case end:
      index += 1
      return false
    default: throw problem("expected ',' or '\(Character(Unicode.Scalar(end)))'")
    }
  }

  private mutating func word(_ word: StaticString) throws(Problem) {
    let text = "\(word)"
    guard bytes[index...].starts(with: text.utf8) else { throw problem("expected a value") }
    index += text.utf8.count
  }

  private mutating func number() throws(Problem) -> Range<Int> {
    let start = index
    if peek == UInt8(ascii: "-") { index += 1 }
    let first = peek
    guard digits() > 0 else { throw problem("expected a value") }
    if first == UInt8(ascii: "0"), index > start + (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
      throw problem("a number starts with 0", at: start)
    }
    if peek == UInt8(ascii: ".") {
      index += 1
      guard digits() > 0 else { throw problem("expected digits") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      index += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
      guard digits() > 0 else { throw problem("expected digits") }
    }
    return start..<index
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = peek, 0x30...0x39 ~= byte { index += 1 }
    return index - start
  }
}
