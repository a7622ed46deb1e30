/// Finds the first of some stop strings in a text that comes in pieces, and holds back what could be the
/// beginning of one. Bytes are compared: two spellings of a character are two texts.
package struct StopMatcher {
  private let stops: [[UInt8]]
  /// Text that is held back: a beginning of a stop string.
  private var held: [UInt8] = []
  /// Whether a stop string has come.
  package private(set) var isMatched = false

  /// A matcher.
  /// - Parameter stops: none of them empty.
  package init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// What of the text so far may be sent on.
  package mutating func feed(_ text: String) -> String {
    if isMatched { return "" }
    if stops.isEmpty { return text }
    held += text.utf8
    if let start = match() {
      isMatched = true
      let sent = String(decoding: held[..<start], as: UTF8.self)
      held = []
      return sent
    }
    let keep = beginning()
    let sent = String(decoding: held.dropLast(keep), as: UTF8.self)
    held = Array(held.suffix(keep))
    return sent
  }

  /// What is still held back when the text has ended.
  package mutating func end() -> String {
    defer { held = [] }
    return isMatched ? "" : String(decoding: held, as: UTF8.self)
  }

  /// Where the stop string starts that is complete first; of those complete at once, the longest.
  private func match() -> Int? {
    for end in held.indices {
      let starts = stops.compactMap { stop -> Int? in
        let start = end + 1 - stop.count
        guard start >= 0, held[start...end].elementsEqual(stop) else { return nil }
        return start
      }
      if let start = starts.min() { return start }
    }
    return nil
  }

  /// Bytes at the end that a stop string begins with.
  private func beginning() -> Int {
    var longest = 0
    for stop in stops {
      var count = min(stop.count - 1, held.count)
      while count > longest {
        if held.suffix(count).elementsEqual(stop.prefix(count)) { longest = count }
        count -= 1
      }
    }
    return longest
  }
}
