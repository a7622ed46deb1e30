package import Base

/// Turns tables into settings, and notes everything wrong on the way rather than only the first.
package protocol TableDecoder {
  /// What is wrong so far.
  var problems: [ConfigurationProblem] { get set }
}

/// Values of keys: what each kind of setting takes, and what is said of anything else.
extension TableDecoder {
  /// Calls `take` for each key in the order of the file; a key it does not take is a problem.
  package mutating func each(
    _ table: TOMLTable, _ path: String,
    _ take: (inout Self, String, TOMLNode, String) -> Bool, known: () -> [String]
  ) {
    let prefix = path.isEmpty ? "" : path + "."
    for (key, node) in table.entries.sorted(by: {
      ($0.value.position.line, $0.key) < ($1.value.position.line, $1.key)
    }) {
      let path = prefix + Self.quoted(key)
      if take(&self, key, node, path) { continue }
      let hint =
        NearestWord.find(key, in: known()).map { "did you mean '\($0)'?" }
        ?? "known are " + known().joined(separator: ", ")
      note(node.position, path, "no such key; \(hint)")
    }
  }

  package mutating func table(_ node: TOMLNode, _ path: String) -> TOMLTable {
    if case .table(let table) = node.value { return table }
    expected("a table", node, path)
    return TOMLTable(origin: .header)
  }

  package mutating func text(_ node: TOMLNode, _ path: String) -> Setting<String>? {
    if case .string(let text) = node.value { return Setting(text, node.position) }
    expected("a text", node, path)
    return nil
  }

  package mutating func flag(_ node: TOMLNode, _ path: String) -> Setting<Bool>? {
    if case .boolean(let value) = node.value { return Setting(value, node.position) }
    expected("true or false", node, path)
    return nil
  }

  package mutating func number(
    _ node: TOMLNode, _ path: String, _ range: ClosedRange<Int>
  ) -> Setting<Int>? {
    if case .integer(let value) = node.value, range.contains(value) {
      return Setting(value, node.position)
    }
    expected("a number from \(range.lowerBound) to \(range.upperBound)", node, path)
    return nil
  }

  package mutating func choice(
    _ node: TOMLNode, _ path: String, _ choices: [String]
  ) -> Setting<String>? {
    guard let text = text(node, path) else { return nil }
    if choices.contains(text.value) { return text }
    let hint =
      NearestWord.find(text.value, in: choices).map { "; did you mean '\($0)'?" } ?? ""
    note(
      node.position, path,
      "'\(text.value)' is none of \(choices.joined(separator: ", "))" + hint)
    return nil
  }

  package mutating func word<Word: RawRepresentable & CaseIterable>(
    _ node: TOMLNode, _ path: String
  ) -> Word? where Word.RawValue == String {
    choice(node, path, Word.allCases.map { $0.rawValue }).flatMap { Word(rawValue: $0.value) }
  }

  package mutating func wordSetting<Word: RawRepresentable & CaseIterable & Hashable & Sendable>(
    _ node: TOMLNode, _ path: String
  ) -> Setting<Word>? where Word.RawValue == String {
    let word: Word? = word(node, path)
    return word.map { Setting($0, node.position) }
  }

  package mutating func cpus(_ node: TOMLNode, _ path: String) -> Setting<NumberSet>? {
    guard let text = text(node, path) else { return nil }
    guard let set = NumberSet(list: text.value) else {
      note(node.position, path, "'\(text.value)' is no list of CPUs such as 0-3,8")
      return nil
    }
    return Setting(set, node.position)
  }

  package mutating func expected(_ what: String, _ node: TOMLNode, _ path: String) {
    note(node.position, path, "expected \(what), found \(node.value.kind)")
  }

  package mutating func note(
    _ position: ConfigurationPosition?, _ path: String, _ message: String
  ) {
    guard let position else { return }
    problems.append(ConfigurationProblem(position, key: path, message))
  }

  /// A key as TOML wants it written.
  package static func quoted(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy {
      ASCII.hexDigit($0) != nil || $0 == 0x2d || $0 == 0x5f
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
    }
    return isBare && !key.isEmpty ? key : "\"\(key)\""
  }
}
