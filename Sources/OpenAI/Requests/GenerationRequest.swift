internal import RuntimeCatalog

/// A checked request for text: a chat or a completion.
package struct GenerationRequest: Sendable {
  package var kind: StreamRewriter.Kind
  /// Whether the client wants a stream.
  package var isStream = false
  /// Whether its stream is to end with the tokens used.
  package var includesUsage = false
  /// Tokens after which the answer ends; nil for no limit.
  package var maxTokens: Int?
  /// Stop strings that the runtime does not look for itself.
  package var stops: [String] = []
  /// Bytes of the prompt's texts.
  package var promptBytes = 0
  /// The beginning of the prompt, for finding the replica that has read it before.
  package var prefix = PromptPrefix()
  /// Members that a response has besides its answer, for runtimes that leave them out.
  package var echoed: [JSONValue.Member] = []
  /// What the runtime is asked: always for a stream with usage.
  package var body: JSONValue

  /// A request of the runtime with a limit of one token, to learn how long its prompt is; nil for what is no
  /// request.
  package static func probe(_ body: [UInt8]) -> [UInt8]? {
    guard var json = try? JSONParser.parse(body), json.members != nil else { return nil }
    json.set("max_tokens", .integer(1))
    return JSONWriter.bytes(json)
  }

  /// A number of tokens that no context has, and every runtime's numbers hold.
  static let mostTokens = 1 << 30
  private static let messagesLimit = 10_000

  /// Checks a chat.
  package static func chat(
    _ request: RequestBody, _ context: RequestContext
  ) throws(APIError) -> GenerationRequest {
    let messages = try ChatMessages.check(request, context)
    var generation = try common(request, context, .chat)
    try ChatParameters.check(request, context)
    let most = try request.integer("max_completion_tokens", 1...mostTokens)
    generation.maxTokens = most ?? generation.maxTokens
    try PromptBounds.check(messages.texts, context)
    try SpecialTokens.check(messages.texts, context)
    generation.promptBytes = messages.texts.reduce(0) { $0 + $1.text.utf8.count }
    generation.prefix = PromptPrefix(messages.texts.lazy.map(\.text))
    generation.finish(request, context, prompt: .init("messages", .array(messages.upstream)))
    return generation
  }

  /// Checks a completion.
  package static func completion(
    _ request: RequestBody, _ context: RequestContext
  ) throws(APIError) -> GenerationRequest {
    guard let prompt = request["prompt"] else {
      throw .invalid(
        "You must provide a prompt.", param: "prompt", code: "missing_required_parameter")
    }
    var texts: [(param: String, text: String)] = []
    if let text = prompt.string {
      texts = [("prompt", text)]
    } else if let items = prompt.array {
      guard !items.isEmpty else { throw .invalid("'prompt' is empty.", param: "prompt") }
      for item in items {
        if let text = item.string { texts.append(("prompt", text)) }
      }
      let isNumbers = items.allSatisfy { ($0.integer ?? -1) >= 0 || $0.array != nil }
      guard texts.count == items.count || (texts.isEmpty && isNumbers) else {
        throw RequestBody.wrongType("prompt", "a string or an array of strings or tokens", prompt)
      }
    } else {
      throw RequestBody.wrongType("prompt", "a string or an array of strings or tokens", prompt)
    }
    var generation = try common(request, context, .completion)
    try PromptBounds.check(texts, context)
    generation.promptBytes = texts.reduce(0) { $0 + $1.text.utf8.count }
    generation.prefix = PromptPrefix(texts.lazy.map(\.text))
    generation.finish(request, context, prompt: .init("prompt", prompt))
    return generation
  }

  private static func common(
    _ request: RequestBody, _ context: RequestContext, _ kind: StreamRewriter.Kind
  ) throws(APIError) -> GenerationRequest {
    var generation = GenerationRequest(kind: kind, body: .null)
    generation.isStream = try request.boolean("stream") ?? false
    if let options = try request.object("stream_options"), let flag = options["include_usage"],
      !flag.isNull
    {
      guard let flag = flag.boolean else {
        throw RequestBody.wrongType("stream_options.include_usage", "a boolean", flag)
      }
      generation.includesUsage = flag && generation.isStream
    }
    generation.maxTokens = try request.integer("max_tokens", 1...mostTokens)
    _ = try request.number("temperature", 0...2)
    _ = try request.number("top_p", 0...1)
    _ = try request.integer("seed", -9_007_199_254_740_992...9_007_199_254_740_992)
    let stops = try request.stops()
    if !context.backend.translation.has(.stop) { generation.stops = stops }
    return generation
  }

  /// Makes what the runtime is asked.
  private mutating func finish(
    _ request: RequestBody, _ context: RequestContext, prompt: JSONValue.Member
  ) {
    var members: [JSONValue.Member] = []
    if context.backend.translation.passesUnknown {
      let own: Set<String> = [prompt.name, "model", "stream", "stream_options", "temperature"]
      members = (request.json.members ?? []).filter { !own.contains($0.name) }
    } else if let maxTokens {
      members.append(.init("max_tokens", .integer(maxTokens)))
    }
    members.append(.init("model", .string(context.upstreamModel)))
    members.append(prompt)
    // OpenAI's default, where runtimes have others.
    members.append(.init("temperature", request["temperature"] ?? .integer(1)))
    members.append(.init("stream", .boolean(true)))
    members.append(
      .init("stream_options", .object([.init("include_usage", .boolean(true))])))
    body = .object(members)
  }
}
