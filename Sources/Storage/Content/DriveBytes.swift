internal import Base

/// The parts of a drive that were read. Whatever is asked for, no read goes beyond them: what was not read is nil.
package struct DriveBytes: Sendable {
  /// Bytes from an offset on.
  package struct Region: Sendable {
    /// Where they begin on the drive, bytes.
    package var offset: Int
    /// The bytes.
    package var bytes: [UInt8]

    /// Bytes from an offset on.
    package init(offset: Int, bytes: [UInt8]) {
      self.offset = offset
      self.bytes = bytes
    }

    var end: Int { offset + bytes.count }
  }

  /// Size of the drive, bytes.
  package let size: Int
  /// What was read, by offset.
  package let regions: [Region]

  /// What was read of a drive. Regions that lie outside it are left out.
  package init(size: Int, regions: [Region]) {
    self.size = max(0, size)
    self.regions = regions.filter {
      $0.offset >= 0 && $0.offset <= size && $0.bytes.count <= size - $0.offset
    }.sorted { $0.offset < $1.offset }
  }

  /// So many bytes; nil where one of them was not read.
  func bytes(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0 else { return nil }
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow else { return nil }
    guard let region = regions.first(where: { $0.offset <= offset && end <= $0.end })
    else { return nil }
    let start = region.bytes.startIndex + offset - region.offset
    return region.bytes[start..<(start + count)]
  }

  /// Whether these bytes are there.
  func has(_ magic: [UInt8], at offset: Int) -> Bool {
    guard let found = bytes(at: offset, count: magic.count) else { return false }
    return found.elementsEqual(magic)
  }

  /// The multiples of 512 in a range where these bytes are. Their first one sorts out nearly all.
  func sectors(with magic: [UInt8], in range: Range<Int>) -> [Int] {
    var found: [Int] = []
    for region in regions {
      let low = (max(range.lowerBound, region.offset) + 511) / 512 * 512
      let high = min(range.upperBound, region.end)
      for place in stride(from: low, to: high, by: 512)
      where region.bytes[place - region.offset] == magic.first && has(magic, at: place) {
        if found.last != place { found.append(place) }
      }
    }
    return found
  }

  /// Whether this text is there.
  func has(_ magic: String, at offset: Int) -> Bool { has(Array(magic.utf8), at: offset) }

  /// A number of 1 to 8 bytes, the lowest first.
  func little(_ width: Int, at offset: Int) -> UInt64? {
    bytes(at: offset, count: width)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A number of 1 to 8 bytes, the highest first.
  func big(_ width: Int, at offset: Int) -> UInt64? {
    bytes(at: offset, count: width)?.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A UUID as RFC 9562 writes it; nil where it was not read or is all zero.
  func uuid(at offset: Int) -> String? {
    guard let bytes = bytes(at: offset, count: 16), !ZeroBytes.isZero(bytes) else { return nil }
    return UUIDText.text(Array(bytes))
  }

  /// A text that ends with a zero byte or the field; control characters are replaced. Nil where it is empty.
  func text(at offset: Int, count: Int) -> String? {
    guard let bytes = bytes(at: offset, count: count) else { return nil }
    let text = String(decoding: ASCII.trimmed(bytes.prefix { $0 != 0 }), as: UTF8.self)
    let shown = String(
      text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) })
    return shown.isEmpty ? nil : shown
  }
}

/// UUIDs as texts and as bytes.
package enum UUIDText {
  /// 16 bytes as RFC 9562 writes them, lowercase; of fewer bytes what there is.
  package static func text(_ bytes: [UInt8]) -> String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += hexadecimal(byte)
    }
    return text
  }

  /// The 16 bytes of a text, with dashes or without; nil for anything else.
  package static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 != 0x2d && $0 != 0x3a }.map(ASCII.hexDigit)
    guard digits.count == 32, !digits.contains(nil) else { return nil }
    return stride(from: 0, to: 32, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
  }

  /// The order of GPT on disk, and back: the first three fields have their lowest byte first (UEFI 2.10, appendix A).
  static func swapped(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count == 16 else { return bytes }
    return [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map { bytes[$0] }
  }

  /// As mdadm writes the UUID of an array: four groups of eight digits.
  package static func array(_ bytes: [UInt8]) -> String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if index > 0, index % 4 == 0 { text += ":" }
      text += hexadecimal(byte)
    }
    return text
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
  }
}
