import HTTPService
import TestSupport
import Testing

/// What is no request, with the statuses that may answer it.
@Suite(.serialized) struct MalformedTests {
  static let good = "GET /fine HTTP/1.1\r\nHost: localhost\r\n"
  static let corpus: [(String, Set<Int>)] = [
    ("\0\0\0\0\r\n\r\n", [400]),
    ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n", [400]),
    ("GET\r\n\r\n", [400]),
    ("GET /\r\n\r\n", [400, 505]),
    ("GET / HTTP\r\n\r\n", [400]),
    ("GET / HTTP/1\r\n\r\n", [400, 505]),
    ("GET / HTTP/1.1.1\r\nHost: a\r\n\r\n", [400, 505]),
    ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", [400, 505]),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", [400, 505]),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 505]),
    ("GET / FTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: \r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nX y: 1\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{1}\r\n\r\n", [400]),
    ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("get / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET fine HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /%2e%2e/etc HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET /./a HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET //a HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("GET http://b/fine HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", [400]),
    (
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      [400, 413]
    ),
    (
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "0\r\n\r\n", [400]
    ),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", [400, 501]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [501]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", [400, 501]),
    (
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]
    ),
    ("POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", [400]),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", [400]),
    (
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      [400, 413]
    ),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", [400]),
    ("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", [417]),
    ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", [414]),
    ("GET /\(String(repeating: "a", count: 90_000)) HTTP/1.1\r\nHost: a\r\n\r\n", [414, 431]),
    (good + "X: \(String(repeating: "a", count: 20_000))\r\n\r\n", [431]),
    (good + String(repeating: "X: y\r\n", count: 5000) + "\r\n", [431]),
    (good + String(repeating: "X: y\r\n", count: 101) + "\r\n", [431]),
  ]

  @Test func `what is no request is refused, and the next client is served`() async throws {
    #expect(MalformedTests.corpus.count >= 40)
    try await withServer { port, _, _ in
      for (bytes, statuses) in MalformedTests.corpus {
        let answer = try await offPool {
          let client = try RawClient(port: port)
          client.send(bytes)
          return try client.readToEnd()
        }
        let words = answer.split(separator: " ")
        let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        #expect(
          statuses.contains(status), "\(bytes.prefix(90).debugDescription): \(answer.prefix(60))")
        #expect(answer.contains("Connection: close"), "\(bytes.prefix(90).debugDescription)")
        #expect(try await isServed(port))
      }
    }
  }

  @Test(.seeded) func `noise never stops the service`() async throws {
    try await withServer { port, _, _ in
      var random = SeededGenerator()
      for _ in 0..<300 {
        var bytes = random.bytes(random.pick(1...600))
        // Half of them start like a request and break later.
        if Bool.random(using: &random) {
          var text = Array((MalformedTests.good + "X: y\r\n\r\n").utf8)
          text[random.pick(text.indices)] = bytes[0]
          bytes = text
        }
        let sent = bytes
        try await offPool {
          let client = try RawClient(port: port)
          client.send(sent)
        }
      }
      #expect(try await isServed(port))
    }
  }
}
