/// A JSON value whose keys stay in the order in which they were written, as a person reads the file.
enum JSONNode: Equatable, Sendable {
  case text(String)
  case flag(Bool)
  case number(String)
  case list([JSONNode])
  case object([Entry])

  /// A key with its value.
  struct Entry: Equatable, Sendable {
    var key: String
    var value: JSONNode
  }

  /// The text, indented by two spaces.
  var rendered: String { rendered(indent: "") }

  private func rendered(indent: String) -> String {
    let inner = indent + "  "
    switch self {
    case .text(let text): return JSONNode.quoted(text)
    case .flag(let flag): return flag ? "true" : "false"
    case .number(let digits): return digits
    case .list(let elements):
      if elements.isEmpty { return "[]" }
      return JSONNode.enclosed(
        "[", elements.map { inner + $0.rendered(indent: inner) }, "\(indent)]")
    case .object(let entries):
      if entries.isEmpty { return "{}" }
      return JSONNode.enclosed(
        "{",
        entries.map { "\(inner)\(quoted($0.key)): \($0.value.rendered(indent: inner))" },
        "\(indent)}")
    }
  }

  private func quoted(_ key: String) -> String { JSONNode.quoted(key) }

  private static func enclosed(_ open: String, _ lines: [String], _ close: String) -> String {
    "\(open)\n\(lines.joined(separator: ",\n"))\n\(close)"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case let control where control.value < 0x20:
        let digits = String(control.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension JSONNode: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  init(stringLiteral text: String) { self = .text(text) }
}

extension JSONNode: ExpressibleByBooleanLiteral {
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
}

extension JSONNode: ExpressibleByIntegerLiteral {
  init(integerLiteral number: Int) { self = .number("\(number)") }
}

extension JSONNode: ExpressibleByArrayLiteral {
  init(arrayLiteral elements: JSONNode...) { self = .list(elements) }
}

extension JSONNode: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral entries: (String, JSONNode)...) {
    self = .object(entries.map { Entry(key: $0, value: $1) })
  }
}

extension JSONNode {
  /// The value of a key, of an object; setting it keeps its place, or adds it at the end.
  subscript(key: String) -> JSONNode? {
    get {
      guard case .object(let entries) = self else { return nil }
      return entries.first { $0.key == key }?.value
    }
    set {
      guard case .object(var entries) = self, let newValue else { return }
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = newValue
      } else {
        entries.append(Entry(key: key, value: newValue))
      }
      self = .object(entries)
    }
  }
}
