import Base
import Foundation
import HTTPService
import TestSupport
import Testing

@Suite(.serialized) struct AnswerTests {
  @Test func `requests on one connection are answered one after the other`() async throws {
    try await withServer { port, _, responder in
      try await offPool {
        let client = try RawClient(port: port)
        // All at once: the first holds the others up, and nothing is lost.
        client.send(
          ["/gated", "/a/b%20c", "/three", "/fine?x=1"]
            .map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
        responder.gate.add()
        #expect(try client.answer().text == "gated")
        #expect(try client.answer().text == "a|b c")
        #expect(try client.answer().text == "onetwothree")
        #expect(try client.answer().text == "fine")
      }
    }
  }

  @Test func `a body in chunks and a body by length arrive whole`() async throws {
    try await withServer { port, _, _ in
      try await offPool {
        let client = try RawClient(port: port)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        client.send("llo")
        #expect(try client.answer().text == "hello")
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("3\r\nfoo\r\n3;x=y\r\nbar\r\n0\r\nT: v\r\n\r\n")
        #expect(try client.answer().text == "foobar")
        client.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        try client.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("ok")
        #expect(try client.answer().text == "ok")
      }
    }
  }

  @Test func `HEAD, HTTP 1 0 and Connection close get what they understand`() async throws {
    try await withServer { port, _, _ in
      try await offPool {
        let client = try RawClient(port: port)
        client.send("HEAD /fine HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try client.answer(toHead: true)
        #expect(head.header("Content-Length") == "4")
        client.send("GET /fine HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let last = try client.readToEnd()
        #expect(last.hasSuffix("\r\n\r\nfine") && last.contains("Connection: close"))
        let old = try RawClient(port: port)
        old.send("GET /three HTTP/1.0\r\n\r\n")
        let text = try old.readToEnd()
        #expect(text.hasSuffix("\r\n\r\nonetwothree") && !text.contains("chunked"), "\(text)")
      }
    }
  }

  @Test(arguments: [
    ("HEAD / HTTP/1.1\r\n\r\n", 400),
    ("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417),
    ("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
    ("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ("HEAD /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
  ])
  func `what is refused of a HEAD has no body`(request: String, status: Int) async throws {
    func answer(_ request: String) async throws -> String {
      var answer = ""
      try await withServer { port, _, _ in
        answer = try await offPool {
          let client = try RawClient(port: port)
          client.send(request)
          return try client.readToEnd()
        }
      }
      return answer
    }
    let head = try await answer(request)
    #expect(head.hasPrefix("HTTP/1.1 \(status) ") && head.hasSuffix("\r\n\r\n"), "\(head)")
    #expect(head.contains("Content-Length: ") && !head.contains("Content-Length: 0\r\n"))
    // The same with another method says why.
    let other = try await answer("GET" + request.dropFirst(4))
    #expect(other.hasPrefix("HTTP/1.1 \(status) ") && !other.hasSuffix("\r\n\r\n"), "\(other)")
  }

  @Test func `a value from elsewhere starts no field of its own`() async throws {
    try await withServer { port, _, _ in
      let answer = try await offPool {
        let client = try RawClient(port: port)
        client.send("GET /header HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.answer()
      }
      #expect(answer.header("X-Injected") == nil)
      #expect(answer.header("X-Evil") == "a  X-Injected: b")
    }
  }

  @Test func `the kernel says who is on a Unix socket`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("s").path
    let thread = EventThread()
    let server = HTTPServer(thread: thread, responder: TestResponder())
    try await server.start(on: [.unixSocket(path: path, mode: 0o660)])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect((mode as? Int) == 0o660)
    let text = try await offPool {
      let client = try RawClient(path: path)
      client.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
      return try client.answer().text
    }
    #expect(text.hasPrefix("local(pid: \(getpid()), user: \(getuid()), groups:"), "\(text)")
    #expect(text.contains("\(getgid())"))
    #expect(await server.isAlive(within: 60))
    await server.stop(seconds: 1)
    await thread.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a socket is taken from nobody, and only one's own is removed`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("s").path
    let thread = EventThread()
    let first = HTTPServer(thread: thread, responder: TestResponder())
    try await first.start(on: [.unixSocket(path: path, mode: 0o600)])
    let second = HTTPServer(thread: thread, responder: TestResponder())
    await #expect(throws: Failure.self) {
      try await second.start(on: [.unixSocket(path: path, mode: 0o600)])
    }
    func answer() async throws -> String {
      try await offPool {
        let client = try RawClient(path: path)
        client.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.answer().text
      }
    }
    #expect(try await answer().hasPrefix("local("))
    // Somebody else removed it and put one there: the end of the first leaves that alone.
    try FileManager.default.removeItem(atPath: path)
    try await second.start(on: [.unixSocket(path: path, mode: 0o600)])
    await first.stop(seconds: 1)
    #expect(try await answer().hasPrefix("local("))
    await second.stop(seconds: 1)
    #expect(!FileManager.default.fileExists(atPath: path))
    await thread.stop()
  }
}

@Suite(.serialized) struct LimitTests {
  @Test func `a request that does not come whole in time is given up`() async throws {
    var limits = Limits()
    limits.requestSeconds = 1
    limits.idleSeconds = 1
    try await withServer(limits) { port, _, _ in
      try await offPool {
        let slow = try RawClient(port: port)
        slow.send("GET /fine HTTP/1.1\r\nHost")
        let silent = try RawClient(port: port)
        let late = try RawClient(port: port)
        late.send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try late.answer().status == 200)
        // A body counts as well.
        let body = try RawClient(port: port)
        body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        #expect(try slow.readToEnd().hasPrefix("HTTP/1.1 408 "))
        #expect(try body.readToEnd().hasPrefix("HTTP/1.1 408 "))
        #expect(try silent.readToEnd() == "")
        #expect(try late.readToEnd() == "")
      }
      #expect(try await isServed(port))
    }
  }

  @Test func `a body of a gigabyte is refused without being read`() async throws {
    try await withServer { port, _, _ in
      for framing in ["Content-Length: 1000000000", "Transfer-Encoding: chunked"] {
        let (sent, answer) = try await offPool {
          let client = try RawClient(port: port)
          client.setTimeout(3)
          client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
          if framing.hasPrefix("Transfer") { client.send("3B9ACA00\r\n") }
          var sent = 0
          let piece = [UInt8](repeating: 65, count: 1 << 20)
          for _ in 0..<1000 {
            let count = client.send(piece)
            sent += count
            if count < piece.count { break }
          }
          return (sent, (try? client.answer())?.status)
        }
        // What the buffers of both sockets hold, and no more.
        #expect(sent < 32 << 20, "\(framing): \(sent)")
        // Who goes on sending may lose the answer to the reset.
        #expect(answer == 413 || answer == nil)
        let polite = try await offPool {
          let client = try RawClient(port: port)
          client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n3B9ACA00\r\n")
          client.send(String(repeating: "a", count: 70_000))
          return try client.answer().status
        }
        #expect(polite == 413)
      }
      #expect(try await isServed(port))
    }
  }

  @Test func `idle connections make room for new ones, the longest idle first`() async throws {
    var limits = Limits()
    limits.connections = 1000
    try await withServer(limits) { port, _, _ in
      try await offPool {
        let busy = try RawClient(port: port)
        busy.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        try busy.read(until: "\r\n\r\n")
        var idle: [RawClient] = []
        for _ in 0..<3000 { idle.append(try RawClient(port: port)) }
        let good = try RawClient(port: port)
        good.send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try good.answer().status == 200)
        // The first went long ago, one of the last is still welcome, the stream never stopped.
        #expect(idle[0].isClosed())
        idle[2990].send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle[2990].answer().status == 200)
        #expect(try busy.chunk() != nil)
      }
    }
  }

  @Test func `when all connections are at work a new one is told to come later`() async throws {
    var limits = Limits()
    limits.connections = 4
    try await withServer(limits) { port, _, responder in
      try await offPool {
        let clients = try (0..<4).map { _ in try RawClient(port: port) }
        for client in clients {
          client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
          try client.read(until: "\r\n\r\n")
        }
        let answer = try RawClient(port: port).readToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("Retry-After: 1"))
        #expect(try clients[0].chunk() != nil)
      }
      #expect(await responder.stopped.reaches(4))
      #expect(try await isServed(port))
    }
  }

  @Test func `a connection ends after its number of requests`() async throws {
    var limits = Limits()
    limits.requestsPerConnection = 2
    try await withServer(limits) { port, _, _ in
      try await offPool {
        let client = try RawClient(port: port)
        client.send(String(repeating: "GET /fine HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
        #expect(try client.answer().header("Connection") == nil)
        #expect(try client.answer().header("Connection") == "close")
        #expect(client.isClosed())
      }
    }
  }
}

@Suite(.serialized) struct StreamTests {
  @Test func `the producer of a stream learns that the client has gone`() async throws {
    try await withServer { port, _, responder in
      try await offPool {
        let client = try RawClient(port: port)
        client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        try client.read(until: "BBBBBBBBBB")
      }
      #expect(await responder.stopped.reaches(1))
    }
  }

  @Test func `who does not read a stream is disconnected, and costs no more than the limit`()
    async throws
  {
    try await withServer { port, _, responder in
      let client = try await offPool {
        let client = try RawClient(port: port)
        client.shrinkReceiveBuffer()
        client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        return client
      }
      #expect(await responder.stopped.reaches(1))
      withExtendedLifetime(client) {}
      #expect(try await isServed(port))
    }
  }

  @Test func `one stream too many is refused`() async throws {
    var limits = Limits()
    limits.streams = 2
    try await withServer(limits) { port, _, responder in
      try await offPool {
        let clients = try (0..<3).map { _ in try RawClient(port: port) }
        for client in clients.prefix(2) {
          client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
          try client.read(until: "\r\n\r\n")
        }
        clients[2].send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try clients[2].answer()
        #expect(answer.status == 503 && answer.header("Retry-After") != nil)
      }
      #expect(await responder.stopped.reaches(3))
      // All places are free again.
      try await offPool {
        let client = try RawClient(port: port)
        client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        try client.read(until: "BBBBBBBBBB")
      }
    }
  }

  @Test func `stopping answers what was asked, ends streams properly and takes nothing new`()
    async throws
  {
    let thread = EventThread()
    let responder = TestResponder()
    let server = HTTPServer(thread: thread, responder: responder)
    let port = try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: nil)])[0].port ?? 0
    let (slow, stream, idle) = try await offPool {
      let slow = try RawClient(port: port)
      let stream = try RawClient(port: port)
      let idle = try RawClient(port: port)
      stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
      try stream.read(until: "BBBBBBBBBB\r\n")
      slow.send("GET /gated HTTP/1.1\r\nHost: a\r\n\r\n")
      idle.send("GET /fine HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try idle.answer()
      return (slow, stream, idle)
    }
    #expect(await responder.asked.reaches(3))
    async let stopped: Void = server.stop(seconds: 60)
    let texts = try await offPool {
      // The end of those that are not waited for shows that it is stopping.
      let ended = (try stream.readToEnd(), try idle.readToEnd())
      responder.gate.add()
      return (try slow.readToEnd(), ended.0, ended.1)
    }
    await stopped
    #expect(texts.0.hasSuffix("gated"))
    #expect(texts.1.hasSuffix("0\r\n\r\n"))
    #expect(texts.2 == "")
    #expect(await responder.stopped.reaches(1))
    await #expect(throws: (any Error).self) { try await offPool { _ = try RawClient(port: port) } }
    await thread.stop()
  }
}
