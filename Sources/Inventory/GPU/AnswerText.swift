internal import Base

/// The answer of a question that is no file, as text: a line for each fact, `key value`.
///
/// Recordings keep these answers; the format has to be read for as long as they are.
struct AnswerText {
  private(set) var bytes: [UInt8] = []

  /// Adds a line. A line feed inside a value becomes a space.
  mutating func add(_ key: String, _ value: some CustomStringConvertible) {
    bytes += key.utf8
    bytes.append(0x20)
    bytes += value.description.utf8.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }
    bytes.append(0x0a)
  }

  /// The lines of an answer: the first word and the rest. A line without a blank has no value.
  static func lines(_ bytes: [UInt8]) -> [(key: String, value: String)] {
    ASCII.lines(bytes).map { line in
      let end = line.firstIndex(of: 0x20) ?? line.endIndex
      return (
        String(decoding: line[..<end], as: UTF8.self),
        String(decoding: ASCII.trimmed(line[end...]), as: UTF8.self)
      )
    }
  }
}
