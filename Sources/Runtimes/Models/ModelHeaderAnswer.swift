package import Base

/// What the process that reads the header of a model answers: it has no rights, and the file may come from
/// anybody, so the answer is checked like one.
package struct ModelHeaderAnswer: Codable, Sendable {
  /// What the header says.
  package var facts: ModelFacts?
  /// Why it is no usable model.
  package var refusal: String?
  /// Whether the bytes that were there end within the header: more of the file is to come.
  package var isIncomplete: Bool?

  /// The answer for the file that `read` reads.
  /// - Parameter read: the first bytes of the file, at most so many, and its size.
  package init(_ read: (Int) throws(Failure) -> (bytes: [UInt8], size: Int)) throws(Failure) {
    // Most headers have some megabytes: the vocabulary.
    var most = 8 << 20
    while true {
      let (bytes, size) = try read(most)
      do throws(GGUFFailure) {
        facts = try ModelFacts.read(bytes, fileBytes: size)
        return
      } catch {
        guard case .needsMore(let needed) = error, most < GGUFCursor.longest * 2 else {
          refusal = error.reason
          if case .needsMore = error { isIncomplete = true }
          return
        }
        most = max(needed, most * 2)
      }
    }
  }

  /// Whether an answer says that the file has not come far enough.
  package static func isIncomplete(_ bytes: [UInt8]) -> Bool {
    (try? JSON.decode(ModelHeaderAnswer.self, from: bytes))?.isIncomplete ?? false
  }

  /// The facts, once their numbers and texts are in their ranges.
  /// - Parameter fileBytes: size of the file.
  /// - Throws: `Failure` with the refusal, or what is wrong in the answer.
  package static func decode(
    _ bytes: [UInt8], fileBytes: Int, of file: String
  ) throws(Failure) -> ModelFacts {
    let step = "use \(file)"
    let answer: ModelHeaderAnswer
    do {
      answer = try JSON.decode(ModelHeaderAnswer.self, from: bytes)
    } catch {
      throw Failure(step, because: "the process that read its header answered something else")
    }
    if let refusal = answer.refusal {
      throw Failure(
        step, because: String(decoding: refusal.utf8.prefix(1024), as: UTF8.self), code: .conflict)
    }
    guard let facts = answer.facts else {
      throw Failure(step, because: "the process that read its header answered nothing")
    }
    if let problem = facts.problem(fileBytes: fileBytes) {
      throw Failure(step, because: "of its header, \(problem)")
    }
    return facts
  }
}

extension ModelFacts {
  /// The longest text, bytes: what `GGUFHeader` keeps.
  private static let longestText = 4096
  /// The largest number: far above every model, and sums of a thousand of them cannot overflow.
  private static let most = 1 << 50

  /// What is out of its range; nil when nothing is.
  func problem(fileBytes: Int) -> String? {
    if self.fileBytes != fileBytes { return "the size of the file is not \(fileBytes) bytes" }
    var numbers: [(String, Int?)] = [
      ("the version", formatVersion), ("the number of parameters", parameters),
      ("the context", context), ("the number of layers", layers),
      ("the size of the KV cache", cacheValuesPerToken), ("the number of tokens", tokenizer.tokens),
      ("the number of control tokens", tokenizer.controlTokens),
      ("the longest token", tokenizer.longestTokenBytes),
      ("the number of missing bytes", tokenizer.missingBytes),
      ("the number of missing characters", tokenizer.missingASCII),
      ("the first token", tokenizer.beginToken), ("the last token", tokenizer.endToken),
      ("the token of a turn", tokenizer.endOfTurnToken), ("the part", split?.index),
      ("the number of parts", split?.count),
    ]
    if (tokenizer.specialTokens?.count ?? 0) > 4096 { return "a list is too long" }
    if tensorTypes.count > 1024 || missingKeys.count > 64 { return "a list is too long" }
    for use in tensorTypes {
      numbers += [
        ("a type", use.number), ("the number of tensors", use.tensors),
        ("the number of values", use.parameters), ("the size of tensors", use.bytes),
      ]
    }
    for (what, number) in numbers {
      if let number, !(0...ModelFacts.most).contains(number) { return "\(what) is \(number)" }
    }
    let texts =
      [architecture, title, quantisation, cacheArithmetic, tokenizer.model, tokenizer.pre]
      .compactMap { $0 } + missingKeys
      + (tokenizer.specialTokens ?? []) + tensorTypes.compactMap(\.name)
    for text in texts where text.utf8.count > ModelFacts.longestText {
      return "a text is longer than \(ModelFacts.longestText) bytes"
    }
    return nil
  }
}
