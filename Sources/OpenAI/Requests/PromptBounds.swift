internal import RuntimeCatalog

/// Bounds of a prompt that hold for every tokenizer, so that what cannot be answered is refused before it
/// costs a runtime anything.
enum PromptBounds {
  /// Checks the texts of a prompt together and each by itself.
  /// - Parameter texts: each with the parameter it came in.
  static func check(
    _ texts: [(param: String, text: String)], _ context: RequestContext
  ) throws(APIError) {
    let bytes = texts.reduce(0) { $0 + $1.text.utf8.count }
    if let limit = context.context, let longest = context.longestToken {
      // Each token stands for at most so many bytes.
      let most = limit.multipliedReportingOverflow(by: longest)
      if !most.overflow, bytes > most.partialValue {
        throw .contextExceeded(
          "The prompt has \(bytes) bytes, which are at least \(bytes / max(1, longest)) tokens. The model's "
            + "context has \(limit) tokens.", param: texts.first?.param ?? "messages")
      }
    }
    guard let longest = context.backend.translation.longestRun else { return }
    for (param, text) in texts where text.utf8.count > longest {
      if longestRun(text) > longest {
        throw .unsuitableText(
          "A word of more than \(longest) bytes, without a space or a change between letters and other "
            + "characters, takes this runtime minutes to read.", param: param)
      }
    }
  }

  /// The classes that tokenizers of byte pairs split words between.
  enum Class { case letter, digit, space, other }

  /// Bytes of the longest run of one class. Digits do not count: at most three make a word.
  static func longestRun(_ text: String) -> Int {
    var longest = 0
    var run = 0
    var last: Class?
    for scalar in text.unicodeScalars {
      let kind = kind(scalar)
      if kind != last { run = 0 }
      last = kind
      if kind == .digit { continue }
      run += UTF8.width(scalar)
      longest = max(longest, run)
    }
    return longest
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Class {
    switch scalar.value {
    case 0x61...0x7a, 0x41...0x5a: return .letter
    case 0x30...0x39: return .digit
    case 0x20, 0x09...0x0d: return .space
    case 0..<0x80: return .other
    default: break
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .digit
    case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .space
    default: return .other
    }
  }
}
