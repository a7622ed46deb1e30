package import RuntimeCatalog

/// Turns the stream of a runtime into the one that the client of OpenAI's interface expects: its own id,
/// model and time, right counts of tokens, right reasons to finish, stop strings, and an error where
/// the runtime ended without saying so.
package struct StreamRewriter {
  /// The end of every stream.
  package static let done = Array("data: [DONE]\n\n".utf8)

  /// What is answered with.
  package enum Kind: Hashable, Sendable { case chat, completion, response }

  /// What the client asked for, and what the runtime is.
  package struct Plan: Hashable, Sendable {
    package var kind = Kind.chat
    /// The id of the answer.
    package var id: String
    /// The model, as the client named it.
    package var model: String
    /// Seconds since 1970.
    package var created: Int
    package var backend: Backend
    /// Strings to stop at that the runtime does not look for itself.
    package var stops: [String] = []
    /// Tokens after which the runtime stops; nil for no limit.
    package var maxTokens: Int?
    /// Tokens of prompt and answer together; nil when unknown.
    package var context: Int?
    /// Members of a response of `/v1/responses` for runtimes that leave them out.
    package var echoed: [JSONValue.Member] = []
    /// Whether the client wants to know the tokens used.
    package var wantsUsage = false

    /// A chat without wishes.
    package init(id: String, model: String, created: Int, backend: Backend) {
      self.id = id
      self.model = model
      self.created = created
      self.backend = backend
    }
  }

  package let plan: Plan
  /// Tokens produced so far, as the events count them.
  package private(set) var tokens = 0
  /// Whether something for the client has come: a token, a call of a tool, an end.
  package private(set) var hasBegun = false
  /// Whether the answer is complete; nothing more is read then.
  package private(set) var isFinished = false
  /// The tokens used, right; nil while unknown.
  package private(set) var usage: Usage?
  /// Why the first choice finished.
  package private(set) var finishReason: String?

  private var parser = EventStreamParser()
  private var matcher: StopMatcher
  private var ends: [JSONValue] = []
  private var rawUsage: JSONValue?
  /// Of servers that say the tokens used with the end of each choice.
  private var choiceUsages: [Int: Usage] = [:]
  private var hasEnded = false

  /// A stream of which nothing has come.
  package init(_ plan: Plan) {
    self.plan = plan
    matcher = StopMatcher(plan.stops)
  }

  /// Whether the stream was left at a stop string, so that the runtime never said how long the prompt was.
  /// `finish(promptTokens:)` then makes the last chunk.
  package var needsPromptTokens: Bool { matcher.isMatched && plan.wantsUsage && usage == nil }

  /// The chunks that bytes of the runtime make.
  /// - Throws: `runtime_failed` for what is no stream, and the runtime's own errors.
  package mutating func feed(_ bytes: some Collection<UInt8>) throws(APIError) -> [JSONValue] {
    if isFinished { return [] }
    let events: [[UInt8]]
    do throws(EventStreamParser.TooLong) {
      events = try parser.feed(bytes)
    } catch {
      throw .runtimeFailed("The runtime sent an event of more than 1 MiB.")
    }
    var chunks: [JSONValue] = []
    for event in events where !isFinished { chunks += try read(event) }
    return chunks
  }

  /// The runtime has closed the connection.
  /// - Throws: `runtime_failed` when the answer was not complete.
  package func end() throws(APIError) {
    if isFinished { return }
    throw .runtimeFailed(
      hasBegun
        ? "The runtime ended before its answer was complete."
        : "The runtime closed the connection before the first token.")
  }

  /// The chunk with the tokens used, once the prompt's are known by other means.
  package mutating func finish(promptTokens: Int) -> [JSONValue] {
    usage = Usage(prompt: promptTokens, completion: tokens)
    return usageChunks
  }

  /// Notes what an event of `/v1/responses` says.
  mutating func note(isToken: Bool, isLast: Bool, _ usage: Usage?) {
    if isToken { tokens += 1 }
    if isToken || isLast { hasBegun = true }
    isFinished = isLast
    self.usage = usage ?? self.usage
  }

  /// A chunk as an event.
  package static func event(_ chunk: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    // The events of `/v1/responses` have names.
    if let name = chunk["type"]?.string, ResponseEvent.isName(name) {
      bytes += "event: \(name)\n".utf8
    }
    bytes += "data: ".utf8
    JSONWriter.append(chunk, to: &bytes)
    bytes += [0x0a, 0x0a]
    return bytes
  }

  private mutating func note(_ usage: JSONValue, _ choices: [JSONValue]) {
    if let index = choices.first?["index"]?.integer, 0..<Collector.mostChoices ~= index,
      !plan.backend.translation.hasWrongUsage
    {
      choiceUsages[index] = Usage(usage, of: self, reason: nil)
    } else {
      rawUsage = usage
    }
  }

  // MARK: Events

  private mutating func read(_ event: [UInt8]) throws(APIError) -> [JSONValue] {
    if event.elementsEqual("[DONE]".utf8) {
      if plan.kind == .response { throw .runtimeFailed("The runtime sent no whole response.") }
      return try complete()
    }
    let parsed = try? JSONParser.parse(event)
    // llama.cpp's server sends null between the answers to two prompts.
    if let parsed, parsed.isNull { return [] }
    guard let chunk = parsed, chunk.members != nil else {
      throw .runtimeFailed("The runtime sent an event that is no JSON object.")
    }
    if let error = chunk["error"], !error.isNull { throw RuntimeError.error(500, error) }
    if plan.kind == .response { return try read(responseEvent: chunk) }
    guard let choices = chunk["choices"]?.array else {
      throw .runtimeFailed("The runtime sent an event without choices.")
    }
    if let usage = chunk["usage"], usage.members != nil { note(usage, choices) }
    var passed: [JSONValue] = []
    for choice in choices {
      guard choice.members != nil else {
        throw .runtimeFailed("The runtime sent a choice that is no object.")
      }
      if let choice = try read(choice: choice) { passed.append(choice) }
      if matcher.isMatched { break }
    }
    var chunks = passed.isEmpty ? [] : [self.chunk(like: chunk, passed)]
    if matcher.isMatched {
      // What the runtime would say further is not for the client.
      isFinished = true
      finishReason = "stop"
      chunks.append(self.chunk(like: chunk, [end(of: choices.first, "stop")]))
    }
    return chunks
  }

  /// What of a choice goes to the client now; nil for nothing.
  private mutating func read(choice: JSONValue) throws(APIError) -> JSONValue? {
    var choice = choice
    if plan.kind == .chat, var found = choice["logprobs"], found.members != nil {
      // The interface has both lists, if only as null.
      for name in ["content", "refusal"] where found[name] == nil { found.set(name, .null) }
      choice.set("logprobs", found)
    }
    let (text, isToken) = content(choice)
    if isToken {
      tokens += 1
      hasBegun = true
    }
    if let text, !plan.stops.isEmpty { set(matcher.feed(text), in: &choice) }
    let reason = choice["finish_reason"]?.string
    guard let reason else {
      choice.set("finish_reason", .null)
      return says(choice) ? choice : nil
    }
    hasBegun = true
    hasEnded = true
    guard plan.backend.translation.hasWrongUsage || !plan.stops.isEmpty else {
      finishReason = finishReason ?? reason
      return choice
    }
    // Whether the reason is right is known once the tokens are.
    ends.append(choice)
    choice.set("finish_reason", .null)
    return says(choice) ? choice : nil
  }

  /// The text of a choice, and whether it is a token rather than an opening or an end.
  private func content(_ choice: JSONValue) -> (text: String?, isToken: Bool) {
    if plan.kind == .completion {
      let text = choice["text"]?.string
      return (text, text?.isEmpty == false)
    }
    guard let delta = choice["delta"] else { return (nil, false) }
    let text = delta["content"]?.string
    if plan.backend.translation.hasWrongUsage { return (text, text != nil && delta["role"] == nil) }
    let others = ["reasoning_content", "reasoning", "tool_calls", "refusal", "function_call"]
    let says = others.contains { name in
      guard let value = delta[name] else { return false }
      return !value.isNull && value != .string("")
    }
    return (text, text?.isEmpty == false || says)
  }

  private func set(_ text: String, in choice: inout JSONValue) {
    if plan.kind == .completion { return choice.set("text", .string(text)) }
    guard var delta = choice["delta"] else { return }
    delta.set("content", .string(text))
    choice.set("delta", delta)
  }

  /// Whether a choice says anything: a role, a text, a call.
  private func says(_ choice: JSONValue) -> Bool {
    if plan.kind == .completion { return choice["text"]?.string?.isEmpty == false }
    guard let members = choice["delta"]?.members else { return false }
    return members.contains { member in
      !member.value.isNull && (member.name != "content" || member.value != .string(""))
    }
  }

  // MARK: The end

  private mutating func complete() throws(APIError) -> [JSONValue] {
    guard hasEnded || tokens > 0 else { throw .runtimeFailed("The runtime sent an empty answer.") }
    isFinished = true
    hasBegun = true
    if let rawUsage {
      usage = Usage(rawUsage, of: self, reason: ends.first?["finish_reason"]?.string)
    } else {
      usage = Usage(sum: choiceUsages.values)
    }
    var chunks: [JSONValue] = []
    let rest = matcher.end()
    if !rest.isEmpty {
      var choice = end(of: ends.first, nil)
      set(rest, in: &choice)
      chunks.append(chunk(like: .null, [choice]))
    }
    for end in ends {
      let reason = mended(end["finish_reason"]?.string ?? "stop")
      finishReason = finishReason ?? reason
      chunks.append(chunk(like: .null, [self.end(of: end, reason)]))
    }
    return chunks + usageChunks
  }

  private func mended(_ reason: String) -> String {
    guard reason == "stop", plan.backend.translation.hasWrongUsage else { return reason }
    if let limit = plan.maxTokens, tokens >= limit { return "length" }
    if let usage, let context = plan.context, usage.total >= context { return "length" }
    return reason
  }

  private func end(of choice: JSONValue?, _ reason: String?) -> JSONValue {
    .object([
      .init("index", choice?["index"] ?? .integer(0)),
      plan.kind == .chat ? .init("delta", .object([])) : .init("text", .string("")),
      .init("logprobs", .null), .init("finish_reason", reason.map { .string($0) } ?? .null),
    ])
  }

  private var usageChunks: [JSONValue] {
    guard plan.wantsUsage, let usage else { return [] }
    var chunk = chunk(like: .null, [])
    chunk.set("usage", usage.json)
    return [chunk]
  }

  /// A chunk with these choices, and with what else the runtime put into its own.
  private func chunk(like other: JSONValue, _ choices: [JSONValue]) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(plan.id)),
      .init(
        "object", .string(plan.kind == .chat ? "chat.completion.chunk" : "text_completion")),
      .init("created", .integer(plan.created)), .init("model", .string(plan.model)),
      .init("choices", .array(choices)),
    ]
    let own: Set<String> = ["id", "object", "created", "model", "choices", "usage"]
    if plan.backend.translation.passesUnknown {
      members += (other.members ?? []).filter { !own.contains($0.name) }
    }
    if plan.wantsUsage { members.append(.init("usage", .null)) }
    return .object(members)
  }
}
