internal import Glibc

/// Parsing of the kernel's ASCII texts on bytes, without a String for each field.
public enum ASCII {
  /// Space, tab, line feed, carriage return or NUL: what the kernel pads its texts with.
  @inlinable
  package static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte == 0
  }

  /// Without blanks at either end.
  package static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var low = text.startIndex
    var high = text.endIndex
    while low < high, isBlank(text[low]) { low += 1 }
    while high > low, isBlank(text[high - 1]) { high -= 1 }
    return text[low..<high]
  }

  /// A decimal number with nothing but blanks around it. Nil when it is no number or does not fit.
  package static func decimal(_ text: ArraySlice<UInt8>) -> Int? {
    var digits = trimmed(text)
    var negative = false
    if digits.first == 0x2d || digits.first == 0x2b {
      negative = digits.first == 0x2d
      digits = digits.dropFirst()
    }
    guard !digits.isEmpty else { return nil }
    var value = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (scaled, over) = value.multipliedReportingOverflow(by: 10)
      let (next, over2) = scaled.subtractingReportingOverflow(Int(byte) - 0x30)
      if over || over2 { return nil }
      value = next
    }
    // Built downwards so that Int.min parses.
    if negative { return value }
    return value == Int.min ? nil : -value
  }

  /// A hexadecimal number, with or without `0x`. Nil when it is no number or over 64 bits.
  package static func hexadecimal(_ text: ArraySlice<UInt8>) -> UInt64? {
    var digits = trimmed(text)
    if digits.count > 2, digits.first == 0x30,
      digits[digits.startIndex + 1] | 0x20 == 0x78
    {
      digits = digits.dropFirst(2)
    }
    guard !digits.isEmpty, digits.count <= 16 else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard let digit = hexDigit(byte) else { return nil }
      value = value << 4 | UInt64(digit)
    }
    return value
  }

  /// The value of one hexadecimal digit.
  @inlinable
  package static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// The lines of a text, without their line feeds; an empty last line is left out.
  package static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines = text.split(separator: 0x0a, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Where the line that starts at `start` ends: its line feed, or the end of the text.
  package static func endOfLine(_ text: [UInt8], from start: Int) -> Int {
    unsafe text.withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let feed = unsafe memchr(base + start, 0x0a, bytes.count - start)
      else { return bytes.count }
      return unsafe UnsafeRawPointer(feed) - base
    }
  }

  /// The fields between blanks.
  package static func fields(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split(whereSeparator: isBlank)
  }

  /// `name value` or `name: value` pairs, one to a line, split at the last blank as KFD names may
  /// hold blanks' neighbours such as brackets. A line without a value is left out.
  package static func keyValues(_ text: [UInt8]) -> [String: String] {
    var pairs: [String: String] = [:]
    for line in lines(text) {
      let fields = fields(line)
      guard fields.count >= 2, let value = fields.last else { continue }
      let key = fields.dropLast().map { String(decoding: $0, as: UTF8.self) }
        .joined(separator: " ")
      pairs[key.hasSuffix(":") ? String(key.dropLast()) : key] =
        String(decoding: value, as: UTF8.self)
    }
    return pairs
  }
}
