import Foundation

/// A connection that sends exactly the bytes it is given, for tests of servers. It blocks: use it
/// inside `offPool`, or the server has no thread left to answer.
public final class RawClient: @unchecked Sendable {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// An answer.
  public struct Answer: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]
    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
    /// The value of the first field of a name.
    public func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  /// What went wrong.
  public struct Failure: Error, CustomStringConvertible {
    /// In words.
    public var description: String
  }

  /// Connects to a port of 127.0.0.1.
  public init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try check(status)
  }

  /// Connects to a Unix socket.
  public init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.enumerated() { room[index] = byte }
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try check(status)
  }

  private func check(_ status: Int32) throws {
    if status != 0 { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    setTimeout(60)
  }

  deinit { close(descriptor) }

  /// Seconds after which reading and writing fail.
  public func setTimeout(_ seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  /// Makes the kernel keep little for this side.
  public func shrinkReceiveBuffer() {
    var size: Int32 = 4096
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Has the connection end with a reset in place of an orderly end.
  public func resetWhenClosed() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }

  /// Says that nothing more will be sent; answers are still read.
  public func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends bytes.
  /// - Returns: how many the other side took; fewer when it closed or nobody read in time.
  @discardableResult public func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
    return sent
  }

  /// Sends a text.
  @discardableResult public func send(_ text: String) -> Int { send(Array(text.utf8)) }

  /// More bytes, or false at the end of the connection.
  private func fill() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 {
      if errno == ECONNRESET { return false }
      throw Failure(description: "receive: \(String(cString: strerror(errno)))")
    }
    buffer += chunk.prefix(count)
    return count > 0
  }

  /// All that comes until the other side closes.
  public func readToEnd() throws -> String {
    while try fill() {}
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  /// Reads until a text has come; what came before it and the text itself are taken.
  public func read(until text: String) throws {
    let wanted = Array(text.utf8)
    while true {
      if let range = buffer.firstRange(of: wanted) {
        buffer.removeSubrange(..<range.upperBound)
        return
      }
      guard try fill() else { throw Failure(description: "closed before '\(text)' came") }
    }
  }

  /// The next answer, by its length, its chunks, or the end of the connection.
  public func answer(toHead: Bool = false) throws -> Answer {
    let gap = Array("\r\n\r\n".utf8)
    while buffer.firstRange(of: gap) == nil {
      guard try fill() else { throw Failure(description: "closed before an answer came") }
    }
    guard let end = buffer.firstRange(of: gap) else { throw Failure(description: "no head") }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    buffer.removeSubrange(..<end.upperBound)
    guard let status = Int(lines[0].split(separator: " ")[1]) else {
      throw Failure(description: "no status: \(lines[0])")
    }
    let headers = lines.dropFirst().map { line in
      let parts = line.components(separatedBy: ": ")
      return (name: parts[0], value: parts.dropFirst().joined(separator: ": "))
    }
    // Sent to a client that has closed its side, to find out whether it reads: not the answer yet.
    if status == 102 { return try self.answer(toHead: toHead) }
    var answer = Answer(status: status, headers: Array(headers), body: [])
    if toHead || status == 304 || status == 204 { return answer }
    if let length = answer.header("Content-Length").flatMap(Int.init) {
      while buffer.count < length {
        guard try fill() else { throw Failure(description: "closed within the body") }
      }
      answer.body = Array(buffer.prefix(length))
      buffer.removeFirst(length)
    } else if answer.header("Transfer-Encoding") == "chunked" {
      while let chunk = try chunk() { answer.body += chunk }
    } else {
      while try fill() {}
      answer.body = buffer
      buffer = []
    }
    return answer
  }

  /// The next chunk; nil for the one that ends the body.
  public func chunk() throws -> [UInt8]? {
    let gap = Array("\r\n".utf8)
    while buffer.firstRange(of: gap) == nil {
      guard try fill() else { throw Failure(description: "closed before a chunk came") }
    }
    guard let end = buffer.firstRange(of: gap),
      let length = Int(String(decoding: buffer[..<end.lowerBound], as: UTF8.self), radix: 16)
    else { throw Failure(description: "no chunk") }
    let whole = end.upperBound + length + 2
    while buffer.count < whole {
      guard try fill() else { throw Failure(description: "closed within a chunk") }
    }
    let chunk = Array(buffer[end.upperBound..<end.upperBound + length])
    buffer.removeSubrange(..<whole)
    return length == 0 ? nil : chunk
  }

  /// Whether the other side has closed or closes within the time limit.
  public func isClosed() -> Bool {
    while true {
      do { if try !fill() { return true } } catch { return false }
    }
  }
}

/// Runs what blocks on a thread that Swift's concurrency does not need.
public func offPool<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
