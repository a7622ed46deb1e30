internal import KernelTree

/// Values of keys: what each kind of setting takes, and what is said of anything else.
extension PolicyDecoder {
  /// Calls `take` for each key in the order of the file; a key it does not take is a problem.
  mutating func each(
    _ table: TOMLTable, _ path: String,
    _ take: (inout PolicyDecoder, String, TOMLNode, String) -> Bool, known: () -> [String]
  ) {
    let prefix = path.isEmpty ? "" : path + "."
    for (key, node) in table.entries.sorted(by: {
      ($0.value.position.line, $0.key) < ($1.value.position.line, $1.key)
    }) {
      let path = prefix + PolicyDecoder.quoted(key)
      if take(&self, key, node, path) { continue }
      let hint =
        NearestWord.find(key, in: known()).map { "did you mean '\($0)'?" }
        ?? "known are " + known().joined(separator: ", ")
      note(node.position, path, "no such key; \(hint)")
    }
  }

  mutating func table(_ node: TOMLNode, _ path: String) -> TOMLTable {
    if case .table(let table) = node.value { return table }
    expected("a table", node, path)
    return TOMLTable(origin: .header)
  }

  mutating func text(_ node: TOMLNode, _ path: String) -> Policy.Setting<String>? {
    if case .string(let text) = node.value { return Policy.Setting(text, node.position) }
    expected("a text", node, path)
    return nil
  }

  mutating func flag(_ node: TOMLNode, _ path: String) -> Policy.Setting<Bool>? {
    if case .boolean(let value) = node.value { return Policy.Setting(value, node.position) }
    expected("true or false", node, path)
    return nil
  }

  mutating func number(
    _ node: TOMLNode, _ path: String, _ range: ClosedRange<Int>
  ) -> Policy.Setting<Int>? {
    if case .integer(let value) = node.value, range.contains(value) {
      return Policy.Setting(value, node.position)
    }
    expected("a number from \(range.lowerBound) to \(range.upperBound)", node, path)
    return nil
  }

  mutating func choice(
    _ node: TOMLNode, _ path: String, _ choices: [String]
  ) -> Policy.Setting<String>? {
    guard let text = text(node, path) else { return nil }
    if choices.contains(text.value) { return text }
    let hint =
      NearestWord.find(text.value, in: choices).map { "; did you mean '\($0)'?" } ?? ""
    note(
      node.position, path,
      "'\(text.value)' is none of \(choices.joined(separator: ", "))" + hint)
    return nil
  }

  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ node: TOMLNode, _ path: String
  ) -> Word? where Word.RawValue == String {
    choice(node, path, Word.allCases.map { $0.rawValue }).flatMap { Word(rawValue: $0.value) }
  }

  mutating func wordSetting<Word: RawRepresentable & CaseIterable & Hashable & Sendable>(
    _ node: TOMLNode, _ path: String
  ) -> Policy.Setting<Word>? where Word.RawValue == String {
    let word: Word? = word(node, path)
    return word.map { Policy.Setting($0, node.position) }
  }

  mutating func cpus(_ node: TOMLNode, _ path: String) -> Policy.Setting<NumberSet>? {
    guard let text = text(node, path) else { return nil }
    guard let set = NumberSet(list: text.value) else {
      note(node.position, path, "'\(text.value)' is no list of CPUs such as 0-3,8")
      return nil
    }
    return Policy.Setting(set, node.position)
  }

  mutating func queues(_ node: TOMLNode, _ path: String) -> Policy.Setting<Policy.Queues>? {
    switch node.value {
    case .integer(let count) where count > 0 && count <= 4096:
      return Policy.Setting(.exactly(count), node.position)
    case .string("keep"): return Policy.Setting(.keep, node.position)
    case .string("fit"): return Policy.Setting(.fit, node.position)
    default:
      expected("\"keep\", \"fit\" or a number", node, path)
      return nil
    }
  }

  mutating func expected(_ what: String, _ node: TOMLNode, _ path: String) {
    note(node.position, path, "expected \(what), found \(node.value.kind)")
  }

  mutating func note(
    _ position: ConfigurationPosition?, _ path: String, _ message: String
  ) {
    guard let position else { return }
    problems.append(ConfigurationProblem(position, key: path, message))
  }

  /// A key as TOML wants it written.
  static func quoted(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy {
      ASCII.hexDigit($0) != nil || $0 == 0x2d || $0 == 0x5f
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
    }
    return isBare && !key.isEmpty ? key : "\"\(key)\""
  }
}
