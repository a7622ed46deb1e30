import Foundation
import HTTPService
import Synchronization
import TestSupport
import Testing

/// Pieces for as long as they are asked for.
private final class Pieces: PieceSource {
  let count: Int
  let size: Int
  let pause: Duration
  let made = Counter()
  let ended = Counter()
  let probe = Array(": \n\n".utf8)

  init(count: Int = .max, size: Int = 10, pause: Duration = .zero) {
    self.count = count
    self.size = size
    self.pause = pause
  }

  func next() async -> [UInt8]? {
    guard made.value < count, !Task.isCancelled else { return nil }
    if pause > .zero { try? await Task.sleep(for: pause) }
    made.add()
    return [UInt8](repeating: 66, count: size)
  }

  func end() { ended.add() }
}

/// Answers with pieces, lets bodies of any length come on `/large`, and nothing on `/closed`.
private struct PulledResponder: HTTPResponder {
  let pieces: Pieces
  let cancelled = Counter()
  let waiting = Counter()

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    switch request.segments.first {
    case "wait":
      waiting.add()
      try? await Task.sleep(for: .seconds(20))
      if Task.isCancelled { cancelled.add() }
      return HTTPResponse(status: 200)
    case "large", "small":
      return HTTPResponse(status: 200, body: .bytes(Array("\(request.body.count)".utf8)))
    default: return HTTPResponse(status: 200, body: .pulled(pieces))
    }
  }

  func admit(_ head: HTTPRequest) -> BodyAdmission {
    switch head.segments.first {
    case "large": .take(bytes: 1 << 20, seconds: 20)
    case "closed": .refuse(HTTPResponse(status: 401, body: .bytes(Array("no".utf8))))
    default: .take()
    }
  }

  func answer(to problem: ServerProblem, path: String?) -> HTTPResponse {
    HTTPResponse(
      status: problem.status, body: .bytes(Array("\(path ?? "-") \(problem.cause)".utf8)))
  }
}

