import Configuration
import Foundation
import Gateway
import HTTPService
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite(.serialized) struct AuthorizationTests {
  /// A path of each class, and how it is answered to who may.
  static let paths: [(method: String, path: String, status: Int)] = [
    ("GET", "/", 200), ("HEAD", "/", 200), ("GET", "/app.js", 200), ("GET", "/style.css", 200),
    ("GET", "/metrics", 200), ("GET", "/healthz", 200), ("GET", "/api/v1/status", 200),
    ("GET", "/metrics/models", 200), ("POST", "/metrics/models", 405),
    ("GET", "/api/v1/devices/0000:21:00.0", 200), ("GET", "/api/v1/nothing", 404),
    ("GET", "/api/v1/placement/apply", 404), ("POST", "/api/v1/placement/apply", 405),
    ("POST", "/api/v1/daemon/reload", 405), ("POST", "/api/v1/status", 405),
    ("DELETE", "/metrics", 405), ("PUT", "/", 405), ("GET", "/etc/passwd", 404),
    ("GET", "/login", 303),
  ]

  @Test func `who may do what, on every kind of path`() async throws {
    try await withBox { box in
      let good = try box.tokens.create(name: "good")
      let revoked = try box.tokens.create(name: "revoked")
      try box.tokens.revoke(id: revoked.token.id)
      let other = String(good.text.dropLast()) + (good.text.hasSuffix("A") ? "B" : "A")
      let login = try await box.ask(
        box.open, "POST", "/login", ["Origin: http://localhost"], body: "token=\(good.text)")
      #expect(login.status == 303)
      let cookie = login.header("Set-Cookie") ?? ""
      #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
      #expect(!cookie.contains(good.text) && !cookie.contains("Secure"))
      let session = String(cookie.prefix { $0 != ";" })
      let shown: [(headers: [String], isLetIn: Bool)] = [
        ([], false), (["Authorization: Bearer \(other)"], false),
        (["Authorization: Bearer \(revoked.text)"], false), (["Authorization: Bearer"], false),
        (["Authorization: Basic \(good.text)"], false), (["Cookie: tinybox_session=x"], false),
        (["Authorization: Bearer x", "Cookie: \(session)"], false),
        (["Authorization: Bearer \(good.text)"], true),
        (["authorization: bearer \(good.text)"], true),
        (["Cookie: \(session)"], true), (["Cookie: a=b; \(session)"], true),
      ]
      for (method, path, status) in AuthorizationTests.paths {
        let local = try await box.ask(box.local, method, path)
        #expect(local.status == status, "\(method) \(path)")
        for (headers, isLetIn) in shown {
          let answer = try await box.ask(box.open, method, path, headers)
          let what = "\(method) \(path) \(headers)"
          if isLetIn {
            #expect(answer.status == status, "\(what)")
          } else {
            #expect([401, 429].contains(answer.status), "\(what)")
            #expect(!answer.text.contains("target"), "\(what)")
          }
        }
      }
      // Only questions ever got to the daemon.
      let asked = box.daemon.asked.withLock { $0 }
      #expect(!asked.isEmpty)
      #expect(asked.allSatisfy { $0.hasPrefix("GET /v1/") })

      try box.tokens.revoke(id: good.token.id)
      for headers in [["Authorization: Bearer \(good.text)"], ["Cookie: \(session)"]] {
        let answer = try await box.ask(box.open, "GET", "/metrics", headers)
        #expect([401, 429].contains(answer.status))
      }
    }
  }

  @Test func `names that are not this machine and pages of others are refused`() async throws {
    try await withBox { box in
      for host in [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.1",
        "10.0.0.1", "[::2]", "localhost:x", "127.0.0.256",
      ] {
        #expect(
          try await box.ask(box.local, "GET", "/metrics", host: host).status == 421, "\(host)")
      }
      for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8686", "127.9.9.9", "[::1]:8686"] {
        #expect(
          try await box.ask(box.local, "GET", "/metrics", host: host).status == 200, "\(host)")
      }
      for origin in ["http://evil.example", "null", "https://localhost", "http://localhost:1"] {
        let answer = try await box.ask(box.local, "GET", "/metrics", ["Origin: \(origin)"])
        #expect(answer.status == 403, "\(origin)")
        #expect(answer.header("Access-Control-Allow-Origin") == nil)
      }
      let ours = try await box.ask(box.local, "GET", "/metrics", ["Origin: http://localhost"])
      #expect(ours.status == 200)
    }
  }

  @Test func `wrong tokens are counted, and a right one is let in all the same`() async throws {
    try await withBox { box in
      let good = try box.tokens.create(name: "good")
      var statuses: [Int] = []
      for _ in 0..<12 {
        statuses.append(
          try await box.ask(box.open, "POST", "/login", body: "token=wrong").status)
      }
      #expect(statuses == [Int](repeating: 401, count: 10) + [429, 429])
      let answer = try await box.ask(
        box.open, "GET", "/metrics", ["Authorization: Bearer \(good.text)"])
      #expect(answer.status == 200)
    }
  }

  @Test func `a browser gets a page that can send the form, everybody else a problem`()
    async throws
  {
    try await withBox { box in
      let page = try await box.ask(box.open, "GET", "/", ["Accept: text/html,*/*"])
      #expect(page.status == 401 && page.text.contains("<form"))
      #expect(page.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
      #expect(page.header("Content-Security-Policy")?.contains("form-action 'self'") == true)
      #expect(page.header("Referrer-Policy") == "same-origin")
      let problem = try await box.ask(box.open, "GET", "/metrics")
      #expect(problem.status == 401 && problem.text.contains("tinybox.problem/1"))
    }
  }
}

