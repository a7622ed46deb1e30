package import Base

/// Asks a service over HTTP/1.0 on a Unix socket, waiting for the answer.
///
/// It is for programs that start, ask one question and end: nothing is loaded, no thread is made.
/// The service closes the connection after its answer, so the answer has no framing to decode.
package enum UnixClient {
  /// An answer.
  package struct Response: Hashable, Sendable {
    /// The status code, 200.
    package var status: Int
    /// Names in small letters and values, in the service's order.
    package var headers: [(name: String, value: String)] {
      zip(names, values).map { ($0, $1) }
    }
    package var body: [UInt8]
    private var names: [String]
    private var values: [String]

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8] = []) {
      self.status = status
      self.body = body
      names = headers.map(\.name)
      values = headers.map(\.value)
    }

    /// The value of the first header of that name, in small letters.
    package func header(_ name: String) -> String? {
      names.firstIndex(of: name).map { values[$0] }
    }
  }

  /// The longest body taken, bytes.
  package static let longestBody = 256 << 20
  /// The longest status line and headers taken, bytes.
  static let longestHead = 64 << 10

  /// Whether a program listens on a socket now.
  package static func isServed(_ socket: String) -> Bool {
    do throws(Errno) {
      _ = try UnixStream(socket, within: 0.2)
      return true
    } catch {
      // Its queue of connections is full.
      return error == .EAGAIN
    }
  }

  /// Asks, and waits for the whole answer.
  /// - Parameters:
  ///   - socket: path of the socket; `@` in front is an abstract name.
  ///   - path: path and query, percent-encoded.
  ///   - headers: sent besides those that are needed.
  ///   - timeoutSeconds: for everything together.
  /// - Returns: the answer, whatever its status is.
  package static func request(
    socket: String, method: String = "GET", path: String,
    headers: [(name: String, value: String)] = [], body: [UInt8] = [], timeoutSeconds: Double = 30
  ) throws(UnixClientError) -> Response {
    var connection = try UnixConnection(socket, within: timeoutSeconds)
    try connection.send(try head(method, path, headers, body.count) + body)
    var response = try connection.head()
    response.body = try connection.body(response, isEmpty: method == "HEAD")
    return response
  }

  /// Asks for an answer without end, such as server-sent events, and hands its bytes on as they
  /// come. An answer with a status other than 200 is returned whole, and nothing is handed on.
  /// - Parameters:
  ///   - timeoutSeconds: for the connection and the head of the answer.
  ///   - silenceSeconds: how long nothing may come before it counts as broken; nil is for ever.
  ///   - onBytes: takes some bytes; false ends the conversation.
  /// - Returns: the head of the answer, when the service or `onBytes` ended it.
  package static func stream(
    socket: String, path: String, headers: [(name: String, value: String)] = [],
    timeoutSeconds: Double = 30, silenceSeconds: Double? = nil, onBytes: ([UInt8]) -> Bool
  ) throws(UnixClientError) -> Response {
    var connection = try UnixConnection(socket, within: timeoutSeconds)
    try connection.send(try head("GET", path, headers, 0))
    var response = try connection.head()
    if response.status != 200 {
      response.body = try connection.body(response, isEmpty: false)
      return response
    }
    while true {
      connection.wait(silenceSeconds)
      let bytes = try connection.receive()
      if bytes.isEmpty || !onBytes(bytes) { return response }
    }
  }

  static func head(
    _ method: String, _ path: String, _ headers: [(name: String, value: String)], _ length: Int
  ) throws(UnixClientError) -> [UInt8] {
    var lines = ["\(method) \(path) HTTP/1.0", "Host: localhost"]
    if length > 0 || ["POST", "PUT", "PATCH"].contains(method) {
      lines.append("Content-Length: \(length)")
    }
    lines += headers.map { "\($0.name): \($0.value)" }
    // A line break or space that comes with an argument would be a request of its own.
    let isClean =
      lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }
      && path.utf8.first == 0x2f && !path.utf8.contains(0x20) && !method.utf8.contains(0x20)
    guard isClean else { throw .malformed(path) }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}

/// Why a service could not be asked.
package enum UnixClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such socket: the service is not installed or was never started.
  case noSocket(String)
  /// The socket is there and nobody listens.
  case refused(String)
  /// This user may not use it.
  case denied(String)
  /// No answer, or not all of it, in time.
  case timedOut(seconds: Double)
  /// What came is no answer: why.
  case malformedAnswer(String)
  /// The request has characters that must not be in it.
  case malformed(String)
  /// A system call failed.
  case failed(step: String, Errno)

  /// Why, in words.
  package var description: String {
    switch self {
    case .noSocket(let path): "there is no \(path)"
    case .refused(let path): "nobody listens at \(path)"
    case .denied(let path): "no permission to use \(path)"
    case .timedOut(let seconds): "no answer within \(seconds) s"
    case .malformedAnswer(let why): "the answer cannot be understood: \(why)"
    case .malformed(let text): "'\(text)' cannot be asked for"
    case .failed(let step, let errno): "\(step): \(errno)"
    }
  }
}
