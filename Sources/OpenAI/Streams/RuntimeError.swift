/// Errors of runtimes, as the door passes them on.
package enum RuntimeError {
  /// The error of an answer with a status that is no success.
  /// - Parameter body: what came with it.
  package static func error(_ status: Int, body: [UInt8]) -> APIError {
    let json = try? JSONParser.parse(body)
    if let error = json?["error"], !error.isNull { return self.error(status, error) }
    return self.error(status, json?["message"] ?? .null)
  }

  /// The error of a status and of the value of `error`, which runtimes fill as they like.
  static func error(_ status: Int, _ error: JSONValue) -> APIError {
    let text = error.string ?? error["message"]?.string
    let message = text.map { String($0.prefix(500)) }
    // llama.cpp puts the status into the code of an error within a stream.
    let status = error["code"]?.integer.flatMap { 400...599 ~= $0 ? $0 : nil } ?? status
    // llama.cpp fails with 500 at an image or a sound that its model does not take.
    if status == 500, let message, message.contains("input is not supported") {
      return .invalid(message, param: "messages", code: "unsupported_parameter")
    }
    let kind = error["code"]?.string ?? error["type"]?.string
    switch status {
    case 404, 405, 501:
      return .unsupportedEndpoint(message ?? "The runtime does not have this.")
    case 413: return .tooLarge(message ?? "The runtime does not take so large a request.")
    case 429:
      return .queueFull(message ?? "The runtime has too many requests.", retrySeconds: 1)
    case 400..<500:
      let isContext = kind?.contains("context") ?? false
      return .invalid(
        message ?? "The runtime refused the request.", param: error["param"]?.string,
        code: isContext ? "context_length_exceeded" : kind.map { String($0.prefix(100)) })
    case 503: return .starting(message ?? "The runtime is loading its model.", retrySeconds: 5)
    default:
      return .runtimeFailed(
        message.map { "The runtime failed: \($0)" } ?? "The runtime answered with status \(status)."
      )
    }
  }
}
