internal import HTTPService
internal import Linux
internal import OpenAI

/// Answers of the door, in OpenAI's shape.
enum DoorResponses {
  static func json(_ value: JSONValue, status: Int = 200, id: String? = nil) -> HTTPResponse {
    bytes(JSONWriter.bytes(value) + [0x0a], status: status, id: id)
  }

  static func bytes(
    _ bytes: [UInt8], type: String = "application/json", status: Int = 200, id: String? = nil
  ) -> HTTPResponse {
    var headers: HeaderFields = ["Content-Type": type, "Cache-Control": "no-store"]
    if let id { headers.add("x-request-id", id) }
    return HTTPResponse(status: status, headers: headers, body: .bytes(bytes))
  }

  static func error(_ error: APIError) -> HTTPResponse {
    var response = bytes(error.body, status: error.status)
    if let seconds = error.retrySeconds { response.headers.add("Retry-After", "\(seconds)") }
    if let retry = error.shouldRetry { response.headers.add("x-should-retry", "\(retry)") }
    if let allowed = error.allowed { response.headers.add("Allow", allowed) }
    if error.status == 401 {
      response.headers.add("WWW-Authenticate", "Bearer realm=\"tinybox\"")
    }
    return response
  }

  /// What the server refuses by itself, below `/v1`.
  static func error(_ problem: ServerProblem) -> HTTPResponse {
    let message = "Cannot \(problem.step): \(problem.cause)."
    let error: APIError =
      switch problem.status {
      case 400: .invalid(message)
      case 408: .tooSlow(message)
      case 413: .tooLarge(message)
      case 431:
        APIError(431, "invalid_request_error", "request_header_fields_too_large", message)
      case 503: .overloaded(message, retrySeconds: problem.retrySeconds ?? 1)
      case let status: APIError(status, "invalid_request_error", nil, message)
      }
    return self.error(error)
  }

  /// Whether a path is the door's.
  static func isDoor(_ path: String) -> Bool {
    var path = path[...]
    for scheme in ["http://", "https://"] where path.hasPrefix(scheme) {
      path = path.dropFirst(scheme.count).drop { $0 != "/" }
    }
    return path == "/v1" || path.hasPrefix("/v1/") || path.hasPrefix("/v1?")
  }

  /// A model, as `/v1/models` lists it.
  static func model(_ entry: ModelCatalog.Entry) -> JSONValue {
    .object([
      .init("id", .string(entry.id)), .init("object", .string("model")),
      .init("created", .integer(entry.created)), .init("owned_by", .string("tinybox")),
    ])
  }

  /// A new id.
  static func id(_ prefix: String) -> String {
    let digits = Array("0123456789abcdef")
    let bytes = (try? RandomBytes.make(12)) ?? [UInt8](repeating: 0, count: 12)
    return prefix + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
