/// The answer to a request.
package struct HTTPResponse: Sendable {
  /// What is sent after the head.
  package enum Body: Sendable {
    /// Bytes, with their length in the head.
    case bytes([UInt8])
    /// Pieces as they come, for as long as client and producer want. The stream is cancelled when
    /// the client goes, when it reads too slowly, and when the server stops.
    case stream(AsyncStream<[UInt8]>)
    /// Pieces that are asked for one after the other, each when the client has taken those before:
    /// nothing is dropped, and a slow client slows its producer down. It does not count as a stream.
    case pulled(any PieceSource)
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
}

/// Makes the pieces of an answer when they are asked for.
package protocol PieceSource: Sendable {
  /// The next piece; nil at the end. Its task is cancelled when the client goes.
  func next() async -> [UInt8]?
  /// Nothing is asked for any more: the answer is complete, or the client has gone, which may be before
  /// anything was asked for.
  func end()
  /// Bytes that mean nothing to the client: sent when it has closed its side, to find out whether it still
  /// reads. Empty for none.
  var probe: [UInt8] { get }
}

/// An error that the server answers by itself, before a responder gets to see the request.
package struct ServerProblem: Error, Hashable, Sendable {
  /// The status of the answer.
  package var status: Int
  /// What failed, and why.
  package var step: String
  package var cause: String
  /// Seconds after which another try makes sense.
  package var retrySeconds: Int?

  init(_ status: Int, _ step: StaticString, _ cause: StaticString, retrySeconds: Int? = nil) {
    self.status = status
    self.step = "\(step)"
    self.cause = "\(cause)"
    self.retrySeconds = retrySeconds
  }

  /// In the form of every unsuccessful answer (`tinybox.problem/1`). Its texts are written in this module,
  /// so nothing in them needs escaping.
  package var response: HTTPResponse {
    let text = """
      {"cause":"\(cause)","schema":"tinybox.problem/1","status":\(status),"step":"\(step)"}

      """
    var headers: HeaderFields = ["Content-Type": "application/json"]
    if let retrySeconds { headers.add("Retry-After", "\(retrySeconds)") }
    return HTTPResponse(status: status, headers: headers, body: .bytes(Array(text.utf8)))
  }
}
