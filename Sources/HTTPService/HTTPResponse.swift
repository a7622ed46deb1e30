/// The answer to a request.
package struct HTTPResponse: Sendable {
  /// What is sent after the head.
  package enum Body: Sendable {
    /// Bytes, with their length in the head.
    case bytes([UInt8])
    /// Pieces as they come, for as long as client and producer want. The stream is cancelled when
    /// the client goes, when it reads too slowly, and when the server stops.
    case stream(AsyncStream<[UInt8]>)
  }

  /// The status code.
  package var status: Int
  /// The header fields. Length, framing, connection and date are added by the server.
  package var headers: HeaderFields
  package var body: Body

  /// An answer with this status.
  package init(status: Int, headers: HeaderFields = [:], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer in the form of every unsuccessful answer (`tinybox.problem/1`): what failed and why.
  /// Both are written here, so nothing in them needs escaping.
  static func problem(
    _ status: Int, _ step: StaticString, _ cause: StaticString, retrySeconds: Int? = nil
  ) -> HTTPResponse {
    let text = """
      {"cause":"\(cause)","schema":"tinybox.problem/1","status":\(status),"step":"\(step)"}

      """
    var headers: HeaderFields = ["Content-Type": "application/json"]
    if let retrySeconds { headers.add("Retry-After", "\(retrySeconds)") }
    return HTTPResponse(status: status, headers: headers, body: .bytes(Array(text.utf8)))
  }
}
