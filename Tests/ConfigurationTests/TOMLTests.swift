import Testing

@testable import Configuration

@Suite struct TOMLTests {
  private func parse(_ text: String) throws -> TOMLTable {
    try TOMLParser.parse(Array(text.utf8), file: "f")
  }

  private func value(_ text: String) throws -> TOMLValue? {
    try parse("k = \(text)").entries["k"]?.value
  }

  /// The message of a failure, and its line.
  private func failure(_ text: String) -> String? {
    do {
      _ = try parse(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `values as the TOML specification writes them`() throws {
    #expect(try value("1_000") == .integer(1000))
    #expect(failure("k = -0x1F") != nil)
    #expect(try value("0x1F") == .integer(31))
    #expect(try value("0b101") == .integer(5))
    #expect(try value("+7") == .integer(7))
    #expect(try value("true") == .boolean(true))
    #expect(try value(#""a\tb\u00e9\"""#) == .string("a\tbé\""))
    #expect(try value(#"'C:\n'"#) == .string(#"C:\n"#))
    guard case .array(let items) = try value("[1, # one\n 2,\n]") else {
      Issue.record("no list")
      return
    }
    #expect(items.map(\.value) == [.integer(1), .integer(2)])
    #expect(items.map(\.position.line) == [1, 2])
  }

  @Test func `keys carry their lines through tables, dots and braces`() throws {
    let root = try parse(
      """
      # a comment
      [a.b]
      c.d = 1
      "e f" = { g = 2, h = { i = 3 } }

      [a]
      j = 4
      """)
    guard case .table(let a)? = root.entries["a"]?.value,
      case .table(let b)? = a.entries["b"]?.value,
      case .table(let c)? = b.entries["c"]?.value,
      case .table(let e)? = b.entries["e f"]?.value
    else {
      Issue.record("tables missing")
      return
    }
    #expect(c.entries["d"]?.position.line == 3)
    #expect(e.entries["g"]?.value == .integer(2))
    #expect(a.entries["j"]?.position.line == 7)
  }

  @Test(arguments: [
    ("a = 1\na = 2", "f:2: a: already set on line 1"),
    ("[a]\n[a]", "f:2: a: already set on line 1"),
    ("a = 1\n[a.b]", "f:2: a.b: already set on line 1"),
    ("a = { b = 1 }\n[a.c]", "f:2: a.c: already set on line 1"),
    ("a.b = 1\n[a]", "f:2: a: already set on line 1"),
    ("[[a]]", "f:1: arrays of tables are not used here"),
    ("a = 1.5", "f:1: '1.5' is no value: numbers are whole, and texts stand in quotes"),
    ("a = yes", "f:1: 'yes' is no value: numbers are whole, and texts stand in quotes"),
    ("a = 1 b = 2", "f:1: something after the end of a value: one key to a line"),
    ("a = \"x", "f:1: a text without its closing quote"),
    ("\n\n= 1", "f:3: expected a key"),
    ("a", "f:1: expected '=' after a key"),
    ("a = ", "f:1: expected a value"),
    ("a = [1", "f:1: expected ',' or ']' in a list"),
    ("a = { b = 1, }", "f:1: no ',' before '}'"),
    ("a = \"\\q\"", "f:1: no such escape: \\q"),
    ("a = 012", "f:1: '012' is no value: numbers are whole, and texts stand in quotes"),
    ("[a", "f:1: expected ']' after the table's name"),
  ])
  func `mistakes are named with their line`(text: String, message: String) {
    #expect(failure(text) == message)
  }

  @Test func `no prefix of a file, and no changed byte, ends the program`() throws {
    let text = Array("[a.'b c']\nk = [1, 0x2, \"\\u00e9\", { l = 'm' }] # n\nn.o = true\n".utf8)
    for count in 0...text.count {
      _ = try? TOMLParser.parse(Array(text.prefix(count)), file: "f")
    }
    for index in text.indices {
      for byte in [0, 0x0a, 0x22, 0x5b, 0x5c, 0x7b, 0x80, 0xff] as [UInt8] {
        var changed = text
        changed[index] = byte
        _ = try? TOMLParser.parse(changed, file: "f")
      }
    }
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: ConfigurationProblem.self) { try parse("a = " + deep) }
  }

  @Test func `a text that is not UTF-8 is refused`() {
    #expect(throws: ConfigurationProblem.self) {
      try TOMLParser.parse(Array("a = \"".utf8) + [0xff, 0x22], file: "f")
    }
  }
}
