import Foundation
import HTTPService
import Synchronization
import TestSupport

/// A responder for tests: what it does is in the path.
struct TestResponder: HTTPResponder {
  /// How often a stream's producer was told to stop.
  let stopped = Counter()
  /// How often it was asked for anything.
  let asked = Counter()
  /// What `/gated` waits for.
  let gate = Counter()

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    asked.add()
    switch request.segments.first {
    case "gated":
      return text(await gate.reaches(1) ? "gated" : "the gate stayed shut")
    case "large":
      return HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 65, count: 8 << 20)))
    case "echo": return HTTPResponse(status: 200, body: .bytes(request.body))
    case "who": return text("\(request.peer)")
    case "header":
      return HTTPResponse(status: 200, headers: ["X-Evil": "a\r\nX-Injected: b"], body: .bytes([]))
    case "stream": return stream(every: 10, size: 10)
    case "flood": return stream(every: 1, size: 100_000)
    case "three":
      let (pieces, producer) = AsyncStream.makeStream(of: [UInt8].self)
      for piece in ["one", "two", "three"] { producer.yield(Array(piece.utf8)) }
      producer.finish()
      return HTTPResponse(status: 200, body: .stream(pieces))
    default: return text(request.segments.joined(separator: "|"))
    }
  }

  private func text(_ text: String) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: ["Content-Type": "text/plain"], body: .bytes(Array(text.utf8)))
  }

  private func stream(every milliseconds: Int, size: Int) -> HTTPResponse {
    let (pieces, producer) = AsyncStream.makeStream(
      of: [UInt8].self, bufferingPolicy: .bufferingNewest(16))
    let task = Task {
      while !Task.isCancelled {
        producer.yield([UInt8](repeating: 66, count: size))
        try? await Task.sleep(for: .milliseconds(milliseconds))
      }
    }
    producer.onTermination = { [stopped] _ in
      task.cancel()
      stopped.add()
    }
    return HTTPResponse(status: 200, body: .stream(pieces))
  }
}

/// Counts, and can be waited for.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }

  /// Whether the count gets there.
  func reaches(_ wanted: Int) async -> Bool { await eventuallyAsync { value >= wanted } }
}

/// Runs a body with a server on a port of the loopback address, and ends it.
func withServer(
  _ limits: Limits = Limits(),
  _ body: (_ port: Int, _ server: HTTPServer, _ responder: TestResponder) async throws -> Void
) async throws {
  let thread = EventThread()
  let responder = TestResponder()
  let server = HTTPServer(limits: limits, thread: thread, responder: responder)
  let bound = try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: nil)])
  do {
    try await body(bound[0].port ?? 0, server, responder)
  } catch {
    await server.stop(seconds: 0)
    await thread.stop()
    throw error
  }
  await server.stop(seconds: 0)
  await thread.stop()
}

/// A good request on a connection of its own.
func isServed(_ port: Int) async throws -> Bool {
  try await offPool {
    let client = try RawClient(port: port)
    client.send("GET /fine HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let answer = try client.answer()
    return answer.status == 200 && answer.text == "fine"
  }
}