@Suite(.serialized) struct ForwardingTests {
  @Test func `requests reach the daemon with what it needs, and no more comes back`() async throws {
    try await withBox { box in
      let answer = try await box.ask(
        box.local, "GET", "/api/v1/events?limit=3&kind=a%20b", ["Accept: x/y", "Cookie: a=b"])
      #expect(answer.text == "{\"target\":\"/v1/events?limit=3&kind=a%20b\"}")
      #expect(answer.header("X-Secret") == nil)
      #expect(answer.header("Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
      #expect(answer.header("X-Content-Type-Options") == "nosniff")
      _ = try await box.ask(
        box.local, "GET", "/metrics", ["Accept: application/openmetrics-text"])
      #expect(
        box.daemon.asked.withLock { $0 } == [
          "GET /v1/events?limit=3&kind=a%20b x/y",
          "GET /v1/metrics application/openmetrics-text",
        ])
    }
  }

  @Test func `files of the dashboard are sent again only when they changed`() async throws {
    try await withBox { box in
      let first = try await box.ask(box.local, "GET", "/")
      let tag = first.header("ETag") ?? ""
      #expect(first.header("Cache-Control") == "no-cache" && !tag.isEmpty)
      let again = try await box.ask(box.local, "GET", "/", ["If-None-Match: \"x\", W/\(tag)"])
      #expect(again.status == 304 && again.header("ETag") == tag)
      let other = try await box.ask(box.local, "GET", "/", ["If-None-Match: \"x\""])
      #expect(other.status == 200)
    }
  }

  @Test func `a picture may use its own style sheet, and nothing else`() async throws {
    try await withBox { box in
      let picture = try await box.ask(box.local, "GET", "/api/v1/topology.svg")
      let policy = picture.header("Content-Security-Policy") ?? ""
      #expect(policy.hasPrefix("default-src 'none'; style-src 'unsafe-inline'; "))
      #expect(!policy.contains("script") && !policy.contains("self"))
      let page = try await box.ask(box.local, "GET", "/")
      #expect(page.header("Content-Security-Policy")?.contains("unsafe") == false)
    }
  }

  @Test func `streams are refused while half of the daemon's are still free`() async throws {
    try await withBox { box in
      let (clients, heads) = try await offPool { [port = box.local] in
        let clients = try (0..<40).map { _ in try RawClient(port: port) }
        let heads = try clients.map { client in
          client.send("GET /api/v1/status/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
          return try client.answer(toHead: true)
        }
        return (clients, heads)
      }
      #expect(heads.filter { $0.status == 200 }.count == 32)
      let refused = heads.filter { $0.status == 503 }
      #expect(refused.count == 8 && refused.allSatisfy { $0.header("Retry-After") != nil })
      // The daemon was not even asked for those: its other half is for the programs on its socket.
      #expect(box.daemon.asked.withLock { $0.count } == 32)
      #expect(Limits().streams == 64 && Limits.gateway.streams == 32)
      withExtendedLifetime(clients) {}
    }
  }

  @Test func `an address that the machine does not have yet is told, and holds up no other`()
    async throws
  {
    try await withBox { box in
      var options = GatewayOptions()
      options.socket = box.folder.appendingPathComponent("api.sock").path
      options.configuration = box.configuration
      options.tokens = box.tokens.path
      // For documents: no machine has it.
      options.listen = [
        ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "192.0.2.10", port: 0),
      ]
      let gateway = Gateway(options)
      let (bound, warnings) = try await gateway.listen()
      #expect(warnings.contains { $0.contains("192.0.2.10:") && $0.contains("did not have") })
      let answer = try await box.ask(bound[0].port ?? 0, "GET", "/healthz")
      #expect(answer.status == 200)
      await gateway.stop(seconds: 0)
    }
  }

  @Test func `a stream goes through, and ends at the daemon when the browser goes`() async throws {
    try await withBox { box in
      try await offPool { [port = box.local] in
        let client = try RawClient(port: port)
        client.send("GET /api/v1/status/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in 0..<3 { try client.read(until: "data: {}\n\n") }
      }
      #expect(await box.daemon.stops(1))
    }
  }

  @Test func `a revoked token ends the streams that began with it`() async throws {
    try await withBox { box in
      let token = try box.tokens.create(name: "one")
      let client = try await offPool { [port = box.open] in
        let client = try RawClient(port: port)
        client.send(
          "GET /api/v1/status/stream HTTP/1.1\r\nHost: localhost\r\n"
            + "Authorization: Bearer \(token.text)\r\n\r\n")
        try client.read(until: "data: {}\n\n")
        return client
      }
      try box.tokens.revoke(id: token.token.id)
      let rest = try await offPool {
        try client.read(until: "\r\n0\r\n\r\n")
        return true
      }
      #expect(rest)
      // At the daemon too, and not only when a thousand pieces wait that nobody reads.
      #expect(await box.daemon.stops(1))
    }
  }

  @Test func `without the daemon the dashboard loads and the rest says what is wrong`()
    async throws
  {
    try await withBox { box in
      await box.stopDaemon()
      #expect(try await box.ask(box.local, "GET", "/").status == 200)
      for path in ["/healthz", "/metrics", "/api/v1/status", "/api/v1/events/stream"] {
        let answer = try await box.ask(box.local, "GET", path)
        #expect(answer.status == 503, "\(path)")
        #expect(answer.text.contains("tinybox.problem/1"), "\(path)")
        #expect(answer.text.contains("systemctl status tinyboxd"), "\(path)")
      }
    }
  }
}
