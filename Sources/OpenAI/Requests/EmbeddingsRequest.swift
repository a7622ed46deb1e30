/// A checked request for embeddings. Runtimes that have them speak OpenAI's language; its shape is
/// checked and the model's name replaced.
package struct EmbeddingsRequest: Sendable {
  /// What the runtime is asked.
  package var body: [UInt8]

  /// Inputs of a request, as the interface allows.
  private static let mostInputs = 2048

  /// Checks a request.
  package init(_ request: RequestBody, _ context: RequestContext) throws(APIError) {
    guard let input = request["input"] else {
      throw .invalid(
        "You must provide an input.", param: "input", code: "missing_required_parameter")
    }
    let expected = "a string, or an array of strings or tokens"
    switch input {
    case .string(let text):
      guard !text.isEmpty else {
        throw .invalid("'input' is empty.", param: "input", code: "invalid_value")
      }
    case .array(let items):
      guard !items.isEmpty else {
        throw .invalid("'input' is empty.", param: "input", code: "empty_array")
      }
      let isTokens = items.allSatisfy { ($0.integer ?? -1) >= 0 }
      let isTexts = items.allSatisfy { $0.string != nil || $0.array != nil }
      guard isTokens || isTexts else { throw RequestBody.wrongType("input", expected, input) }
      guard isTokens || items.count <= EmbeddingsRequest.mostInputs else {
        throw .invalid(
          "'input' has more than \(EmbeddingsRequest.mostInputs) items.", param: "input",
          code: "array_above_max_length")
      }
    default: throw RequestBody.wrongType("input", expected, input)
    }
    if let format = request["encoding_format"] {
      guard let name = format.string, ["float", "base64"].contains(name) else {
        throw .invalid(
          "'encoding_format' must be 'float' or 'base64'.", param: "encoding_format",
          code: "invalid_value")
      }
    }
    _ = try request.integer("dimensions", 1...1_000_000)
    var passed = request
    passed.set("model", .string(context.upstreamModel))
    body = JSONWriter.bytes(passed.json)
  }
}
