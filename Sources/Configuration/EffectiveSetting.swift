/// The value in force of a key of the configuration, and where it was set.
public struct EffectiveSetting: Hashable, Sendable {
  /// The key, with its table: `placement.nic.interrupts`.
  public var key: String
  /// The value, as TOML writes it; nil where there is none.
  public var value: String?
  /// Where it was set; nil for a default.
  public var position: ConfigurationPosition?

  /// The values in force of all keys of a configuration, in the order of the reference.
  package static func all(_ root: TOMLTable, _ keys: [KeyReference]) -> [EffectiveSetting] {
    list(root, "", keys)
  }

  private static func list(
    _ table: TOMLTable, _ prefix: String, _ keys: [KeyReference]
  ) -> [EffectiveSetting] {
    keys.flatMap { key -> [EffectiveSetting] in
      let node = table.entries[key.name]
      let path = prefix + key.name
      switch key.shape {
      case .value(_, let fallback):
        return [
          EffectiveSetting(
            key: path, value: node.map(\.value.text) ?? fallback, position: node?.position)
        ]
      case .table(let keys):
        return list(node?.value.table ?? TOMLTable(origin: .header), path + ".", keys)
      case .values:
        let values = (node?.value.table.entries ?? [:]).sorted { $0.key < $1.key }
        return values.map { name, node in
          EffectiveSetting(
            key: "\(path).\(TOMLTable.quoted(name))", value: node.value.text,
            position: node.position)
        }
      case .tables(_, let keys):
        let tables = (node?.value.table.entries ?? [:]).sorted { $0.key < $1.key }
        return tables.flatMap { name, node in
          // Of these only what is set: the class, or nothing, decides the rest.
          list(node.value.table, "\(path).\(TOMLTable.quoted(name)).", keys)
            .filter { $0.position != nil }
        }
      }
    }
  }
}

extension TOMLValue {
  /// The table that it is; an empty one for anything else.
  fileprivate var table: TOMLTable {
    if case .table(let table) = self { return table }
    return TOMLTable(origin: .header)
  }

  /// As TOML writes it, in one line.
  fileprivate var text: String {
    switch self {
    case .string(let text): return TOMLValue.quoted(text)
    case .integer(let number): return "\(number)"
    case .boolean(let flag): return "\(flag)"
    case .array(let nodes): return "[\(nodes.map(\.value.text).joined(separator: ", "))]"
    case .table(let table):
      let entries = table.entries.sorted { $0.key < $1.key }
        .map { "\(TOMLTable.quoted($0.key)) = \($0.value.value.text)" }
      return "{ \(entries.joined(separator: ", ")) }"
    }
  }

  /// A text as TOML writes it. Characters that control a terminal are escaped, also those of
  /// Unicode (U+0080 to U+009F), which TOML allows.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default:
        if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}
