internal import Base

/// Recognises addresses and UUIDs in bytes.
enum AddressPatterns {
  /// Bytes in hexadecimal with the same separator between all of them.
  struct ByteRun {
    var bytes: [UInt8]
    /// Colon, hyphen or space.
    var separator: UInt8
    /// Where the text goes on.
    var end: Int
  }

  /// Whether a byte may be part of a word, so that a number next to it is not a number alone.
  @inline(__always)
  static func isWord(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
  }

  /// Six to twenty bytes in hexadecimal from `start` on, such as `aa:bb:cc:dd:ee:ff`.
  static func byteRun(_ text: [UInt8], _ start: Int) -> ByteRun? {
    guard start + 17 <= text.count else { return nil }
    let separator = text[start + 2]
    guard separator == 0x3a || separator == 0x2d || separator == 0x20 else { return nil }
    if isInsideRun(text, start, separator) { return nil }
    var bytes: [UInt8] = []
    var index = start
    while bytes.count <= 20, index + 1 < text.count, let high = ASCII.hexDigit(text[index]),
      let low = ASCII.hexDigit(text[index + 1])
    {
      bytes.append(high << 4 | low)
      index += 2
      guard index + 2 < text.count, text[index] == separator,
        ASCII.hexDigit(text[index + 1]) != nil, ASCII.hexDigit(text[index + 2]) != nil
      else { break }
      index += 1
    }
    guard bytes.count >= 6, bytes.count <= 20, index == text.count || !isWord(text[index])
    else { return nil }
    return ByteRun(bytes: bytes, separator: separator, end: index)
  }

  /// Whether a group with the same separator is in front: the middle of a run that was too long,
  /// such as the key of receive-side scaling.
  private static func isInsideRun(_ text: [UInt8], _ start: Int, _ separator: UInt8) -> Bool {
    guard start >= 3, text[start - 1] == separator, ASCII.hexDigit(text[start - 2]) != nil,
      ASCII.hexDigit(text[start - 3]) != nil
    else { return false }
    if start == 3 || text[start - 4] == separator { return true }
    // `aa-bb:cc` begins anew behind the colon.
    return !isWord(text[start - 4]) && text[start - 4] != 0x3a && text[start - 4] != 0x2d
  }

  /// The length of a UUID at `start`: 36, or 0.
  static func uuidLength(_ text: [UInt8], _ start: Int) -> Int {
    guard start + 36 <= text.count, text[start + 8] == 0x2d else { return 0 }
    for offset in 0..<36 {
      let byte = text[start + offset]
      let isHyphen = offset == 8 || offset == 13 || offset == 18 || offset == 23
      if isHyphen ? byte != 0x2d : ASCII.hexDigit(byte) == nil { return 0 }
    }
    return start + 36 < text.count && isWord(text[start + 36]) ? 0 : 36
  }

  /// An IPv4 address at `start`, and where it ends. Loopback, any and masks are no secret.
  static func address4(_ text: [UInt8], _ start: Int) -> (bytes: [UInt8], end: Int)? {
    var bytes: [UInt8] = []
    var index = start
    while bytes.count < 4 {
      var value = 0
      let first = index
      while index < text.count, index - first < 3, text[index] >= 0x30, text[index] <= 0x39 {
        value = value * 10 + Int(text[index] - 0x30)
        index += 1
      }
      guard index > first, value <= 255 else { return nil }
      bytes.append(UInt8(value))
      if bytes.count < 4 {
        guard index < text.count, text[index] == 0x2e else { return nil }
        index += 1
      }
    }
    // `1.2.3.4.5` is a version.
    if index < text.count, isWord(text[index]) { return nil }
    if index + 1 < text.count, text[index] == 0x2e, isWord(text[index + 1]) { return nil }
    if bytes[0] == 127 || bytes[0] == 0 || bytes[0] == 255 { return nil }
    return (bytes, index)
  }

  /// Where an IPv6 address that starts at `start` ends. `::` and `::1` are no secret.
  static func address6End(_ text: [UInt8], _ start: Int) -> Int? {
    var end = start
    while end < text.count, end - start < 48, text[end] == 0x3a || ASCII.hexDigit(text[end]) != nil
    {
      end += 1
    }
    // A port or path may follow.
    if end - start >= 2, text[end - 1] == 0x3a, text[end - 2] != 0x3a { end -= 1 }
    if end < text.count, isWord(text[end]) || text[end] == 0x2e { return nil }
    let groups = text[start..<end].split(separator: 0x3a, omittingEmptySubsequences: false)
    guard groups.count >= 3, groups.count <= 9, groups.allSatisfy({ $0.count <= 4 })
    else { return nil }
    // One run of empty groups stands for zeros; at an end it shows as two.
    let empty = groups.count { $0.isEmpty }
    let isShort = empty == 1 && !(groups.first?.isEmpty ?? true) && !(groups.last?.isEmpty ?? true)
    let isAtEnd =
      empty == 2
      && ((groups[0].isEmpty && groups[1].isEmpty)
        || (groups[groups.count - 1].isEmpty && groups[groups.count - 2].isEmpty))
    if !(isShort || isAtEnd || (empty == 0 && groups.count == 8)) { return nil }
    let digits = text[start..<end].filter { $0 != 0x3a && $0 != 0x30 }
    if digits.isEmpty || (digits == [0x31] && text[start] == 0x3a) { return nil }
    return end
  }

  /// Where the domain ends that follows a host name at `start`; `start` when none follows.
  static func domainEnd(_ text: [UInt8], _ start: Int) -> Int {
    var end = start
    while end + 1 < text.count, text[end] == 0x2e, isWord(text[end + 1]) {
      end += 1
      while end < text.count, isWord(text[end]) || text[end] == 0x2d { end += 1 }
    }
    return end
  }

  /// Where the name of a file server ends that starts at `start`: what is before `:/`, but not the
  /// scheme of a URL.
  static func serverEnd(_ text: [UInt8], _ start: Int) -> Int? {
    var end = start
    while end < text.count, isWord(text[end]) || text[end] == 0x2d { end += 1 }
    end = domainEnd(text, end)
    guard end > start, end + 1 < text.count, text[end] == 0x3a, text[end + 1] == 0x2f,
      end + 2 >= text.count || text[end + 2] != 0x2f
    else { return nil }
    return end
  }
}
