/// An error as clients of OpenAI's interface understand it: a status and a body with the four keys
/// `message`, `type`, `param` and `code`.
package struct APIError: Error, Hashable, Sendable {
  /// The status of the answer.
  package var status: Int
  /// The class of the error.
  package var type: String
  /// What it is, for programs.
  package var code: String?
  /// What is wrong, for people.
  package var message: String
  /// The parameter of the request that is wrong.
  package var param: String?
  /// Seconds after which another try makes sense: the field `Retry-After`.
  package var retrySeconds: Int?
  /// What `x-should-retry` says; nil leaves it out. The official client tries 408, 409, 429 and all from
  /// 500 on twice more unless this says false (openai-python, `_base_client.py`).
  package var shouldRetry: Bool?
  /// Methods that the path takes: the field `Allow`.
  package var allowed: String?

  /// An error with all its parts.
  package init(
    _ status: Int, _ type: String, _ code: String?, _ message: String, param: String? = nil,
    retrySeconds: Int? = nil, shouldRetry: Bool? = nil
  ) {
    self.status = status
    self.type = type
    self.code = code
    self.message = message
    self.param = param
    self.retrySeconds = retrySeconds
    self.shouldRetry = shouldRetry
  }

  /// `{"error": {...}}`.
  package var json: JSONValue {
    .object([
      .init(
        "error",
        .object([
          .init("message", .string(message)), .init("type", .string(type)),
          .init("param", param.map { .string($0) } ?? .null),
          .init("code", code.map { .string($0) } ?? .null),
        ]))
    ])
  }

  /// The body of the answer.
  package var body: [UInt8] { JSONWriter.bytes(json) + [0x0a] }

  /// The error within a stream that has begun, and the end of that stream.
  package var event: [UInt8] {
    Array("data: ".utf8) + JSONWriter.bytes(json) + Array("\n\n".utf8) + StreamRewriter.done
  }

  /// The error within a stream of `/v1/responses`: the members of its event `error`, and `error` itself, by which
  /// the official client knows it.
  package var responseEvent: [UInt8] {
    var value = json
    value.set("type", .string("error"))
    value.set("code", code.map { .string($0) } ?? .null)
    value.set("message", .string(message))
    value.set("param", param.map { .string($0) } ?? .null)
    value.set("sequence_number", .integer(0))
    return Array("event: error\ndata: ".utf8) + JSONWriter.bytes(value) + Array("\n\n".utf8)
      + StreamRewriter.done
  }

  // MARK: The request

  private static let request = "invalid_request_error"
  private static let server = "server_error"

  /// Bad JSON, a wrong type, a value out of range, a role there is not.
  package static func invalid(_ message: String, param: String? = nil, code: String? = nil)
    -> APIError
  {
    APIError(400, request, code, message, param: param)
  }

  /// A parameter that the runtime does not have.
  package static func unsupported(_ param: String, _ what: String, model: String) -> APIError {
    invalid(
      "The runtime of the model '\(model)' does not support \(what).", param: param,
      code: "unsupported_parameter")
  }

  /// A prompt that does not fit.
  package static func contextExceeded(_ message: String, param: String = "messages") -> APIError {
    invalid(message, param: param, code: "context_length_exceeded")
  }

  /// A text on which the runtime's tokenizer would take minutes.
  package static func unsuitableText(_ message: String, param: String) -> APIError {
    invalid(message, param: param, code: "unsuitable_text")
  }

  package static func tooLarge(_ message: String) -> APIError {
    APIError(413, request, "request_too_large", message)
  }

  package static func tooSlow(_ message: String) -> APIError {
    APIError(408, request, "request_timeout", message, shouldRetry: false)
  }

  // MARK: The caller

  package static func badKey(_ message: String) -> APIError {
    APIError(401, "authentication_error", "invalid_api_key", message)
  }

  package static func notAllowed(model: String) -> APIError {
    APIError(
      403, "permission_error", "model_not_allowed",
      "This token may not use the model '\(model)'.", param: "model")
  }

  package static func notPermitted(_ message: String) -> APIError {
    APIError(403, "permission_error", "not_permitted", message)
  }

  /// - Parameter known: the models there are.
  package static func unknownModel(_ model: String, known: [String]) -> APIError {
    let names = known.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    return APIError(
      404, request, "model_not_found",
      "The model '\(model.prefix(100))' does not exist. "
        + (known.isEmpty ? "This machine serves no model." : "There are \(names)."),
      param: "model")
  }

  package static func unsupportedEndpoint(_ message: String) -> APIError {
    APIError(404, request, "unsupported_endpoint", message)
  }

  package static func wrongMethod(_ allowed: String) -> APIError {
    var error = APIError(
      405, request, "method_not_allowed", "This path takes \(allowed).")
    error.allowed = allowed
    return error
  }

  package static func rateLimited(_ message: String, retrySeconds: Int) -> APIError {
    APIError(
      429, "rate_limit_error", "rate_limit_exceeded", message, retrySeconds: retrySeconds,
      shouldRetry: true)
  }

  package static func queueFull(_ message: String, retrySeconds: Int) -> APIError {
    APIError(
      429, "rate_limit_error", "queue_full", message, retrySeconds: retrySeconds, shouldRetry: true)
  }

  // MARK: The runtime

  package static func queueTimeout(_ message: String) -> APIError {
    APIError(503, server, "queue_timeout", message, shouldRetry: false)
  }

  package static func runtimeTimeout(_ message: String) -> APIError {
    APIError(504, server, "runtime_timeout", message, shouldRetry: false)
  }

  package static func starting(_ message: String, retrySeconds: Int) -> APIError {
    APIError(
      503, server, "runtime_starting", message, retrySeconds: retrySeconds, shouldRetry: true)
  }

  package static func shuttingDown(retrySeconds: Int) -> APIError {
    APIError(
      503, server, "shutting_down", "The gateway is shutting down.", retrySeconds: retrySeconds,
      shouldRetry: true)
  }

  /// The runtime cannot come back by itself.
  /// - Parameter code: `gpu_missing`, `model_damaged`, `runtime_failed` or `runtime_stopped`.
  package static func unavailable(_ code: String, _ message: String) -> APIError {
    APIError(503, server, code, message, shouldRetry: false)
  }

  /// Closed, malformed or empty before the first token, or after it.
  package static func runtimeFailed(_ message: String) -> APIError {
    APIError(502, server, "runtime_failed", message)
  }

  /// The gateway holds as much as it may.
  package static func overloaded(_ message: String, retrySeconds: Int) -> APIError {
    APIError(503, server, "overloaded", message, retrySeconds: retrySeconds, shouldRetry: true)
  }
}
