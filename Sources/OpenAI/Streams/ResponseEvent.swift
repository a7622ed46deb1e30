/// The events of `/v1/responses`, which pass through: the model gets the client's name, and what ends the
/// answer is found.
enum ResponseEvent {
  /// Whether a text may stand in a stream as the name of an event.
  static func isName(_ name: String) -> Bool {
    name.hasPrefix("response.") && name.utf8.count <= 100
      && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2e || $0 == 0x5f }
  }
}

extension StreamRewriter {
  /// What of an event of `/v1/responses` goes to the client.
  mutating func read(responseEvent event: JSONValue) throws(APIError) -> [JSONValue] {
    guard let type = event["type"]?.string else {
      throw .runtimeFailed("The runtime sent an event without a type.")
    }
    // Its own members are those of an error.
    if type == "error" { throw RuntimeError.error(500, event) }
    var event = event
    guard var response = event["response"], response.members != nil else {
      note(isToken: type.hasSuffix(".delta"), isLast: false, nil)
      return [event]
    }
    if type == "response.failed", !hasBegun {
      throw RuntimeError.error(500, response["error"] ?? .null)
    }
    fill(&response)
    event.set("response", response)
    let isLast = ["response.completed", "response.incomplete", "response.failed"].contains(type)
    note(isToken: false, isLast: isLast, isLast ? Usage(response: response) : nil)
    return [event]
  }
}

extension StreamRewriter {
  /// Gives a response what the interface always has.
  private func fill(_ response: inout JSONValue) {
    response.set("model", .string(plan.model))
    if response["created_at"] == nil { response.set("created_at", .integer(plan.created)) }
    if response["output"] == nil { response.set("output", .array([])) }
    for member in plan.echoed where response[member.name] == nil {
      response.set(member.name, member.value)
    }
    guard var usage = response["usage"], usage.members != nil else { return }
    for (name, counts) in [
      ("input_tokens_details", ["cached_tokens", "cache_write_tokens"]),
      ("output_tokens_details", ["reasoning_tokens"]),
    ] {
      var details = usage[name].flatMap { $0.members == nil ? nil : $0 } ?? .object([])
      for count in counts where details[count] == nil { details.set(count, .integer(0)) }
      usage.set(name, details)
    }
    response.set("usage", usage)
  }
}

extension Usage {
  /// What a response says of the tokens used; nil when it makes no sense.
  init?(response: JSONValue) {
    guard let usage = response["usage"], let prompt = usage["input_tokens"]?.integer,
      let completion = usage["output_tokens"]?.integer, Usage.isSane(prompt),
      Usage.isSane(completion)
    else { return nil }
    self.init(prompt: prompt, completion: completion)
  }
}
