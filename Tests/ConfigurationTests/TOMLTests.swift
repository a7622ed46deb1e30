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
    ("[[a]]", "f:1: arrays of tables are not supported"),
    ("a = 1.5", "f:1: '1.5' is no value: numbers are integers, and strings are in quotes"),
    ("a = yes", "f:1: 'yes' is no value: numbers are integers, and strings are in quotes"),
    ("a = 1 b = 2", "f:1: something after the end of a value: one key to a line"),
    ("a = \"x", "f:1: a string without its closing quote"),
    ("\n\n= 1", "f:3: expected a key"),
    ("a", "f:1: expected '=' after a key"),
    ("a = ", "f:1: expected a value"),
    ("a = [1", "f:1: expected ',' or ']' in a list"),
    ("a = { b = 1, }", "f:1: no ',' before '}'"),
    ("a = \"\\q\"", "f:1: no such escape: \\q"),
    ("a = 012", "f:1: '012' is no value: numbers are integers, and strings are in quotes"),
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

  @Test func `a line ends with a line feed, also with a carriage return before it`() throws {
    let root = try parse("[a] # x\r\nb = [1,\r\n 2] \t\r\n\r\nc = 'd'\r\n")
    guard case .table(let a)? = root.entries["a"]?.value else {
      Issue.record("no table")
      return
    }
    #expect(a.entries["c"]?.value == .string("d") && a.entries["c"]?.position.line == 5)
    let alone = "f:1: a carriage return without a line feed"
    for text in ["a = 1\rb = 2", "\ra = 1", "a = 1\r", "a =\r1", "[a]\r[b]", "a = [1,\r2]"] {
      #expect(failure(text) == alone, "\(text.debugDescription)")
    }
    // An editor shows another line here, and the key in it does not hold.
    #expect(failure("# a\rb = 2\n") == "f:1: a control character in a comment: byte 0xd")
    #expect(failure("a = \"x\r\n") == "f:1: a string without its closing quote")
  }

  @Test func `control characters stand in no comment, and in a text only as escapes`() throws {
    for byte in Array(0...0x1f) + [0x7f] as [UInt8] where byte != 0x0a && byte != 0x09 {
      let name = "byte 0x\(String(byte, radix: 16))"
      for (before, after, place) in [
        ("# ", "", "a comment"), ("a = 1 # ", "\n", "a comment"), ("a = \"x", "y\"", "a string"),
        ("a = 'x", "y'", "a string"), ("'x", "' = 1", "a string"),
      ] {
        let text = Array(before.utf8) + [byte] + Array(after.utf8)
        // With this one the line ends.
        if byte == 0x0d, after.hasPrefix("\n") { continue }
        let position = ConfigurationPosition(file: "f", line: 1)
        #expect(
          throws: ConfigurationProblem(position, "a control character in \(place): \(name)")
        ) { try TOMLParser.parse(text, file: "f") }
      }
    }
    #expect(try value("\"a\tb\" # c\td") == .string("a\tb"))
    #expect(try value(#""\u001b""#) == .string("\u{1b}"))
    #expect(failure("a = \"\\\u{1b}\"") == "f:1: no such escape")
    #expect(throws: ConfigurationProblem.self) {
      try TOMLParser.parse([0x23, 0x20, 0xff, 0x0a], file: "f")
    }
    #expect(try parse("# é\na = 1").entries.count == 1)
  }

  @Test func `a byte order mark is passed over at the start, and nowhere else`() throws {
    #expect(try parse("\u{feff}a = 1").entries["a"]?.value == .integer(1))
    #expect(try parse("\u{feff}").entries.isEmpty)
    #expect(failure("a = 1\n\u{feff}b = 2") == "f:2: expected a key")
  }

  @Test func `a key is written so that it can be read again, and nothing in it is obeyed`() throws {
    for key in ["a-b", "", "a b", "a\"b", "a\\b", "a\u{1b}[2J", "a\nb", "a\u{9b}b", "é"] {
      let written = TOMLTable.quoted(key)
      #expect(try parse("\(written) = 1").entries[key]?.value == .integer(1), "\(written)")
      let isPlain = written.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
      }
      #expect(isPlain, "\(written)")
    }
    #expect(
      failure(#""\u001b[2J" = 1"# + "\n" + #""\u001b[2J" = 2"#)
        == #"f:2: "\u001b[2J": already set on line 1"#)
  }

  @Test func `many keys of one table, of dotted keys and of headers all arrive`() throws {
    let count = 20_000
    var text = "[a.b]\n"
    for number in 0..<count { text += "k\(number) = \(number)\n" }
    text += "[c]\n"
    for number in 0..<count { text += "d.k\(number) = \(number)\n" }
    for number in 0..<count { text += "[e.k\(number)]\n" }
    let root = try parse(text)
    func table(_ path: String...) -> TOMLTable? {
      path.reduce(Optional(root)) { table, key in
        guard case .table(let below)? = table?.entries[key]?.value else { return nil }
        return below
      }
    }
    #expect(table("a", "b")?.entries.count == count && table("c", "d")?.entries.count == count)
    #expect(table("e")?.entries.count == count)
    #expect(table("a", "b")?.entries["k7"]?.value == .integer(7))
    #expect(table("c", "d")?.origin == .dotted && table("e", "k7")?.origin == .header)
  }

  @Test func `a text that is not UTF-8 is refused`() {
    #expect(throws: ConfigurationProblem.self) {
      try TOMLParser.parse(Array("a = \"".utf8) + [0xff, 0x22], file: "f")
    }
  }
}
