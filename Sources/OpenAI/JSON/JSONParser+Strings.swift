extension JSONParser {
  /// The string that begins here.
  mutating func string() throws(Problem) -> String {
    let start = index + 1
    index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let text = String(validating: bytes[start..<index], as: UTF8.self)
        guard let text else { throw problem("a string is no UTF-8", at: start) }
        index += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      guard byte >= 0x20 else { throw problem("a control character in a string") }
      index += 1
    }
    throw problem("unexpected end")
  }

  private mutating func escapedString(from start: Int) throws(Problem) -> String {
    var text = Array(bytes[start..<index])
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: text, as: UTF8.self) else {
          throw problem("a string is no UTF-8", at: start)
        }
        return text
      }
      guard byte >= 0x20 else { throw problem("a control character in a string", at: index - 1) }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard let escape = peek else { break }
      index += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"): text += String(try scalar()).utf8
      default: throw problem("no such escape", at: index - 1)
      }
    }
    throw problem("unexpected end")
  }

  private mutating func scalar() throws(Problem) -> Unicode.Scalar {
    let start = index - 2
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // Half of a pair: no text of UTF-8 can have it, and runtimes fail on it.
    guard unit < 0xdc00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { throw Problem(offset: start, reason: "a surrogate without its other half") }
    index += 2
    let low = try codeUnit()
    guard 0xdc00...0xdfff ~= low,
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    else { throw Problem(offset: start, reason: "a surrogate without its other half") }
    return scalar
  }

  private mutating func codeUnit() throws(Problem) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
      else { throw problem("expected four hexadecimal digits") }
      unit = unit << 4 | UInt32(digit)
      index += 1
    }
    return unit
  }
}
