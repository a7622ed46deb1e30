import Foundation
import HTTPService
import TestSupport
import Testing

/// A service on a Unix socket that sends exactly what it is told to.
private final class Script: Sendable {
  let path: String
  let asked = Counter()
  let left = Counter()

  /// - Parameter answer: what is sent, and seconds to wait after each.
  init(_ path: String, _ answer: [(String, Double)], repeats: Bool = false) throws {
    self.path = path
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.enumerated() { room[index] = byte }
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0, listen(listener, 5) == 0 else { throw CocoaError(.fileWriteUnknown) }
    Thread.detachNewThread { [asked, left] in
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { return }
        var room = [UInt8](repeating: 0, count: 65_536)
        _ = recv(client, &room, room.count, 0)
        asked.add()
        sending: repeat {
          for (text, seconds) in answer {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
              let count = bytes[sent...].withUnsafeBytes {
                send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
              }
              if count <= 0 {
                left.add()
                break sending
              }
              sent += count
            }
            Thread.sleep(forTimeInterval: seconds)
          }
        } while repeats
        close(client)
      }
    }
  }
}

@Suite(.serialized) struct ExchangeTests {
  private func with(
    _ answer: [(String, Double)], repeats: Bool = false,
    _ body: (UnixExchange, Script) async throws -> Void
  ) async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = try Script(folder.appendingPathComponent("s").path, answer, repeats: repeats)
    let thread = EventThread()
    do { try await body(UnixExchange(path: script.path, thread: thread), script) } catch {
      await thread.stop()
      throw error
    }
    await thread.stop()
  }

  private let request = UnixExchange.Request(
    method: "POST", target: "/v1/chat/completions", body: Array("{}".utf8))

  private func all(_ exchange: UnixExchange) async throws -> String {
    var bytes: [UInt8] = []
    while let more = try await exchange.next() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `an answer of HTTP/1.0 ends with its connection`() async throws {
    try await with([("HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\none", 0.05), ("two", 0)]) {
      exchange, _ in
      let head = try await exchange.begin(request)
      #expect(head.status == 200 && head.headers["content-type"] == "a/b")
      #expect(try await all(exchange) == "onetwo")
      #expect(try await exchange.next() == nil)
    }
  }

  @Test func `an answer that breaks off, or is none, is a failure`() async throws {
    for answer in [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ] {
      try await with([(answer, 0)]) { exchange, _ in
        _ = try await exchange.begin(request)
        await #expect(throws: UpstreamFailure.self) { try await all(exchange) }
      }
    }
    for answer in ["", "garbage\r\n\r\n", "HTTP/1.1 200"] {
      try await with([(answer, 0)]) { exchange, _ in
        await #expect(throws: UpstreamFailure.self) { try await exchange.begin(request) }
      }
    }
  }

  @Test func `what is not read is not taken from the service`() async throws {
    let piece = String(repeating: "x", count: 1 << 20)
    try await with([("HTTP/1.0 200 OK\r\n\r\n", 0)] + (0..<30).map { _ in (piece, 0) }) {
      exchange, _ in
      _ = try await exchange.begin(request)
      try await Task.sleep(for: .milliseconds(300))
      var largest = 0
      var sum = 0
      while let bytes = try await exchange.next() {
        largest = max(largest, bytes.count)
        sum += bytes.count
      }
      #expect(sum == 30 << 20)
      #expect(largest < 2 << 20, "\(largest)")
    }
  }

  @Test func `who is cancelled ends the connection, waiting for a head or for more`() async throws {
    try await with([("", 0.2)], repeats: true) { exchange, script in
      let task = Task { try await exchange.begin(request) }
      #expect(await script.asked.reaches(1))
      task.cancel()
      await #expect(throws: UpstreamFailure.self) { try await task.value }
    }
    try await with([("HTTP/1.0 200 OK\r\n\r\n", 0)] + [("x", 0.05)], repeats: true) {
      exchange, script in
      _ = try await exchange.begin(request)
      let task = Task { try await all(exchange) }
      try await Task.sleep(for: .milliseconds(100))
      exchange.cancel(.tooSlow(path: "p", seconds: 1))
      await #expect(throws: UpstreamFailure.tooSlow(path: "p", seconds: 1)) { try await task.value }
      #expect(await script.left.reaches(1))
    }
  }

  @Test func `a service that is not there is said to be so`() async throws {
    let thread = EventThread()
    let exchange = UnixExchange(path: "/nonexistent/socket", thread: thread)
    await #expect {
      try await exchange.begin(request)
    } throws: {
      if case UpstreamFailure.notRunning? = $0 as? UpstreamFailure { true } else { false }
    }
    await thread.stop()
  }
}
