internal import API
internal import Base
internal import HTTPService

/// Answers the gateway makes itself.
enum Responses {
  /// A problem, in the form of the daemon's.
  static func problem(_ problem: Problem, headers: HeaderFields = [:]) -> HTTPResponse {
    let text = (try? JSON.line(problem)) ?? Array("{}".utf8)
    var headers = headers
    headers.set("Content-Type", "application/json")
    headers.set("Cache-Control", "no-store")
    return HTTPResponse(
      status: problem.status, headers: headers, body: .bytes(text + [0x0a]))
  }

  static func problem(
    _ status: Int, _ step: String, cause: String, hint: String? = nil,
    headers: HeaderFields = [:]
  ) -> HTTPResponse {
    problem(Problem(status, step, cause: cause, hint: hint), headers: headers)
  }

  static func notFound(_ request: HTTPRequest) -> HTTPResponse {
    problem(
      404, "find what was asked for", cause: "there is no such path",
      hint: "the API is under /api/v1, metrics are at /metrics")
  }

  static func wrongMethod(_ allowed: String) -> HTTPResponse {
    problem(
      405, "do what was asked for", cause: "this path takes \(allowed)",
      hint: "changes are made with tinyboxctl on the machine", headers: ["Allow": allowed])
  }

  static func redirect(_ path: String) -> HTTPResponse {
    HTTPResponse(status: 303, headers: ["Location": path, "Cache-Control": "no-store"])
  }

  private static let pagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  /// A picture that is opened by itself has its style sheet within, and needs nothing else.
  private static let picturePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    + "frame-ancestors 'none'; sandbox"

  /// The headers that keep a browser from doing with an answer what it is not for. Those an answer
  /// has already stay.
  static func secure(_ response: inout HTTPResponse) {
    let isPicture = response.headers["Content-Type"]?.hasPrefix("image/svg+xml") ?? false
    let headers = [
      ("Content-Security-Policy", isPicture ? picturePolicy : pagePolicy),
      ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
    ]
    for (name, value) in headers where response.headers[name] == nil {
      response.headers.add(name, value)
    }
  }
}
