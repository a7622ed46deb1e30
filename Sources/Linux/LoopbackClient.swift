internal import Base
internal import CLinux
internal import Glibc

/// Asks a service of this machine over HTTP/1.0 on `127.0.0.1` or `::1`. There is no way to name another address:
/// what uses it cannot reach a network.
package enum LoopbackClient {
  /// Asks, and hands the bytes of the answer on as they come. One with a status other than 200 is returned whole,
  /// and nothing of it is handed on.
  /// - Parameters:
  ///   - port: of TCP.
  ///   - isIPv6: `::1` in place of `127.0.0.1`.
  ///   - body: what is posted; nil for GET.
  ///   - seconds: the longest silence.
  ///   - isCancelled: asked some ten times a second; true ends the conversation.
  ///   - onBytes: takes some bytes.
  /// - Returns: the head of the answer; nil when it was cancelled before that.
  package static func ask(
    port: UInt16, isIPv6: Bool, path: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil, seconds: Double, isCancelled: () -> Bool = { false },
    onBytes: ([UInt8]) -> Void
  ) throws(UnixClientError) -> UnixClient.Response? {
    let name = isIPv6 ? "[::1]:\(port)" : "127.0.0.1:\(port)"
    let stream: UnixStream
    do throws(Errno) {
      stream = try UnixStream(loopback: port, isIPv6: isIPv6, within: 5)
    } catch {
      throw error == .ECONNREFUSED
        ? .refused(name) : .failed(step: "connect to \(name)", error)
    }
    var connection = UnixConnection(stream, within: 5)
    try connection.send(
      try UnixClient.head(body == nil ? "GET" : "POST", path, headers, body?.count ?? 0)
        + (body ?? []))
    guard try wait(&connection, seconds, isCancelled) else { return nil }
    connection.wait(seconds)
    var response = try connection.head()
    if response.status != 200 {
      response.body = try connection.body(response, isEmpty: false)
      return response
    }
    while try wait(&connection, seconds, isCancelled) {
      let bytes = try connection.receive()
      if bytes.isEmpty { break }
      onBytes(bytes)
    }
    return response
  }

  /// Waits until something can be read; false when it was cancelled.
  private static func wait(
    _ connection: inout UnixConnection, _ seconds: Double, _ isCancelled: () -> Bool
  ) throws(UnixClientError) -> Bool {
    let end = Clock.seconds() + seconds
    while true {
      if isCancelled() { return false }
      if try connection.isReadable(within: 0.1) { return true }
      if Clock.seconds() >= end { throw .timedOut(seconds: seconds) }
    }
  }
}

extension UnixStream {
  /// Connects to a port of this machine's loopback.
  init(loopback port: UInt16, isIPv6: Bool, within seconds: Double) throws(Errno) {
    self.init(
      descriptor: try UnixStream.connected(loopback: port, isIPv6: isIPv6), within: seconds)
  }

  private static func connected(loopback port: UInt16, isIPv6: Bool) throws(Errno) -> Int32 {
    let family = isIPv6 ? AF_INET6 : AF_INET
    let opened = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard opened >= 0 else { throw Errno(errno) }
    // A loopback connects at once, or not at all.
    let status: Int32
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      status = unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(opened, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      status = unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(opened, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    guard status == 0 else {
      let failure = Errno(errno)
      close(opened)
      throw failure
    }
    return opened
  }
}
