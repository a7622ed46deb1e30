internal import Base

extension UnixClient {
  /// How an answer that was followed ended.
  package enum FollowedEnd: Hashable, Sendable {
    /// The service has closed the connection, or the body was whole.
    case whole
    /// The time was up.
    case deadline
    /// Who asked did not want more.
    case left
  }

  /// Seconds between two questions whether to go on.
  private static let tick = 0.05
  /// Bytes of a body that are kept of an answer with another status than 200.
  private static let longestProblem = 64 << 10

  /// Sends JSON and follows the answer as it comes, until it ends, the time is up, or who asked wants no more.
  /// An answer with another status than 200 is returned with the start of its body.
  /// - Parameters:
  ///   - seconds: for everything together.
  ///   - goesOn: asked every 50 ms.
  ///   - onBytes: takes content; false ends the conversation.
  /// - Returns: the head of the answer, nil where it did not come; and how it ended.
  package static func follow(
    socket: String, path: String, json: [UInt8], seconds: Double, goesOn: () -> Bool,
    onBytes: ([UInt8]) -> Bool
  ) throws(UnixClientError) -> (head: Response?, end: FollowedEnd) {
    let end = Clock.seconds() + seconds
    var connection = try UnixConnection(socket, within: seconds)
    let headers = [
      "POST \(path) HTTP/1.0", "Host: localhost", "Content-Type: application/json",
      "Content-Length: \(json.count)", "Connection: close",
    ]
    try connection.send(Array((headers.joined(separator: "\r\n") + "\r\n\r\n").utf8) + json)
    var start: [UInt8] = []
    var response: Response?
    var chunks: ChunkedBody?
    while true {
      if !goesOn() { return (response, .left) }
      let left = end - Clock.seconds()
      if left <= 0 { return (response, .deadline) }
      connection.wait(min(left, tick))
      var bytes: [UInt8]
      do throws(UnixClientError) {
        bytes = try connection.receive()
      } catch {
        if case .timedOut = error { continue }
        throw error
      }
      if bytes.isEmpty {
        if response == nil {
          throw .malformedAnswer(start.isEmpty ? "it is empty" : "it ends within its headers")
        }
        return (response, .whole)
      }
      if response == nil {
        start += bytes
        guard let body = UnixConnection.end(of: start, from: 0) else {
          if start.count > longestHead { throw .malformedAnswer("its headers do not end") }
          continue
        }
        let head = try UnixConnection.parse(start[..<body])
        if head.header("transfer-encoding")?.lowercased() == "chunked" { chunks = ChunkedBody() }
        response = head
        bytes = Array(start[body...])
      }
      if chunks != nil {
        do throws(ChunkedBody.Malformed) {
          bytes = try chunks?.feed(bytes) ?? []
        } catch {
          throw .malformedAnswer("its chunks cannot be read")
        }
      }
      if response?.status != 200 {
        response?.body += bytes
        if response?.body.count ?? 0 > longestProblem { return (response, .whole) }
      } else if !bytes.isEmpty, !onBytes(bytes) {
        return (response, .left)
      }
      if chunks?.isWhole == true { return (response, .whole) }
    }
  }
}
