internal import Base

/// What `compute.py` writes in a soak: an object a line, the last of which says what was done and compared.
struct SoakComputeReport: Hashable, Sendable {
  /// Calls that were made.
  private(set) var calls = 0
  /// Results that were compared whole.
  private(set) var results = 0
  /// tinygrad's name of the device; nil before the first round.
  private(set) var device: String?
  /// What went wrong, by its own words.
  private(set) var error: String?
  /// Whether a result was wrong.
  private(set) var isWrong = false
  /// Whether the device has no numbers of this type.
  private(set) var isUnsupported = false

  private struct Line: Decodable {
    var soak: Round?
    var error: String?
    var kind: String?

    struct Round: Decodable {
      var calls: Int
      var results: Int
      var device: String
    }
  }

  /// Takes the whole lines out of what the program has written. What drivers and compilers write is passed over, and
  /// so are numbers that cannot be.
  mutating func take(_ output: inout [UInt8]) {
    guard let end = output.lastIndex(of: 0x0a) else { return }
    for text in output[..<end].split(separator: 0x0a) {
      guard text.first == UInt8(ascii: "{"), let line = try? JSON.decode(Line.self, from: text)
      else { continue }
      if let round = line.soak, round.calls >= calls, round.results > results {
        (calls, results) = (round.calls, round.results)
        device = Self.plain(round.device)
      }
      if let error = line.error {
        self.error = Self.plain(error)
        isWrong = line.kind == "wrong"
        isUnsupported = line.kind == "unsupported"
      }
    }
    output.removeSubrange(...end)
  }

  /// A line of a program of others, short and without what a terminal would obey.
  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.prefix(300).map { $0.value < 0x20 ? " " : Character($0) })
  }
}
