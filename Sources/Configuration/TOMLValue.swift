internal import Base

/// Where a key or a value stands in a configuration file.
public struct ConfigurationPosition: Hashable, Sendable, CustomStringConvertible {
  /// Path of the file.
  public var file: String
  /// Line, the first being 1.
  public var line: Int

  package init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// `FILE:LINE`, as compilers write it.
  public var description: String { "\(file):\(line)" }
}

/// Something wrong with a configuration: where, which key, what.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// File, and line where it has one.
  public var file: String
  /// Line; absent when the file as a whole is meant.
  public var line: Int?
  /// The key, as `placement.nic.interrupts`.
  public var key: String?
  /// What is wrong, and what would be right.
  public var message: String

  /// A problem at a position.
  package init(_ position: ConfigurationPosition, key: String? = nil, _ message: String) {
    file = position.file
    line = position.line
    self.key = key
    self.message = message
  }

  /// A problem of a whole file.
  package init(file: String, _ message: String) {
    self.file = file
    self.message = message
  }

  /// Place, key and message in one line.
  public var description: String {
    (file + (line.map { ":\($0)" } ?? "") + ": " + (key.map { "\($0): " } ?? "") + message)
      .inOneLine
  }
}

/// A value of a TOML file and where it stands.
package struct TOMLNode: Hashable, Sendable {
  package var value: TOMLValue
  package var position: ConfigurationPosition
}

/// The values that settings use: not floats, dates and arrays of tables.
package enum TOMLValue: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case array([TOMLNode])
  case table(TOMLTable)

  /// What it is, for messages.
  package var kind: String {
    switch self {
    case .string: "a string"
    case .integer(let number): "the number \(number)"
    case .boolean: "true or false"
    case .array: "a list"
    case .table: "a table"
    }
  }
}

/// A table: keys and values.
package struct TOMLTable: Hashable, Sendable {
  /// How a table came to be: which of them may be written to again.
  package enum Origin: Hashable, Sendable {
    /// As the parent of a table with a header; a header of its own may still follow.
    case parent
    /// By its header.
    case header
    /// By a dotted key.
    case dotted
    /// In braces: closed.
    case inline
  }
  package var entries: [String: TOMLNode] = [:]
  package var origin: Origin

  /// An empty table.
  package init(origin: Origin) { self.origin = origin }

  /// Takes over the keys of a later file: tables are merged, everything else is replaced.
  package mutating func merge(_ later: TOMLTable) {
    for (key, node) in later.entries {
      if case .table(let new) = node.value, case .table(var old) = entries[key]?.value,
        let position = entries[key]?.position
      {
        old.merge(new)
        entries[key] = TOMLNode(value: .table(old), position: position)
      } else {
        entries[key] = node
      }
    }
  }
}

extension TOMLTable {
  /// Opens the table of a header.
  mutating func define(
    _ path: ArraySlice<String>, _ position: ConfigurationPosition, whole: [String]
  ) throws(ConfigurationProblem) {
    guard let key = path.first else { return }
    let isLast = path.count == 1
    // Taken out while it is changed: as long as it is in here too, a change copies all of it, and a file of
    // many keys takes the square of their number. After a failure nobody uses the table.
    var node =
      entries.removeValue(forKey: key)
      ?? TOMLNode(value: .table(TOMLTable(origin: .parent)), position: position)
    guard case .table(var table) = node.value, isLast ? table.origin == .parent : table.isOpen
    else {
      throw ConfigurationProblem(
        position, key: TOMLTable.path(whole), "already set on line \(node.position.line)")
    }
    node.value = .boolean(false)
    if isLast { table.origin = .header }
    try table.define(path.dropFirst(), position, whole: whole)
    node.value = .table(table)
    if isLast { node.position = position }
    entries[key] = node
  }

  private var isOpen: Bool { origin == .parent || origin == .header }

  /// Puts a value under a dotted key of the table at `path`.
  mutating func assign(
    _ path: ArraySlice<String>, _ keys: ArraySlice<String>, _ node: TOMLNode, whole: [String]
  ) throws(ConfigurationProblem) {
    guard let key = path.first ?? keys.first else { return }
    if path.isEmpty, keys.count == 1 {
      if let old = entries[key] {
        throw ConfigurationProblem(
          node.position, key: TOMLTable.path(whole),
          "already set on line \(old.position.line)")
      }
      entries[key] = node
      return
    }
    // As in `define`.
    var below =
      entries.removeValue(forKey: key)
      ?? TOMLNode(value: .table(TOMLTable(origin: .dotted)), position: node.position)
    guard case .table(var table) = below.value, !path.isEmpty || table.origin == .dotted else {
      throw ConfigurationProblem(
        node.position, key: TOMLTable.path(whole),
        "already set on line \(below.position.line)")
    }
    below.value = .boolean(false)
    try table.assign(
      path.dropFirst(), path.isEmpty ? keys.dropFirst() : keys, node, whole: whole)
    below.value = .table(table)
    entries[key] = below
  }
}
