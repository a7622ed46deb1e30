package import Base

/// JSON of which there is one text for one value: RFC 8785, "JSON Canonicalization Scheme".
///
/// Keys are sorted by their UTF-16 code units, there is no blank, and a number is written as ECMAScript
/// writes it. So a signature over the text holds for the value, whoever writes it again.
package enum CanonicalJSON {
  /// The text of a value, without a line feed.
  /// - Throws: `Failure` when it has a number that JSON has no text for.
  package static func text(_ value: some Encodable) throws(Failure) -> String {
    let bytes = try JSON.line(value)
    let tree: Tree
    do {
      tree = try JSON.decode(Tree.self, from: bytes)
    } catch {
      throw Failure("write canonical JSON", error)
    }
    var text = ""
    tree.write(to: &text)
    return text
  }

  /// A value of JSON.
  private enum Tree: Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Tree])
    case object([String: Tree])

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let bool = try? value.decode(Bool.self) {
        self = .bool(bool)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else if let text = try? value.decode(String.self) {
        self = .text(text)
      } else if let list = try? value.decode([Tree].self) {
        self = .list(list)
      } else {
        self = .object(try value.decode([String: Tree].self))
      }
    }

    func write(to text: inout String) {
      switch self {
      case .null: text += "null"
      case .bool(let bool): text += bool ? "true" : "false"
      case .number(let number): text += CanonicalJSON.number(number)
      case .text(let value): CanonicalJSON.write(value, to: &text)
      case .list(let list):
        text += "["
        for (index, element) in list.enumerated() {
          if index > 0 { text += "," }
          element.write(to: &text)
        }
        text += "]"
      case .object(let object):
        text += "{"
        let keys = object.keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
        for (index, key) in keys.enumerated() {
          if index > 0 { text += "," }
          CanonicalJSON.write(key, to: &text)
          text += ":"
          object[key]?.write(to: &text)
        }
        text += "}"
      }
    }
  }

  /// A text with the escapes of RFC 8785, 3.2.2.2: those with a letter, and `\u00xx` for other control
  /// characters.
  private static func write(_ value: String, to text: inout String) {
    let letters: [Unicode.Scalar: String] = [
      "\"": "\\\"", "\\": "\\\\", "\u{8}": "\\b", "\t": "\\t", "\n": "\\n", "\u{c}": "\\f",
      "\r": "\\r",
    ]
    text += "\""
    for scalar in value.unicodeScalars {
      if let letter = letters[scalar] {
        text += letter
      } else if scalar.value < 0x20 {
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// A finite number as ECMAScript writes it (ECMA-262, Number::toString): the least digits that give
  /// the number again, with a power of ten from 1e21 and below 1e-6.
  package static func number(_ value: Double) -> String {
    if value == 0 { return "0" }
    // Swift's digits are the least as well (SwiftDtoa); only their form differs.
    let parts = "\(abs(value))".split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    var digits = Array((mantissa[0] + fraction).utf8)
    // The number is 0.DIGITS x 10^point.
    var point = mantissa[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.first == 0x30, digits.count > 1 {
      digits.removeFirst()
      point -= 1
    }
    while digits.last == 0x30, digits.count > 1 { digits.removeLast() }
    let shown = String(decoding: digits, as: UTF8.self)
    let sign = value < 0 ? "-" : ""
    if point > 21 || point <= -6 {
      let power = point - 1
      let rest = shown.dropFirst()
      return sign + shown.prefix(1) + (rest.isEmpty ? "" : "." + rest)
        + "e\(power < 0 ? "-" : "+")\(abs(power))"
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + shown }
    if point >= digits.count {
      return sign + shown + String(repeating: "0", count: point - digits.count)
    }
    return sign + shown.prefix(point) + "." + shown.dropFirst(point)
  }
}
