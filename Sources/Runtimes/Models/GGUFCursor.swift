internal import Base

/// Why the header of a model file is not understood.
package enum GGUFFailure: ReasonedError, Hashable {
  /// The bytes end within the header and the file does not: so many of them are needed at least.
  case needsMore(bytes: Int)
  /// The file ends within its header.
  case truncated
  /// It is no GGUF, or one that no writer makes.
  case malformed(String)

  /// Why, in words.
  package var reason: String {
    switch self {
    case .needsMore(let bytes): "its header is longer than what was read: \(bytes) bytes at least"
    case .truncated: "the file ends within its header"
    case .malformed(let reason): reason
    }
  }
}

/// Reads the parts of a GGUF one after the other. Whatever the bytes, no read goes beyond them, and nothing is
/// allocated but what `text` returns.
struct GGUFCursor {
  /// The first bytes of the file.
  private let bytes: [UInt8]
  /// Size of the file, bytes.
  private let fileBytes: Int
  /// The next byte.
  private(set) var offset: Int

  /// - Parameter fileBytes: size of the file of which these are the first bytes.
  init(_ bytes: [UInt8], fileBytes: Int, at offset: Int = 0) {
    self.bytes = bytes
    self.fileBytes = max(fileBytes, bytes.count)
    self.offset = offset
  }

  /// The longest header that is read, bytes: vocabulary and merges of the largest models take 12 MiB.
  static let longest = 64 << 20

  /// Moves on by so many bytes that are there, and returns where they begin.
  mutating func take(_ count: Int) throws(GGUFFailure) -> Int {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard count >= 0, !overflow, end <= GGUFCursor.longest else {
      throw .malformed("its header is longer than \(GGUFCursor.longest >> 20) MiB")
    }
    guard end <= fileBytes else { throw .truncated }
    guard end <= bytes.count else { throw .needsMore(bytes: end) }
    defer { offset = end }
    return offset
  }

  /// A number of 1 to 8 bytes, little-endian.
  mutating func unsigned(_ width: Int) throws(GGUFFailure) -> UInt64 {
    let start = try take(width)
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    return value
  }

  /// A count or a length, 8 bytes; a number above `most` is malformed.
  mutating func count(_ what: String, most: Int) throws(GGUFFailure) -> Int {
    let value = try unsigned(8)
    guard let count = Int(exactly: value), count <= most else {
      throw .malformed("\(what) is \(value), and \(most) is the most there can be")
    }
    return count
  }

  /// A type, 4 bytes.
  mutating func type() throws(GGUFFailure) -> Int { Int(try unsigned(4)) }

  /// Where a text lies.
  mutating func textRange(_ what: String) throws(GGUFFailure) -> Range<Int> {
    let length = try count("the length of \(what)", most: GGUFCursor.longest)
    let start = try take(length)
    return start..<(start + length)
  }

  /// A text of at most so many bytes; a longer one is malformed. What is no UTF-8 is replaced.
  mutating func text(_ what: String, most: Int) throws(GGUFFailure) -> String {
    let range = try textRange(what)
    guard range.count <= most else {
      throw .malformed("\(what) has \(range.count) bytes, and \(most) are the most there can be")
    }
    return text(range)
  }

  /// The text of a range that was read.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The bytes of a range that was read.
  func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }
}
