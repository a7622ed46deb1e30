internal import Base

/// The connection of a `UnixClient`: a stream, and the parts of an answer.
struct UnixConnection: ~Copyable {
  private var stream: UnixStream
  private var seconds: Double?
  /// What came after the head with it.
  private var rest: ArraySlice<UInt8> = []

  init(_ socket: String, within seconds: Double) throws(UnixClientError) {
    do throws(Errno) {
      stream = try UnixStream(socket, within: seconds)
    } catch {
      switch error {
      case .ENOENT, .ENOTDIR: throw .noSocket(socket)
      case .ECONNREFUSED: throw .refused(socket)
      case .EACCES, .EPERM: throw .denied(socket)
      // Its queue of connections stayed full.
      case .EAGAIN: throw .timedOut(seconds: seconds)
      default: throw .failed(step: "connect to \(socket)", error)
      }
    }
    self.seconds = seconds
  }

  /// One that is open.
  init(_ stream: consuming UnixStream, within seconds: Double) {
    self.stream = stream
    self.seconds = seconds
  }

  /// Whether there is something to read, or the end, within so many seconds.
  func isReadable(within seconds: Double) throws(UnixClientError) -> Bool {
    if !rest.isEmpty { return true }
    do throws(Errno) {
      return try stream.isReadable(within: seconds)
    } catch {
      throw failure("read the answer", error)
    }
  }

  /// From now on so many seconds, or for ever.
  mutating func wait(_ seconds: Double?) {
    self.seconds = seconds
    stream.wait(seconds)
  }

  /// Sends everything. A service that answers before it has read all of it, and closes, is no
  /// failure here: its answer says why.
  func send(_ bytes: [UInt8]) throws(UnixClientError) {
    do throws(Errno) {
      try stream.send(bytes)
    } catch {
      if error == .EPIPE || error == .ECONNRESET { return }
      throw failure("send the request", error)
    }
  }

  /// Some bytes; none at the end.
  mutating func receive() throws(UnixClientError) -> [UInt8] {
    if !rest.isEmpty {
      defer { rest = [] }
      return Array(rest)
    }
    do throws(Errno) {
      return try stream.receive()
    } catch {
      throw failure("read the answer", error)
    }
  }

  private func failure(_ step: String, _ errno: Errno) -> UnixClientError {
    errno == .ETIMEDOUT ? .timedOut(seconds: seconds ?? 0) : .failed(step: step, errno)
  }

  /// The status line and the headers.
  mutating func head() throws(UnixClientError) -> UnixClient.Response {
    var bytes: [UInt8] = []
    while true {
      let more = try receive()
      if more.isEmpty {
        throw .malformedAnswer(bytes.isEmpty ? "it is empty" : "it ends within its headers")
      }
      // The end may be split between two pieces.
      let from = max(0, bytes.count - 3)
      bytes += more
      if let end = UnixConnection.end(of: bytes, from: from) {
        rest = bytes[end...]
        return try UnixConnection.parse(bytes[..<end])
      }
      if bytes.count > UnixClient.longestHead { throw .malformedAnswer("its headers do not end") }
    }
  }

  /// The body: as long as announced, else to the end.
  mutating func body(
    _ head: UnixClient.Response, isEmpty: Bool
  ) throws(UnixClientError) -> [UInt8] {
    if isEmpty || head.status == 204 || head.status == 304 { return [] }
    // An answer to HTTP/1.0 must not be framed.
    if let coding = head.header("transfer-encoding") {
      throw .malformedAnswer("it is encoded as \(coding)")
    }
    var length: Int?
    if let text = head.header("content-length") {
      length = Int(text)
      guard let length, length >= 0 else { throw .malformedAnswer("its length is '\(text)'") }
      guard length <= UnixClient.longestBody else {
        throw .malformedAnswer("it has \(length) bytes")
      }
    }
    var body: [UInt8] = []
    while length.map({ body.count < $0 }) ?? true {
      let more = try receive()
      if more.isEmpty {
        if let length {
          throw .malformedAnswer("it ends after \(body.count) of \(length) bytes")
        }
        return body
      }
      body += more
      if body.count > UnixClient.longestBody {
        throw .malformedAnswer("it has more than \(UnixClient.longestBody) bytes")
      }
    }
    return Array(body.prefix(length ?? body.count))
  }

  /// The first position after an empty line.
  static func end(of bytes: [UInt8], from: Int) -> Int? {
    var index = from
    while index + 3 < bytes.count {
      if bytes[index...].prefix(4).elementsEqual([0x0d, 0x0a, 0x0d, 0x0a]) { return index + 4 }
      index += 1
    }
    return nil
  }

  /// `HTTP/1.1 200 OK` and lines of names and values (RFC 9112).
  static func parse(
    _ bytes: ArraySlice<UInt8>
  ) throws(UnixClientError) -> UnixClient.Response {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3,
      let status = Int(words[1]), (200..<600).contains(status)
    else { throw .malformedAnswer("it starts with '\((lines.first ?? "").prefix(40))'") }
    var headers: [(name: String, value: String)] = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else {
        throw .malformedAnswer("a header is '\(line.prefix(40))'")
      }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append((line[..<colon].lowercased(), String(value)))
    }
    return UnixClient.Response(status: status, headers: headers)
  }
}
