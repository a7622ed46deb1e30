/// Requests of `/v1/responses`. They go through as they are: only what the gateway itself depends on is checked.
extension GenerationRequest {
  /// What no runtime behind the gateway has: it keeps nothing between two requests.
  private static let kept = ["previous_response_id", "conversation", "prompt"]

  /// Checks a request.
  package static func response(
    _ request: RequestBody, _ context: RequestContext
  ) throws(APIError) -> GenerationRequest {
    guard let input = request["input"] else {
      throw .invalid(
        "You must provide an input.", param: "input", code: "missing_required_parameter")
    }
    for name in kept where request[name] != nil {
      try context.lacks(name, "'\(name)': nothing is kept between requests")
    }
    if try request.boolean("background") == true {
      try context.lacks("background", "answers in the background")
    }
    var generation = GenerationRequest(kind: .response, body: .null)
    generation.isStream = try request.boolean("stream") ?? false
    generation.maxTokens = try request.integer("max_output_tokens", 1...mostTokens)
    _ = try request.number("temperature", 0...2)
    _ = try request.number("top_p", 0...1)
    var texts: [(param: String, text: String)] = []
    if let instructions = request["instructions"]?.string {
      texts.append(("instructions", instructions))
    }
    try add(input, to: &texts)
    try PromptBounds.check(texts, context)
    try SpecialTokens.check(texts, context)
    generation.promptBytes = texts.reduce(0) { $0 + $1.text.utf8.count }
    generation.prefix = PromptPrefix(texts.lazy.map(\.text))
    generation.echoed = echoed(request)
    var passed = request
    for name in kept + ["background"] { passed.set(name, nil) }
    // Zero asks for none. llama.cpp's server refuses it.
    if request["top_logprobs"]?.integer == 0 { passed.set("top_logprobs", nil) }
    passed.set("model", .string(context.upstreamModel))
    passed.set("stream", .boolean(true))
    generation.body = passed.json
    return generation
  }

  /// What a response says of its request, with OpenAI's defaults.
  private static func echoed(_ request: RequestBody) -> [JSONValue.Member] {
    let defaults: [(String, JSONValue)] = [
      ("error", .null), ("incomplete_details", .null), ("instructions", .null),
      ("metadata", .object([])), ("parallel_tool_calls", .boolean(true)),
      ("temperature", .integer(1)), ("tool_choice", .string("auto")), ("tools", .array([])),
      ("top_p", .integer(1)),
    ]
    return defaults.map { .init($0.0, request[$0.0] ?? $0.1) }
  }

  /// The texts of an input: a text, or items with texts or parts.
  private static func add(
    _ input: JSONValue, to texts: inout [(param: String, text: String)]
  ) throws(APIError) {
    if let text = input.string { return texts.append(("input", text)) }
    guard let items = input.array else {
      throw RequestBody.wrongType("input", "a string or an array of items", input)
    }
    guard !items.isEmpty else {
      throw .invalid("'input' is empty.", param: "input", code: "empty_array")
    }
    for (index, item) in items.enumerated() {
      let param = "input[\(index)]"
      guard item.members != nil else { throw RequestBody.wrongType(param, "an object", item) }
      switch item["content"] {
      case .string(let text)?: texts.append(("\(param).content", text))
      case .array(let parts)?:
        for part in parts {
          if let text = part["text"]?.string { texts.append(("\(param).content", text)) }
        }
      default: break
      }
      // What a tool answered.
      if let text = item["output"]?.string { texts.append(("\(param).output", text)) }
    }
  }
}
