internal import RuntimeCatalog

/// What is known of the vocabulary of a model.
package struct Vocabulary: Hashable, Sendable {
  /// Tokens.
  package var count = 0
  /// Bytes of text of the longest token; nil without one.
  package var longestBytes: Int?
  /// How many of the 243 bytes of UTF-8 are no normal token of their own; nil for a vocabulary that does not
  /// spell bytes as GPT-2 does. Real ones lack some that their training never met: SmolLM2's lacks eight.
  package var missingBytes: Int?
  /// The same of the 96 bytes of plain ASCII text: 0x20 to 0x7e and the line feed.
  package var missingASCII: Int?
  /// Tokens that control: type 3 (llama.h, `LLAMA_TOKEN_TYPE_CONTROL`). Nil without types.
  package var controlCount: Int?
  /// The texts of the control tokens, in order; nil where they are not known, or more than a registry takes.
  package var controlTexts: [String]?
}

/// Where the lists of a vocabulary lie in the bytes of a header that was read once.
struct VocabularyLists {
  /// A list.
  struct List {
    var start: Int
    var count: Int
  }

  /// The spellings.
  var tokens: List?
  /// The types, 4 bytes each: 1 normal, 3 control.
  var types: List?

  /// Reads them again, side by side: neither list is copied.
  /// - Parameter isByteLevel: whether a token is spelled as GPT-2 does, a character for each byte
  ///   (github.com/openai/gpt-2, src/encoder.py, `bytes_to_unicode`).
  func vocabulary(
    _ bytes: [UInt8], fileBytes: Int, isByteLevel: Bool
  ) throws(GGUFFailure) -> Vocabulary? {
    guard let tokens else { return nil }
    var vocabulary = Vocabulary(count: tokens.count)
    if let types, types.count != tokens.count {
      throw .malformed("it has \(tokens.count) tokens and types of \(types.count)")
    }
    var spelling = GGUFCursor(bytes, fileBytes: fileBytes, at: tokens.start)
    var type = types.map { GGUFCursor(bytes, fileBytes: fileBytes, at: $0.start) }
    var found = [Bool](repeating: false, count: 256)
    var longest = 0
    var control = 0
    var texts: Set<String>? = []
    for _ in 0..<tokens.count {
      let range = try spelling.textRange("a token")
      let kind = try type?.unsigned(4) ?? 1
      if kind == 3 { control += 1 }
      if texts != nil, !range.isEmpty, isControl(spelling.slice(range), kind) {
        texts?.insert(spelling.text(range))
        // With one too many or too long, none is kept.
        if range.count > RuntimeInstance.longestSpecialToken
          || texts?.count ?? 0 > RuntimeInstance.mostSpecialTokens
        {
          texts = nil
        }
      }
      guard isByteLevel, kind == 1 else {
        longest = max(longest, range.count)
        continue
      }
      let text = spelling.slice(range)
      // Bytes of UTF-8 that go on with a character do not begin one.
      let characters = text.count { $0 & 0xc0 != 0x80 }
      longest = max(longest, characters)
      if characters == 1, let byte = GPT2Spelling.byte(text) { found[Int(byte)] = true }
    }
    vocabulary.longestBytes = tokens.count == 0 ? nil : longest
    if isByteLevel {
      // RFC 3629: C0, C1 and F5 to FF never appear in UTF-8.
      vocabulary.missingBytes = (0..<0xf5).count { $0 & 0xfe != 0xc0 && !found[$0] }
      vocabulary.missingASCII = (0x20...0x7e).count { !found[$0] } + (found[0x0a] ? 0 : 1)
    }
    vocabulary.controlCount = types == nil ? nil : control
    if types != nil, let texts = texts?.sorted(), RuntimeInstance.specialTokensProblem(texts) == nil
    {
      vocabulary.controlTexts = texts
    }
    return vocabulary
  }

  /// Whether a token controls. Files of some models have the marks of turns as user-defined (4); llama.cpp too
  /// goes by their form then (src/llama-vocab.cpp, "control-looking token").
  private func isControl(_ text: ArraySlice<UInt8>, _ kind: UInt64) -> Bool {
    kind == 3
      || (kind != 1 && text.starts(with: "<|".utf8) && text.suffix(2).elementsEqual("|>".utf8))
  }

}

/// GPT-2's spelling of bytes: those that can be printed stand for themselves, the other 68 are U+0100 and on, in
/// their order.
enum GPT2Spelling {
  private static let isPlain: [Bool] = (0..<256).map { byte in
    (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || (0xae...0xff).contains(byte)
  }
  private static let others: [UInt8] = (0..<256).filter { !isPlain[$0] }.map { UInt8($0) }

  /// The byte of one character in UTF-8; nil for a character that spells none.
  static func byte(_ text: ArraySlice<UInt8>) -> UInt8? {
    guard let first = text.first else { return nil }
    let scalar: Int
    if text.count == 1, first < 0x80 {
      scalar = Int(first)
    } else if text.count == 2, first & 0xe0 == 0xc0, let last = text.last {
      scalar = Int(first & 0x1f) << 6 | Int(last & 0x3f)
    } else {
      return nil
    }
    if scalar < 256 { return isPlain[scalar] ? UInt8(scalar) : nil }
    return scalar - 256 < others.count ? others[scalar - 256] : nil
  }
}
