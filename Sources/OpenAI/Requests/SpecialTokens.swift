/// The texts of a model's control tokens, as they are looked for in messages.
///
/// Some runtimes take such a text for the token: a message with `<|im_end|>` would end its turn, and could go on
/// as the system. A message is text and nothing else, so it is refused; in the prompt of a completion the client
/// writes the turns itself, and may use them.
struct SpecialTokens {
  /// In order, so that those that begin alike lie together, the shortest first.
  private let tokens: [[UInt8]]
  /// Where those with a first byte lie.
  private let places: [Range<Int>]

  init(_ texts: [String]) {
    let tokens = texts.map { Array($0.utf8) }.filter { !$0.isEmpty }
      .sorted { $0.lexicographicallyPrecedes($1) }
    var places = [Range<Int>](repeating: 0..<0, count: 256)
    var start = 0
    while start < tokens.count {
      let first = tokens[start][0]
      let end = tokens[start...].firstIndex { $0[0] != first } ?? tokens.count
      places[Int(first)] = start..<end
      start = end
    }
    self.tokens = tokens
    self.places = places
  }

  /// Refuses a chat of which a text has one.
  static func check(
    _ texts: [(param: String, text: String)], _ context: RequestContext
  ) throws(APIError) {
    guard !context.specialTokens.isEmpty else { return }
    let tokens = SpecialTokens(context.specialTokens)
    for (param, text) in texts {
      guard let token = tokens.first(in: text) else { continue }
      throw .unsuitableText(
        "'\(param)' has the text '\(token)', which this model's runtime takes for a control token, not "
          + "for text.", param: param)
    }
  }

  /// The first that a text has; nil when it has none.
  func first(in text: String) -> String? {
    let text = Array(text.utf8)
    for start in text.indices {
      let place = places[Int(text[start])]
      if !place.isEmpty, let token = match(text, at: start, place) {
        return String(decoding: token, as: UTF8.self)
      }
    }
    return nil
  }

  /// The token that begins at a place of a text.
  /// - Parameter place: tokens with the same first byte.
  private func match(_ text: [UInt8], at start: Int, _ place: Range<Int>) -> [UInt8]? {
    var place = place
    // All in `place` begin with so many bytes of the text.
    var count = 1
    while !place.isEmpty {
      let shortest = tokens[place.lowerBound]
      if shortest.count == count { return shortest }
      guard start + count < text.count else { return nil }
      let byte = text[start + count]
      let low = firstIndex(in: place) { $0[count] >= byte }
      place = low..<firstIndex(in: low..<place.upperBound) { $0[count] > byte }
      count += 1
    }
    return nil
  }

  /// The first token of a place for which something holds that holds for all after it.
  private func firstIndex(in place: Range<Int>, where holds: ([UInt8]) -> Bool) -> Int {
    var low = place.lowerBound
    var high = place.upperBound
    while low < high {
      let middle = low + (high - low) / 2
      if holds(tokens[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
