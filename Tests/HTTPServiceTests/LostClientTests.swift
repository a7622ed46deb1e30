import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import HTTPService

/// Answers with a stream, on `/gated` not before it is let.
private struct GatedResponder: HTTPResponder {
  let streams = TestResponder()
  let asked = Counter()
  let gate: AsyncStream<Void>

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    var request = request
    if request.segments == ["gated"] {
      asked.add()
      for await _ in gate {}
      request.segments = ["stream"]
    }
    return await streams.respond(to: request)
  }
}

@Suite(.serialized) struct LostClientTests {
  /// A connection that can be broken off, with a request sent.
  private func send(_ path: String, port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
    let request = Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    try #require(write(descriptor, request, request.count) == request.count)
    return descriptor
  }

  /// Ends a connection with a reset.
  private func breakOff(_ descriptor: Int32) {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }

  @Test func `a client whose loss shows at the head of a stream leaves no stream behind`()
    async throws
  {
    var limits = Limits()
    limits.streams = 1
    let (gate, opener) = AsyncStream.makeStream(of: Void.self)
    let responder = GatedResponder(gate: gate)
    let thread = EventThread()
    let server = HTTPServer(limits: limits, thread: thread, responder: responder)
    let port = try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: nil)])[0].port ?? 0
    let client = try send("/gated", port: port)
    #expect(await responder.asked.reaches(1))
    // While its thread is held up the server learns of nothing: that the client has gone shows
    // when the head is written.
    let held = Counter()
    let release = DispatchSemaphore(value: 0)
    thread.loop.execute {
      held.add()
      release.wait()
    }
    #expect(await held.reaches(1))
    breakOff(client)
    opener.finish()
    // The answer waits in line by then.
    try await Task.sleep(for: .milliseconds(300))
    release.signal()
    #expect(await responder.streams.stopped.reaches(1))
    let status = try await offPool {
      let client = try RawClient(port: port)
      client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
      try client.read(until: "BBBBBBBBBB")
      return true
    }
    #expect(status)
    await server.stop(seconds: 0)
    await thread.stop()
  }
}
