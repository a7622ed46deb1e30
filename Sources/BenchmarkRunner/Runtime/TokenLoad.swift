internal import Base
internal import Benchmarks
internal import Linux
internal import OpenAI
internal import RuntimeCatalog

/// What is asked of one runtime, from a plan.
struct TokenLoad {
  let socket: String
  let model: String
  let backend: String
  let isChat: Bool
  /// Tokens of prompt and answer together; nil when not known.
  let context: Int?
  let isQuick: Bool

  init(_ planned: PlannedMeasurement, isQuick: Bool) throws(Failure) {
    guard let socket = planned.parameters["socket"], let model = planned.parameters["model"],
      let backend = planned.parameters["backend"]
    else { throw Failure("measure a runtime", because: "the plan names none", code: .usage) }
    self.socket = socket
    self.model = model
    self.backend = backend
    isChat = planned.parameters["api"] != "completions"
    context = planned.parameters["context"].flatMap { Int($0) }
    self.isQuick = isQuick
  }

  /// The most tokens of an answer. Half of a short context: the prompt needs the rest.
  var answerTokens: Int { min(isQuick ? 32 : 96, max(2, (context ?? 4096) / 4)) }
  /// Tokens that the long prompt aims at.
  var promptTokens: Int { min(isQuick ? 512 : 2048, max(32, (context ?? 4096) / 2)) }
  /// Pairs of requests, at most. Six give an interval of 95 %.
  var rounds: Int { isQuick ? 7 : 12 }
  var path: String { isChat ? "/v1/chat/completions" : "/v1/completions" }

  // MARK: prompts

  private static let words = [
    "light", "water", "stone", "river", "paper", "house", "green", "seven", "music", "table",
    "cloud", "north", "bread", "glass", "small", "train", "world", "field", "night", "clear",
  ]
  private static let wish =
    " Count upwards from one to a thousand, a number a line, and do not stop."

  /// A prompt with another start each time: runtimes keep what they computed for a prompt, and use it for the
  /// next one that begins alike.
  /// - Parameter bytes: how long it is, about; at least what it needs.
  func prompt(bytes: Int = 0) throws(Failure) -> String {
    var random = try RandomBytes.make(8)[...].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    var text = ""
    func next() -> String {
      // Linear congruential (Knuth, MMIX): words, no secret.
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return TokenLoad.words[Int(random >> 33) % TokenLoad.words.count]
    }
    for _ in 0..<6 { text += next() + " " }
    while text.utf8.count + TokenLoad.wish.utf8.count < bytes { text += next() + " " }
    return text + TokenLoad.wish
  }

  /// Bytes of a long prompt, by what a short one had: a chat's template counts as text, so it becomes a bit
  /// shorter than it could be. Without a count each byte may be a token.
  func longBytes(shortBytes: Int, shortTokens: Int?) -> Int {
    guard let shortTokens, shortTokens > 0 else { return promptTokens }
    // No tokenizer has more than 16 bytes a token for such words.
    return min(promptTokens * shortBytes / shortTokens, promptTokens * 16)
  }

  /// The body of a request.
  func body(_ prompt: String, tokens: Int) -> [UInt8] {
    let text: JSONValue.Member =
      isChat
      ? .init(
        "messages",
        .array([
          .object([.init("role", .string("user")), .init("content", .string(prompt))])
        ])) : .init("prompt", .string(prompt))
    return JSONWriter.bytes(
      .object([
        .init("model", .string(model)), text, .init("max_tokens", .integer(tokens)),
        .init("temperature", .integer(0)), .init("stream", .boolean(true)),
        .init("stream_options", .object([.init("include_usage", .boolean(true))])),
      ]))
  }
}
