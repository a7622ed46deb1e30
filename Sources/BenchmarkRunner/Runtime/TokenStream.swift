internal import Base
internal import OpenAI
internal import RuntimeCatalog

/// The stream of an answer, with the moment of each piece: what a runtime sends as server-sent events in OpenAI's
/// form. The runtime may send anything: sizes are bounded by the parsers, and numbers are checked against what was
/// asked for.
struct TokenStream {
  /// Events that are read of an answer: an answer has some hundred tokens.
  private static let mostEvents = 65_536

  /// When the first token came, and the last.
  private(set) var first: Double?
  private(set) var last: Double?
  /// Events with text.
  private(set) var pieces = 0
  /// Why the runtime says it ended; nil where it says nothing.
  private(set) var finish: String?
  /// Whether `[DONE]` has come: only that is the end of an answer.
  private(set) var isDone = false
  private var parser = EventStreamParser()
  private var events = 0
  private var usage: JSONValue?

  /// Takes bytes that came at a moment, seconds.
  /// - Throws: what is wrong with the answer, or the runtime's own words.
  mutating func feed(_ bytes: [UInt8], at now: Double) throws(Failure) {
    let found: [[UInt8]]
    do throws(EventStreamParser.TooLong) {
      found = try parser.feed(bytes)
    } catch {
      throw TokenStream.failure("an event of its answer is too long")
    }
    for event in found where !isDone {
      events += 1
      guard events <= TokenStream.mostEvents else {
        throw TokenStream.failure("its answer has too many events")
      }
      if ASCII.trimmed(event[...]).elementsEqual("[DONE]".utf8) {
        isDone = true
        continue
      }
      guard let value = try? JSONParser.parse(event), value.members != nil else {
        throw TokenStream.failure("an event of its answer is no JSON object")
      }
      try take(value, at: now)
    }
  }

  private mutating func take(_ value: JSONValue, at now: Double) throws(Failure) {
    if let error = value["error"], !error.isNull {
      throw TokenStream.failure(TokenStream.words(error))
    }
    if let found = value["usage"], found.members != nil { usage = found }
    guard let choice = value["choices"]?.array?.first else { return }
    if let reason = choice["finish_reason"]?.string { finish = reason }
    let texts = [
      choice["delta"]?["content"], choice["delta"]?["reasoning_content"], choice["text"],
    ]
    guard texts.contains(where: { !($0?.string ?? "").isEmpty }) else { return }
    pieces += 1
    first = first ?? now
    last = now
  }

  /// Tokens of the answer: as reported, where that can be; else the pieces, of which each server that is known
  /// sends one a token.
  /// - Parameter limit: what was asked for.
  func tokens(limit: Int) -> Int {
    guard let reported = usage?["completion_tokens"]?.integer, (1...limit).contains(reported) else {
      return min(pieces, limit)
    }
    return reported
  }

  /// Tokens of the prompt; nil where they are not reported, or not possible.
  /// - Parameter translation: whether the count includes the answer and its end.
  func promptTokens(_ translation: BackendTranslation?, context: Int?) -> Int? {
    guard var prompt = usage?["prompt_tokens"]?.integer,
      (1...RuntimeInstance.longestContext).contains(prompt)
    else { return nil }
    if translation?.hasWrongUsage == true {
      guard let completion = usage?["completion_tokens"]?.integer,
        (0...RuntimeInstance.longestContext).contains(completion)
      else { return nil }
      prompt -= completion + (finish == "stop" ? 1 : 0)
    }
    return prompt >= 1 && prompt <= context ?? prompt ? prompt : nil
  }

  static func failure(_ reason: String) -> Failure {
    Failure("ask the runtime", because: reason)
  }

  /// The words of an error of OpenAI's form, or of another.
  static func words(_ error: JSONValue) -> String {
    let text = error.string ?? error["message"]?.string ?? "it reports an error"
    return String(text.unicodeScalars.prefix(300).map { $0.value < 0x20 ? " " : Character($0) })
  }
}
