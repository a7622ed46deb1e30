internal import Base

/// Parsers of the texts that describe the machine as a whole.
enum MachineText {
  /// The value of a variable in `os-release`, which is written as a shell assignment.
  static func osRelease(_ name: String, in text: [UInt8]) -> String? {
    let key = Array("\(name)=".utf8)
    for line in ASCII.lines(text) where line.starts(with: key) {
      let value = unquoted(ASCII.trimmed(line.dropFirst(key.count)))
      return value.isEmpty ? nil : value
    }
    return nil
  }

  /// Without the quotes around a shell word, and without the backslashes inside double ones.
  private static func unquoted(_ word: ArraySlice<UInt8>) -> String {
    guard word.count >= 2, let quote = word.first, quote == word.last,
      quote == 0x22 || quote == 0x27
    else { return String(decoding: word, as: UTF8.self) }
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in word.dropFirst().dropLast() {
      if byte == 0x5c, quote == 0x22, !isEscaped {
        isEscaped = true
      } else {
        isEscaped = false
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Seconds since boot: the first number of `/proc/uptime`.
  static func uptime(_ text: ArraySlice<UInt8>) -> Double? {
    ASCII.fields(text).first.flatMap(AttributeText.fraction)
  }

  /// The three load averages of `0.20 0.18 0.12 1/80 11206`.
  static func loadAverages(_ text: ArraySlice<UInt8>) -> [Double]? {
    let numbers = ASCII.fields(text).prefix(3).compactMap(AttributeText.fraction)
    return numbers.count == 3 ? numbers : nil
  }

  /// `2.1f`: the kernel writes the major revision decimal and the minor in hexadecimal, as IPMI's
  /// packed digits read (drivers/char/ipmi/ipmi_msghandler.c, `firmware_revision_show`).
  static func bmcRevision(_ text: ArraySlice<UInt8>) -> String? {
    let parts = text.split(separator: 0x2e, omittingEmptySubsequences: false)
    guard parts.count == 2, AttributeText.count(parts[0]) != nil,
      ASCII.hexadecimal(parts[1]) != nil
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }
}
