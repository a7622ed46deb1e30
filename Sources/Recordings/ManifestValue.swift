internal import Base

/// A JSON value, for the notes of a recording. Here because this module does without Foundation.
enum ManifestValue: Equatable {
  case object([String: ManifestValue])
  case array([ManifestValue])
  case text(String)
  case number(Int)
  case flag(Bool)
  case null

  /// The value of a key; nil also when this is no object.
  subscript(key: String) -> ManifestValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text, if it is one.
  var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The number, if it is a whole one.
  var number: Int? { if case .number(let number) = self { number } else { nil } }
  /// The members, if it is an object.
  var members: [String: ManifestValue]? {
    if case .object(let members) = self { members } else { nil }
  }
  /// The elements, if it is an array.
  var elements: [ManifestValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The value as JSON text, keys in order, one member or element a line.
  var json: [UInt8] {
    var out: [UInt8] = []
    write(to: &out, depth: 0)
    out.append(0x0a)
    return out
  }

  private func write(to out: inout [UInt8], depth: Int) {
    func newLine(_ depth: Int) {
      out.append(0x0a)
      out.append(contentsOf: repeatElement(0x20, count: depth))
    }
    switch self {
    case .object(let members):
      out.append(0x7b)
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { out.append(0x2c) }
        newLine(depth + 1)
        ManifestValue.write(member.key, to: &out)
        out += ": ".utf8
        member.value.write(to: &out, depth: depth + 1)
      }
      if !members.isEmpty { newLine(depth) }
      out.append(0x7d)
    case .array(let elements):
      out.append(0x5b)
      for (index, element) in elements.enumerated() {
        if index > 0 { out += ", ".utf8 }
        element.write(to: &out, depth: depth + 1)
      }
      out.append(0x5d)
    case .text(let text): ManifestValue.write(text, to: &out)
    case .number(let number): out += "\(number)".utf8
    case .flag(let flag): out += (flag ? "true" : "false").utf8
    case .null: out += "null".utf8
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5c: out += [0x5c, byte]
      case 0x0a: out += [0x5c, 0x6e]
      case 0x00..<0x20, 0x7f:
        let digits = Array("0123456789abcdef".utf8)
        out += "\\u00".utf8
        out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }

  /// Parses a JSON text. Nil for anything malformed or nested deeper than notes ever are.
  init?(json: [UInt8]) {
    var parser = Parser(text: json)
    guard let value = parser.value(depth: 0) else { return nil }
    parser.skipBlanks()
    if parser.index != json.count { return nil }
    self = value
  }

  private struct Parser {
    let text: [UInt8]
    var index = 0

    init(text: [UInt8]) { self.text = text }

    mutating func skipBlanks() {
      while index < text.count, ASCII.isBlank(text[index]), text[index] != 0 { index += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      skipBlanks()
      guard index < text.count, text[index] == byte else { return false }
      index += 1
      return true
    }

    mutating func take(word: String) -> Bool {
      guard text[index...].starts(with: word.utf8) else { return false }
      index += word.utf8.count
      return true
    }

    mutating func value(depth: Int) -> ManifestValue? {
      skipBlanks()
      guard index < text.count, depth < 16 else { return nil }
      switch text[index] {
      case 0x7b: return object(depth: depth)
      case 0x5b: return array(depth: depth)
      case 0x22: return string().map(ManifestValue.text)
      case 0x74: return take(word: "true") ? .flag(true) : nil
      case 0x66: return take(word: "false") ? .flag(false) : nil
      case 0x6e: return take(word: "null") ? .null : nil
      default: return number()
      }
    }

    mutating func object(depth: Int) -> ManifestValue? {
      index += 1
      var members: [String: ManifestValue] = [:]
      if take(0x7d) { return .object(members) }
      repeat {
        skipBlanks()
        guard let key = string(), take(0x3a), let value = value(depth: depth + 1)
        else { return nil }
        members[key] = value
      } while take(0x2c)
      return take(0x7d) ? .object(members) : nil
    }

    mutating func array(depth: Int) -> ManifestValue? {
      index += 1
      var elements: [ManifestValue] = []
      if take(0x5d) { return .array(elements) }
      repeat {
        guard let value = value(depth: depth + 1) else { return nil }
        elements.append(value)
      } while take(0x2c)
      return take(0x5d) ? .array(elements) : nil
    }

    mutating func number() -> ManifestValue? {
      let start = index
      while index < text.count, text[index] == 0x2d || (text[index] >= 0x30 && text[index] <= 0x39)
      {
        index += 1
      }
      // Notes hold whole numbers only.
      return ASCII.decimal(text[start..<index]).map(ManifestValue.number)
    }

    mutating func string() -> String? {
      guard index < text.count, text[index] == 0x22 else { return nil }
      index += 1
      var bytes: [UInt8] = []
      while index < text.count {
        // Most strings hold no escape: take runs at once.
        let start = index
        while index < text.count, text[index] != 0x22, text[index] != 0x5c { index += 1 }
        bytes += text[start..<index]
        guard index < text.count else { return nil }
        index += 1
        if text[index - 1] == 0x22 { return String(decoding: bytes, as: UTF8.self) }
        guard let scalar = escape() else { return nil }
        bytes += String(scalar).utf8
      }
      return nil
    }

    mutating func escape() -> Unicode.Scalar? {
      guard index < text.count else { return nil }
      index += 1
      switch text[index - 1] {
      case 0x22: return "\""
      case 0x5c: return "\\"
      case 0x2f: return "/"
      case 0x62: return "\u{8}"
      case 0x66: return "\u{c}"
      case 0x6e: return "\n"
      case 0x72: return "\r"
      case 0x74: return "\t"
      case 0x75:
        guard let high = unit() else { return nil }
        if high & 0xfc00 == 0xd800, index + 1 < text.count, text[index] == 0x5c,
          text[index + 1] == 0x75
        {
          let before = index
          index += 2
          guard let low = unit() else { return nil }
          if low & 0xfc00 == 0xdc00 {
            return Unicode.Scalar(0x10000 + (high & 0x3ff) << 10 + low & 0x3ff) ?? "\u{fffd}"
          }
          index = before
        }
        return Unicode.Scalar(high) ?? "\u{fffd}"
      default: return nil
      }
    }

    mutating func unit() -> UInt32? {
      guard index + 4 <= text.count else { return nil }
      var value: UInt32 = 0
      for byte in text[index..<index + 4] {
        guard let digit = ASCII.hexDigit(byte) else { return nil }
        value = value << 4 | UInt32(digit)
      }
      index += 4
      return value
    }
  }
}