@Suite(.serialized) struct PulledAnswerTests {
  private func withPieces(
    _ pieces: Pieces, _ limits: Limits = Limits(),
    _ body: (Int, PulledResponder, HTTPServer) async throws -> Void
  ) async throws {
    let thread = EventThread()
    let responder = PulledResponder(pieces: pieces)
    let server = HTTPServer(limits: limits, thread: thread, responder: responder)
    let port = try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: nil)])[0].port ?? 0
    do { try await body(port, responder, server) } catch {
      await server.stop(seconds: 0)
      await thread.stop()
      throw error
    }
    await server.stop(seconds: 0)
    await thread.stop()
  }

  @Test func `a slow client slows its producer down and loses nothing`() async throws {
    let pieces = Pieces(count: 300, size: 100_000)
    try await withPieces(pieces) { port, _, _ in
      let count = try await offPool {
        let client = try RawClient(port: port)
        client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        Thread.sleep(forTimeInterval: 0.5)
        // Only what the kernel holds was made: 30 MB wait to be.
        #expect(pieces.made.value < 200)
        return try client.readToEnd().utf8.count
      }
      #expect(count > 30_000_000 && count < 30_001_000)
      #expect(pieces.made.value == 300)
      #expect(await pieces.ended.reaches(1))
    }
  }

  @Test func `a client that reads nothing for too long is left`() async throws {
    var limits = Limits()
    limits.answerSeconds = 0.3
    let pieces = Pieces(size: 1 << 20)
    try await withPieces(pieces, limits) { port, _, _ in
      let client = try await offPool {
        let client = try RawClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return client
      }
      #expect(await pieces.ended.reaches(1))
      withExtendedLifetime(client) {}
    }
  }

  @Test func `a client that goes ends the producer at once, and the work for an answer`()
    async throws
  {
    let pieces = Pieces(pause: .milliseconds(20))
    try await withPieces(pieces) { port, responder, _ in
      try await offPool {
        let client = try RawClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try client.read(until: "BBB")
      }
      #expect(await pieces.ended.reaches(1))
      var client: RawClient? = try RawClient(port: port)
      client?.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(await responder.waiting.reaches(1))
      let start = ContinuousClock.now
      client = nil
      #expect(await responder.cancelled.reaches(1))
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }

  @Test func `a client that only closed its side gets its answer`() async throws {
    try await withPieces(Pieces(count: 5, pause: .milliseconds(50))) { port, _, _ in
      for head in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /large HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let text = try await offPool {
          let client = try RawClient(port: port)
          client.send(head)
          client.closeOutput()
          return try client.readToEnd()
        }
        #expect(text.contains("HTTP/1.1 200 OK"), "\(text)")
      }
      let short = try await offPool {
        let client = try RawClient(port: port)
        client.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{}")
        client.closeOutput()
        return try client.readToEnd()
      }
      #expect(short.hasPrefix("HTTP/1.1 400") && short.contains("/large it ended before"))
    }
  }

  @Test func `the head decides how much body may come, and all together is bounded`() async throws {
    var limits = Limits()
    limits.allBodiesBytes = 2 << 20
    // Longer than it takes on a busy machine until all of them hold what they hold.
    limits.requestSeconds = 20
    try await withPieces(Pieces(), limits) { (port, _, _) async throws in
      func ask(_ path: String, _ count: Int) async throws -> RawClient.Answer {
        try await offPool {
          let client = try RawClient(port: port)
          client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n")
          client.send([UInt8](repeating: 65, count: min(count, 2 << 20)))
          return try client.answer()
        }
      }
      #expect(try await ask("/large", 1 << 20).text == "\(1 << 20)")
      #expect(try await ask("/large", 1 << 21).status == 413)
      #expect(try await ask("/small", 1 << 17).status == 413)
      #expect(try await ask("/closed", 10).text == "no")
      // Two bodies that never end hold all that may be held, once both have come: where the question was
      // there before them, one of the two was refused, and both are made anew.
      let isRefused = await eventuallyAsync {
        let held = try? await offPool {
          try (0..<2).map { _ in
            let client = try RawClient(port: port)
            client.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n")
            client.send([UInt8](repeating: 65, count: (1 << 20) - 1))
            return client
          }
        }
        defer { withExtendedLifetime(held) {} }
        return (try? await ask("/large", 1 << 19))?.status == 503
      }
      #expect(isRefused)
    }
    // Given back when their connections went.
    try await withPieces(Pieces(), limits) { port, _, _ in
      for _ in 0..<8 {
        try await offPool {
          let client = try RawClient(port: port)
          client.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n")
          client.send([UInt8](repeating: 65, count: 1 << 19))
        }
      }
      let last = try await offPool {
        let client = try RawClient(port: port)
        client.send("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        return try client.answer()
      }
      #expect(last.text == "2")
    }
  }

  @Test func `what is refused before it is read knows its path`() async throws {
    var limits = Limits()
    limits.requestSeconds = 0.5
    try await withPieces(Pieces(), limits) { port, _, _ in
      func raw(_ text: String) async throws -> String {
        try await offPool {
          let client = try RawClient(port: port)
          client.send(text)
          return try client.readToEnd()
        }
      }
      let large = try await raw(
        "GET /v1/x HTTP/1.1\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n")
      #expect(large.contains(" 431 ") && large.contains("/v1/x its header"))
      let slow = try await raw("GET /v1/y?z HTTP/1.1\r\nHost: a\r\n")
      #expect(slow.contains(" 408 ") && slow.contains("/v1/y?z it was not"))
      #expect(try await raw("\u{16}\u{3}\u{1}garbage\r\n\r\n").contains(" 400 "))
      let version = try await raw("GET /v1/w HTTP/9.9\r\nHost: a\r\n\r\n")
      #expect(version.contains("/v1/w "))
    }
  }

  @Test func `an answer that is pulled is finished when the server ends`() async throws {
    let pieces = Pieces(count: 20, pause: .milliseconds(20))
    try await withPieces(pieces) { port, _, server in
      let client = try await offPool {
        let client = try RawClient(port: port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        return client
      }
      #expect(await eventuallyAsync { pieces.made.value > 2 })
      await server.stop(seconds: 10)
      let answer = try await offPool { try client.answer() }
      #expect(answer.body.count == 200)
    }
  }
}
