/// Takes a body in chunks apart as it comes (RFC 9112, section 7.1). Extensions and trailers are passed over.
package struct ChunkedBody {
  /// What is no body in chunks.
  package struct Malformed: Error, Hashable, Sendable {}

  private enum Part { case size, data, dataEnd, trailer, end }

  /// Bytes of a line of size or of a trailer.
  private static let longestLine = 4096
  /// Bytes of a chunk: a size of more digits is none.
  private static let longestChunk = 1 << 30

  private var part = Part.size
  private var line: [UInt8] = []
  private var left = 0

  /// A body of which nothing has come.
  package init() {}

  /// Whether the last chunk has come.
  package var isWhole: Bool { part == .end }

  /// The content in these bytes. What comes after the end is passed over.
  package mutating func feed(_ bytes: [UInt8]) throws(Malformed) -> [UInt8] {
    var content: [UInt8] = []
    var index = 0
    while index < bytes.count, part != .end {
      if part == .data {
        let count = min(left, bytes.count - index)
        content += bytes[index..<(index + count)]
        index += count
        left -= count
        if left == 0 { part = .dataEnd }
        continue
      }
      let byte = bytes[index]
      index += 1
      guard byte == 0x0a else {
        guard line.count < ChunkedBody.longestLine else { throw Malformed() }
        line.append(byte)
        continue
      }
      if line.last == 0x0d { line.removeLast() }
      try endLine()
      line = []
    }
    return content
  }

  private mutating func endLine() throws(Malformed) {
    switch part {
    case .size:
      let digits = line.prefix { $0 != 0x3b && $0 != 0x20 }
      guard !digits.isEmpty, digits.allSatisfy(ChunkedBody.isHexadecimal),
        let size = Int(String(decoding: digits, as: UTF8.self), radix: 16),
        size <= ChunkedBody.longestChunk
      else { throw Malformed() }
      left = size
      part = size == 0 ? .trailer : .data
    case .dataEnd:
      guard line.isEmpty else { throw Malformed() }
      part = .size
    case .trailer: if line.isEmpty { part = .end }
    case .data, .end: break
    }
  }

  /// `Int(_:radix:)` takes a sign too.
  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
