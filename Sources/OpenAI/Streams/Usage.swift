internal import RuntimeCatalog

/// Tokens of a request and its answer.
package struct Usage: Hashable, Sendable {
  /// Those of the prompt, with what the chat template adds.
  package var prompt: Int
  /// Those that were produced; the one that ends the answer is not counted.
  package var completion: Int
  /// What else the runtime says of them.
  var details: [JSONValue.Member] = []

  package var total: Int { prompt + completion }

  /// A number of tokens that a runtime may report: no context is longer.
  private static let sane = 0...100_000_000

  /// Whether a runtime may report so many tokens.
  static func isSane(_ count: Int) -> Bool { sane.contains(count) }

  /// Counts that are known.
  package init(prompt: Int, completion: Int) {
    self.prompt = prompt
    self.completion = completion
  }

  /// Those of several prompts together; nil without any.
  init?(sum usages: some Collection<Usage>) {
    guard let first = usages.first else { return nil }
    self = first
    if usages.count == 1 { return }
    self.init(
      prompt: usages.reduce(0) { $0 + $1.prompt },
      completion: usages.reduce(0) { $0 + $1.completion })
  }

  /// What a runtime reported, mended; nil when it makes no sense.
  /// - Parameter reason: why the runtime says that it finished.
  init?(_ raw: JSONValue, of stream: StreamRewriter, reason: String?) {
    guard let prompt = raw["prompt_tokens"]?.integer, Usage.sane.contains(prompt),
      let completion = raw["completion_tokens"]?.integer, Usage.sane.contains(completion)
    else { return nil }
    guard stream.plan.backend.translation.hasWrongUsage else {
      self.init(prompt: prompt, completion: completion)
      let own: Set<String> = ["prompt_tokens", "completion_tokens", "total_tokens"]
      details = (raw.members ?? []).filter { !own.contains($0.name) && $0.value.members != nil }
      return
    }
    // The list whose length is reported as the prompt's is the one that tokens are appended to: the prompt,
    // each token, and the token that ends the answer, unless the context was full before it.
    let isFull = stream.plan.context.map { prompt >= $0 } ?? false
    let ending = reason == "stop" && !isFull ? 1 : 0
    guard prompt >= completion + ending else { return nil }
    self.init(prompt: prompt - completion - ending, completion: completion)
  }

  /// As OpenAI's interface has it.
  package var json: JSONValue {
    .object(
      [
        .init("prompt_tokens", .integer(prompt)), .init("completion_tokens", .integer(completion)),
        .init("total_tokens", .integer(total)),
      ] + details)
  }
}
