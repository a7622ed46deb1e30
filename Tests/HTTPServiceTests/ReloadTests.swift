import Base
import Foundation
import HTTPService
import NIOCore
import TestSupport
import Testing

/// STANDS IN for TLS, which is a module of its own: holds the names of files against what is there, and
/// encrypts nothing. `Tests/ServiceTests/TLSTests.swift` is about the real one.
private struct NamedEncryption: Encryption {
  struct Session: EncryptedSession {
    func makeHandler() -> any ChannelHandler { PassThrough() }
  }
  final class PassThrough: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
  }

  func session(_ files: TLSFiles) throws(Failure) -> any EncryptedSession {
    if !FileManager.default.fileExists(atPath: files.certificate) {
      throw Failure("read the certificate \(files.certificate)", Errno.ENOENT)
    }
    return Session()
  }
}

/// Other listeners while it serves.
@Suite(.serialized) struct ReloadTests {
  private func withServer(_ body: (HTTPServer) async throws -> Void) async throws {
    let thread = EventThread()
    let server = HTTPServer(
      thread: thread, encryption: NamedEncryption(), responder: TestResponder())
    do { try await body(server) } catch {
      await server.stop(seconds: 0)
      await thread.stop()
      throw error
    }
    await server.stop(seconds: 0)
    await thread.stop()
  }

  private func clear(_ host: String, _ port: Int) -> Listener {
    .tcp(host: host, port: port, tls: nil)
  }

  private struct NoSocket: Error {}

  /// What the server says of who asks it.
  private func who(_ port: Int) async throws -> String {
    try await offPool {
      let client = try RawClient(port: port)
      client.send("GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      return try client.readToEnd()
    }
  }

  /// A socket that is bound to a port of the kernel's choice.
  /// - Parameters:
  ///   - address: in the host's order.
  ///   - isListening: whether it also listens.
  private func boundSocket(
    _ address: UInt32, isListening: Bool
  ) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(
      // Tests beside this one start programs, which would keep the port.
      AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = address.bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var reuse: Int32 = 1
    let status = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
          + bind(descriptor, pointer, size)
          + (isListening ? listen(descriptor, 16) : 0) + getsockname(descriptor, pointer, &size)
      }
    }
    guard descriptor >= 0, status == 0 else {
      close(descriptor)
      throw NoSocket()
    }
    return (descriptor, Int(UInt16(bigEndian: name.sin_port)))
  }

  /// A socket that listens on a port of 127.0.0.1, as systemd passes it.
  private func passedSocket() throws -> (descriptor: Int32, port: Int) {
    try boundSocket(0x7f00_0001, isListening: true)
  }

  /// A port of every address that nobody else is given while its socket is open. That does not listen,
  /// so the server, which reuses addresses as well, may.
  private func heldPort() throws -> (descriptor: Int32, port: Int) {
    try boundSocket(0, isListening: false)
  }

  @Test func `a port goes from every address to one and back`() async throws {
    try await withServer { server in
      let (held, port) = try heldPort()
      defer { close(held) }
      for host in ["0.0.0.0", "127.0.0.1", "0.0.0.0", "127.0.0.2"] {
        let bound = try await server.listen(on: [clear(host, port)])
        #expect(bound.map(\.description) == ["\(host):\(port)"])
        guard host != "127.0.0.2" else { continue }
        #expect(try await isServed(port), "\(host)")
      }
    }
  }

  @Test func `when one listener cannot be opened all are as they were`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = TLSFiles(
      certificate: folder.appendingPathComponent("one.pem").path, key: "/nonexistent.key")
    try Data().write(to: URL(fileURLWithPath: files.certificate))
    let taken = try passedSocket()
    defer { close(taken.descriptor) }
    try await withServer { server in
      let (held, port) = try heldPort()
      defer { close(held) }
      let busy = clear("127.0.0.1", taken.port)
      let encrypted = Listener.tcp(host: "127.0.0.1", port: port, tls: files)
      let none = Listener.tcp(
        host: "127.0.0.1", port: port, tls: TLSFiles(certificate: "/nonexistent", key: files.key))
      for (before, after) in [
        ([clear("127.0.0.1", port)], [encrypted, busy]),
        ([clear("127.0.0.1", port)], [none]),
        ([clear("0.0.0.0", port)], [clear("127.0.0.1", port), busy]),
        ([clear("127.0.0.1", port)], [clear("0.0.0.0", port), busy]),
        ([clear("127.0.0.1", port)], [busy]),
      ] {
        let bound = try await server.listen(on: before)
        await #expect {
          _ = try await server.listen(on: after)
        } throws: {
          ($0 as? Failure)?.lostListeners == []
        }
        #expect(try await isServed(port), "\(before) after \(after)")
        // And what it says it is told again, without being opened anew.
        #expect(try await server.listen(on: before) == bound)
      }
    }
  }

  @Test func `a passed socket takes other certificates and is never closed`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = TLSFiles(
      certificate: folder.appendingPathComponent("one.pem").path, key: "/nonexistent.key")
    try Data().write(to: URL(fileURLWithPath: files.certificate))
    let taken = try passedSocket()
    defer { close(taken.descriptor) }
    let passed = try passedSocket()
    try await withServer { server in
      let encrypted = Listener.inherited(descriptor: passed.descriptor, tls: files)
      let inClear = Listener.inherited(descriptor: passed.descriptor)
      // It is not used up by a start that fails.
      await #expect(throws: Failure.self) {
        try await server.start(on: [inClear, clear("127.0.0.1", taken.port)])
      }
      try await server.start(on: [inClear])
      #expect(try await isServed(passed.port))
      _ = try await server.listen(on: [encrypted])
      #expect(try await who(passed.port).contains("isEncrypted: true"))
      await #expect(throws: Failure.self) {
        try await server.listen(on: [inClear, clear("127.0.0.1", taken.port)])
      }
      #expect(try await who(passed.port).contains("isEncrypted: true"))
      _ = try await server.listen(on: [inClear])
      #expect(try await isServed(passed.port))
    }
  }

  @Test func `an address that comes later does not hold up the others`() async throws {
    try await withServer { server in
      // 192.0.2.0/24 and 2001:db8::/32 are for documents: no machine has them.
      let bound = try await server.listen(on: [clear("127.0.0.1", 0), clear("192.0.2.10", 0)])
      #expect(bound.map(\.isAwaited) == [false, true])
      #expect(bound[1].address == "192.0.2.10" && (bound[1].port ?? 0) > 0)
      #expect(try await isServed(bound[0].port ?? 0))
      guard FileManager.default.fileExists(atPath: "/proc/net/if_inet6") else { return }
      let other = try await server.listen(on: [clear("2001:db8::10", 0)])
      #expect(other.map(\.isAwaited) == [true])
    }
  }
}
