internal import Base

/// Reads the part of TOML 1.0 that settings use, and keeps the line of each key.
///
/// TOMLKit was tried first: it gives lines for syntax errors only, not for keys and values, so an
/// unknown key could not be pointed at; and it brings 17,000 lines of C++ and its run time. Left
/// out here, and refused with a message: floats, dates, texts of several lines, arrays of tables.
package struct TOMLParser {
  private let text: [UInt8]
  private let file: String
  private var index = 0
  private var line = 1
  private var root = TOMLTable(origin: .header)
  /// The table that keys go into.
  private var current: [String] = []

  /// Deeper than any setting lies, and a bound on the recursion.
  private static let maximumDepth = 16

  /// Parses a file.
  package static func parse(
    _ text: [UInt8], file: String
  ) throws(ConfigurationProblem) -> TOMLTable {
    var parser = TOMLParser(text: text, file: file)
    try parser.run()
    return parser.root
  }

  private init(text: [UInt8], file: String) {
    self.text = text
    self.file = file
    // A byte order mark, which editors on other systems put in front of UTF-8.
    if text.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
  }

  private mutating func run() throws(ConfigurationProblem) {
    while true {
      try skipBlank(lineFeeds: true)
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "[") {
        try header()
      } else {
        try assignment(in: current, closing: false)
      }
      try endOfLine()
    }
  }

  /// `[a.b."c d"]`
  private mutating func header() throws(ConfigurationProblem) {
    let position = here
    index += 1
    if peek == UInt8(ascii: "[") { throw problem("arrays of tables are not supported") }
    let path = try keyPath()
    guard peek == UInt8(ascii: "]") else { throw problem("expected ']' after the table's name") }
    index += 1
    current = path
    try root.define(path[...], position, whole: path)
  }

  /// `key = value`, put into the table at `path`.
  private mutating func assignment(
    in path: [String], closing: Bool
  ) throws(ConfigurationProblem) {
    let position = here
    let key = try keyPath()
    guard peek == UInt8(ascii: "=") else { throw problem("expected '=' after a key") }
    index += 1
    try skipBlank(lineFeeds: false)
    let value = try value(depth: 0)
    try root.assign(
      path[...], key[...], TOMLNode(value: value, position: position), whole: path + key)
  }

  // MARK: keys

  private mutating func keyPath() throws(ConfigurationProblem) -> [String] {
    var path: [String] = []
    while true {
      try skipBlank(lineFeeds: false)
      path.append(try key())
      try skipBlank(lineFeeds: false)
      if path.count > TOMLParser.maximumDepth { throw problem("a key of too many parts") }
      guard peek == UInt8(ascii: ".") else { return path }
      index += 1
    }
  }

  private mutating func key() throws(ConfigurationProblem) -> String {
    switch peek {
    case UInt8(ascii: "\""): return try basicString()
    case UInt8(ascii: "'"): return try literalString()
    default:
      let start = index
      while let byte = peek, TOMLParser.isBare(byte) { index += 1 }
      if start == index { throw problem("expected a key") }
      return String(decoding: text[start..<index], as: UTF8.self)
    }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  // MARK: values

  private mutating func value(depth: Int) throws(ConfigurationProblem) -> TOMLValue {
    if depth > TOMLParser.maximumDepth { throw problem("values nested too deep") }
    switch peek {
    case UInt8(ascii: "\""): return .string(try basicString())
    case UInt8(ascii: "'"): return .string(try literalString())
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "{"): return .table(try inlineTable(depth: depth))
    default: break
    }
    let start = index
    while let byte = peek,
      TOMLParser.isBare(byte) || byte == UInt8(ascii: "+")
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    {
      index += 1
    }
    let word = String(decoding: text[start..<index], as: UTF8.self)
    switch word {
    case "": throw problem("expected a value")
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default:
      if let number = TOMLParser.integer(word) { return .integer(number) }
      throw problem(
        TOMLParser.isDigits(word) && word.utf8.count > 18
          ? "'\(word)' is too large a number"
          : "'\(word)' is no value: numbers are integers, and strings are in quotes")
    }
  }

  /// Decimal with single underscores between digits, or `0x`, `0o`, `0b`.
  /// Whether a word can be meant as a decimal number.
  private static func isDigits(_ word: String) -> Bool {
    let digits = word.drop { $0 == "+" || $0 == "-" }
    return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x5f }
  }

  private static func integer(_ word: String) -> Int? {
    let parts = word.split(separator: "_", omittingEmptySubsequences: false)
    if parts.contains(where: \.isEmpty) { return nil }
    let digits = parts.joined()
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
      let rest = digits.dropFirst(2)
      return rest.first == "+" || rest.first == "-" ? nil : Int(rest, radix: radix)
    }
    let unsigned = digits.drop { $0 == "+" || $0 == "-" }
    if unsigned.count > 1, unsigned.first == "0" { return nil }
    return Int(digits)
  }

  private mutating func array(depth: Int) throws(ConfigurationProblem) -> [TOMLNode] {
    index += 1
    var nodes: [TOMLNode] = []
    while true {
      try skipBlank(lineFeeds: true)
      if peek == UInt8(ascii: "]") { break }
      let position = here
      nodes.append(TOMLNode(value: try value(depth: depth + 1), position: position))
      try skipBlank(lineFeeds: true)
      if peek == UInt8(ascii: ",") {
        index += 1
      } else if peek != UInt8(ascii: "]") {
        throw problem("expected ',' or ']' in a list")
      }
    }
    index += 1
    return nodes
  }

  private mutating func inlineTable(depth: Int) throws(ConfigurationProblem) -> TOMLTable {
    index += 1
    var table = TOMLTable(origin: .dotted)
    try skipBlank(lineFeeds: false)
    while peek != UInt8(ascii: "}") {
      let position = here
      let key = try keyPath()
      guard peek == UInt8(ascii: "=") else { throw problem("expected '=' after a key") }
      index += 1
      try skipBlank(lineFeeds: false)
      let node = TOMLNode(value: try value(depth: depth + 1), position: position)
      try table.assign([], key[...], node, whole: key)
      try skipBlank(lineFeeds: false)
      if peek == UInt8(ascii: ",") {
        index += 1
        try skipBlank(lineFeeds: false)
        if peek == UInt8(ascii: "}") { throw problem("no ',' before '}'") }
      } else if peek != UInt8(ascii: "}") {
        throw problem("expected ',' or '}' in a table")
      }
    }
    index += 1
    table.origin = .inline
    return table
  }

  // MARK: texts

  private mutating func literalString() throws(ConfigurationProblem) -> String {
    if at("'''") { throw problem("multi-line strings are not supported") }
    index += 1
    let start = index
    while let byte = peek, byte != UInt8(ascii: "'") {
      try checkText(byte)
      index += 1
    }
    guard peek != nil else { throw problem("a string without its closing quote") }
    let content = text[start..<index]
    index += 1
    return try checked(Array(content))
  }

  private mutating func basicString() throws(ConfigurationProblem) -> String {
    if at("\"\"\"") { throw problem("multi-line strings are not supported") }
    index += 1
    var content: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\"") {
      try checkText(byte)
      index += 1
      if byte == UInt8(ascii: "\\") { content += try escape() } else { content.append(byte) }
    }
    guard peek != nil else { throw problem("a string without its closing quote") }
    index += 1
    return try checked(content)
  }

  private mutating func escape() throws(ConfigurationProblem) -> [UInt8] {
    guard let byte = peek else { throw problem("a string without its closing quote") }
    index += 1
    switch byte {
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let length = byte == UInt8(ascii: "u") ? 4 : 8
      guard index + length <= text.count,
        text[index..<index + length].allSatisfy({ ASCII.hexDigit($0) != nil }),
        let number = ASCII.hexadecimal(text[index..<index + length]),
        let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init)
      else { throw problem("\\\(Character(Unicode.Scalar(byte))) needs \(length) hex digits") }
      index += length
      return Array(String(Character(scalar)).utf8)
    case 0x21...0x7e: throw problem("no such escape: \\\(Character(Unicode.Scalar(byte)))")
    default: throw problem("no such escape")
    }
  }

  private func checked(
    _ bytes: [UInt8], _ what: String = "a string"
  ) throws(ConfigurationProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("\(what) that is not UTF-8")
    }
    return text
  }

  /// Refuses what may not stand in a text as it is.
  private func checkText(_ byte: UInt8) throws(ConfigurationProblem) {
    if byte == 0x0a || isLineEnd { throw problem("a string without its closing quote") }
    try checkControl(byte, in: "a string")
  }

  /// Refuses control characters other than tab, as TOML 1.0 does: in an editor they are not seen, and a
  /// terminal obeys them.
  private func checkControl(
    _ byte: UInt8, in place: String
  ) throws(ConfigurationProblem) {
    if byte < 0x20 && byte != 0x09 || byte == 0x7f {
      throw problem("a control character in \(place): byte 0x\(String(byte, radix: 16))")
    }
  }

  // MARK: characters

  private var peek: UInt8? { index < text.count ? text[index] : nil }
  private var here: ConfigurationPosition { ConfigurationPosition(file: file, line: line) }

  /// Whether a carriage return stands here that a line feed follows: anywhere else it is no end of a line.
  private var isLineEnd: Bool {
    peek == 0x0d && index + 1 < text.count && text[index + 1] == 0x0a
  }

  private func at(_ word: String) -> Bool { text[index...].starts(with: word.utf8) }

  private func problem(_ message: String) -> ConfigurationProblem {
    ConfigurationProblem(here, message)
  }

  /// Skips blanks and comments, and line feeds where they mean nothing.
  private mutating func skipBlank(lineFeeds: Bool) throws(ConfigurationProblem) {
    while let byte = peek {
      switch byte {
      case 0x20, 0x09: index += 1
      case 0x0d where isLineEnd: index += 1
      case 0x0d: throw problem("a carriage return without a line feed")
      case 0x0a where lineFeeds:
        index += 1
        line += 1
      case UInt8(ascii: "#"): try skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws(ConfigurationProblem) {
    let start = index
    while let byte = peek, byte != 0x0a, !isLineEnd {
      try checkControl(byte, in: "a comment")
      index += 1
    }
    _ = try checked(Array(text[start..<index]), "a comment")
  }

  private mutating func endOfLine() throws(ConfigurationProblem) {
    try skipBlank(lineFeeds: false)
    guard let byte = peek else { return }
    if byte != 0x0a { throw problem("something after the end of a value: one key to a line") }
  }
}
