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
  let answered = Counter()
  let gate: AsyncStream<Void>

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    var request = request
    if request.segments == ["gated"] {
      asked.add()
      for await _ in gate {}
      request.segments = ["stream"]
    }
    defer { answered.add() }
    return await streams.respond(to: request)
  }
}

@Suite(.serialized) struct LostClientTests {
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
    var client: RawClient? = try RawClient(port: port)
    client?.send("GET /gated HTTP/1.1\r\nHost: a\r\n\r\n")
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
    client?.resetWhenClosed()
    client = nil
    opener.finish()
    #expect(await responder.answered.reaches(1))
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

  @Test func `a client that leaves a quiet stream is noticed without a piece being sent`()
    async throws
  {
    let ended = Counter()
    let thread = EventThread()
    let server = HTTPServer(thread: thread, responder: QuietResponder(ended: ended))
    let port = try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: nil)])[0].port ?? 0
    for count in 1...3 {
      try await offPool {
        let client = try RawClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.answer(toHead: true)
      }
      #expect(await ended.reaches(count))
    }
    await server.stop(seconds: 0)
    await thread.stop()
  }
}

/// Answers with a stream in which nothing comes.
private struct QuietResponder: HTTPResponder {
  let ended: Counter

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let (pieces, producer) = AsyncStream.makeStream(of: [UInt8].self)
    producer.onTermination = { [ended] _ in ended.add() }
    return HTTPResponse(status: 200, body: .stream(pieces))
  }
}
