internal import Base

/// Turns tables into settings, and notes everything wrong on the way rather than only the first.
package struct TableDecoder {
  /// What is wrong so far.
  package var problems: [ConfigurationProblem] = []
  /// Whether this is all of the configuration: one file may hold a part of what belongs together.
  package let isWhole: Bool

  package init(isWhole: Bool) { self.isWhole = isWhole }

  /// Decodes a table that is a whole file, or all files merged.
  package static func decode<Settings>(
    _ root: TOMLTable, _ keys: [ConfigurationKey<Settings>], into settings: inout Settings,
    isWhole: Bool
  ) -> [ConfigurationProblem] {
    var decoder = TableDecoder(isWhole: isWhole)
    decoder.decode(root, "", keys, into: &settings)
    return decoder.problems
  }

  /// Decodes each key of a node that should be a table.
  mutating func decode<Settings>(
    _ node: TOMLNode, _ path: String, _ keys: [ConfigurationKey<Settings>],
    into settings: inout Settings
  ) {
    decode(table(node, path), path, keys, into: &settings)
  }

  /// Decodes each key of a table in the order of the file; a key that there is not is a problem.
  private mutating func decode<Settings>(
    _ table: TOMLTable, _ path: String, _ keys: [ConfigurationKey<Settings>],
    into settings: inout Settings
  ) {
    let prefix = path.isEmpty ? "" : path + "."
    for (name, node) in table.entries.sorted(by: {
      ($0.value.position.line, $0.key) < ($1.value.position.line, $1.key)
    }) {
      let path = prefix + TOMLTable.quoted(name)
      if let key = keys.first(where: { $0.reference.name == name }) {
        key.decode(&self, node, path, &settings)
        continue
      }
      let known = keys.map(\.reference.name)
      let hint =
        NearestWord.find(name, in: known).map { "did you mean '\($0)'?" }
        ?? "known are " + known.joined(separator: ", ")
      note(node.position, path, "no such key; \(hint)")
    }
  }

  /// The table that a node should be; an empty one after noting that it is none.
  package mutating func table(_ node: TOMLNode, _ path: String) -> TOMLTable {
    if case .table(let table) = node.value { return table }
    expected("a table", node, path)
    return TOMLTable(origin: .header)
  }

  /// Notes a value of another type.
  package mutating func expected(_ what: String, _ node: TOMLNode, _ path: String) {
    note(node.position, path, "expected \(what), found \(node.value.kind)")
  }

  /// Notes a problem of a key.
  package mutating func note(
    _ position: ConfigurationPosition?, _ path: String, _ message: String
  ) {
    guard let position else { return }
    problems.append(ConfigurationProblem(position, key: path, message))
  }
}

extension TOMLTable {
  /// A key as TOML wants it written.
  package static func quoted(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy {
      ASCII.hexDigit($0) != nil || $0 == 0x2d || $0 == 0x5f
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
    }
    return isBare && !key.isEmpty ? key : TOMLValue.quoted(key)
  }

  /// A key of several parts as TOML wants it written.
  package static func path(_ keys: [String]) -> String {
    keys.map(quoted).joined(separator: ".")
  }
}
