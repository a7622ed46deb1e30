import Foundation
import Gateway
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite(.serialized) struct CallerTests {
  private func bearer(_ text: String) -> [String] { ["Authorization: Bearer \(text)"] }

  @Test func `a token is for reading, for models, or for both`() async throws {
    try await withDoor { door in
      let read = try door.tokens.create(name: "read").text
      let models = try door.tokens.create(name: "models", for: [.models]).text
      let both = try door.tokens.create(name: "both", for: [.read, .models]).text
      for (token, metrics, chat) in [(read, 200, 403), (models, 403, 200), (both, 200, 200)] {
        let answer = try await door.chat("count 1", bearer(token), port: door.open)
        #expect(answer.status == chat)
        if chat == 403 { #expect(ChatAnswer.isError(answer)) }
        #expect(
          try await door.ask("GET", "/metrics", "", bearer(token), port: door.open).status
            == metrics)
      }
      for headers in [[], bearer("x"), ["Authorization: Basic x"], bearer(models + "x")] {
        let answer = try await door.chat("count 1", headers, port: door.open)
        #expect(answer.status == 401 && ChatAnswer(answer).code == "invalid_api_key")
        #expect(ChatAnswer.isError(answer) && answer.header("WWW-Authenticate") != nil)
        #expect(try await door.ask("GET", "/v1/models", "", headers, port: door.open).status == 401)
      }
      // Every client of OpenAI sends some key: on this machine none is needed, and any will do.
      for headers in [[], bearer("none"), bearer(read)] {
        #expect(try await door.chat("count 1", headers).status == 200)
      }
    }
    try await withDoor("[gateway.models]\nlocal = \"token\"\n") { door in
      let models = try door.tokens.create(name: "models", for: [.models]).text
      #expect(try await door.chat("count 1").status == 401)
      #expect(try await door.chat("count 1", bearer(models)).status == 200)
      #expect(try await door.ask("GET", "/metrics").status == 200)
    }
  }

  @Test(arguments: [
    ("", 200, 401), ("local = \"open\"", 200, 200), ("local = \"token\"", 401, 401),
  ])
  func `where several people have accounts a token is needed, unless the owner decides`(
    setting: String, alone: Int, shared: Int
  ) async throws {
    let one = """
      root:x:0:0:root:/root:/bin/bash
      tinybox-gateway:x:999:999::/:/usr/sbin/nologin
      alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash

      """
    for (accounts, status) in [(one, alone), (one + "bob:x:1001:1001::/home/bob:\n", shared)] {
      try await withDoor("[gateway.models]\n\(setting)\n", accounts: accounts) { door in
        let answer = try await door.chat("count 1")
        #expect(answer.status == status)
        #expect(answer.text.contains("'local' of [gateway.models]") == (status == 401))
        let token = try door.tokens.create(name: "models", for: [.models]).text
        #expect(try await door.chat("count 1", bearer(token)).status == 200)
      }
    }
  }

  @Test func `wrong keys are counted, and a revoked one ends its streams`() async throws {
    try await withDoor { door in
      let token = try door.tokens.create(name: "one", for: [.models])
      let client = try RawClient(port: door.open)
      let body = Door.body("slow 50", #""stream":true"#)
      client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token.text)\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      try await offPool { try client.read(until: " w1") }
      try door.tokens.revoke(id: token.token.id)
      try await offPool { try client.read(until: "\"code\":\"invalid_api_key\"") }
      var statuses: [Int] = []
      for _ in 0..<12 {
        statuses.append(try await door.chat("count 1", bearer("x"), port: door.open).status)
      }
      #expect(statuses == [Int](repeating: 401, count: 10) + [429, 429])
    }
  }

  @Test func `limits of a caller are kept, by its token or its address`() async throws {
    let settings = """
      [gateway.limits.alice]
      at-once = 1
      models = ["llama"]
      [gateway.limits.bob]
      tokens-per-minute = 60
      [gateway.aliases]
      big = "other"
      small = "llama"
      """
    try await withDoor(settings, names: ["llama", "other"]) { door in
      let alice = bearer(try door.tokens.create(name: "alice", for: [.models]).text)
      let bob = bearer(try door.tokens.create(name: "bob", for: [.models]).text)
      for (model, status) in [
        ("llama", 200), ("small", 200), ("llama-8b", 200), ("other", 403), ("big", 403),
      ] {
        let answer = try await door.chat("count 1", model: model, alice)
        #expect(answer.status == status, "\(model)")
        if status == 403 { #expect(ChatAnswer(answer).code == "model_not_allowed") }
      }
      let list = try await door.ask("GET", "/v1/models", "", alice).text
      #expect(list.contains("\"llama\"") && !list.contains("other") && !list.contains("big"))
      async let first = door.chat("slow 20", #""max_tokens":40"#, alice)
      let runtime = try #require(door.runtimes["llama"])
      #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
      let second = try await door.chat("count 1", alice)
      #expect(second.status == 429 && ChatAnswer(second).code == "rate_limit_exceeded")
      #expect(try await first.status == 200)
      #expect(try await door.chat("count 1", alice).status == 200)
      #expect(try await door.chat("go", #""max_tokens":100"#, bob).status == 200)
      let used = try await door.chat("count 1", bob)
      // 41 tokens short, one a second.
      #expect(used.status == 429 && 35...41 ~= Int(used.header("Retry-After") ?? "") ?? 0)
    }
  }

  @Test func `pages of other sites are refused, but for those that the owner names`() async throws {
    let settings = "[gateway.models]\nallow-origins = [\"https://chat.example\"]\n"
    try await withDoor(settings) { door in
      let answer = try await door.chat("count 1", ["Origin: https://evil.example"])
      #expect(answer.status == 403 && ChatAnswer.isError(answer))
      #expect(answer.header("Access-Control-Allow-Origin") == nil)
      let preflight = try await door.ask(
        "OPTIONS", "/v1/chat/completions", "",
        [
          "Origin: https://chat.example", "Access-Control-Request-Method: POST",
          "Access-Control-Request-Headers: authorization, x-stainless-os",
        ])
      #expect(preflight.status == 204)
      #expect(preflight.header("Access-Control-Allow-Origin") == "https://chat.example")
      #expect(preflight.header("Access-Control-Allow-Headers") == "authorization, x-stainless-os")
      let good = try await door.chat("count 1", ["Origin: https://chat.example"])
      #expect(good.status == 200)
      #expect(good.header("Access-Control-Allow-Origin") == "https://chat.example")
      #expect(good.header("Access-Control-Allow-Credentials") == nil)
      // The machine itself stays closed to them.
      #expect(
        try await door.ask("GET", "/metrics", "", ["Origin: https://chat.example"]).status == 403)
      #expect(try await door.chat("count 1", ["Origin: http://localhost"]).status == 200)
    }
  }

  /// What clients were answered.
  private final class Tally: Sendable {
    let tokens = Mutex([0, 0, 0, 0])
    let failures = Mutex<[String]>([])
    let served = Mutex<[Int]>([])
    private let start = ContinuousClock.now

    /// After so long, and with so much answered that a request more or less does not count: on a busy machine
    /// that takes longer.
    var isOver: Bool {
      let passed = ContinuousClock.now - start
      return passed > .seconds(6) && tokens.withLock { $0.reduce(0, +) } > 4_000
        || passed > .seconds(90)
    }
  }

  /// Jain's index of fairness.
  private func jain(_ shares: [Int]) -> Double {
    let sum = Double(shares.reduce(0, +))
    return sum * sum / (Double(shares.count) * shares.reduce(0.0) { $0 + Double($1) * Double($1) })
  }

  @Test(.timeLimit(.minutes(3)))
  func `32 clients of four callers get the same, and a newcomer is next`()
    async throws
  {
    let settings = "[gateway.models]\nqueue-per-caller = 64\n"
    try await withDoor(settings) { door in
      let callers = try (0..<4).map { number in
        bearer(try door.tokens.create(name: "caller \(number)", for: [.models]).text)
      }
      let late = bearer(try door.tokens.create(name: "late", for: [.models]).text)
      let tally = Tally()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<32 {
          group.addTask {
            let caller = client % 4
            while !tally.isOver {
              // One caller wants ten times as much.
              let count = caller == 0 ? 40 : 4
              let stream = client % 8 < 4
              let answer = try await door.chat(
                "count \(count)", "\"stream\":\(stream)", callers[caller])
              let read = ChatAnswer(answer)
              if answer.status != 200 || read.reason != "stop" {
                tally.failures.withLock { $0.append("\(answer.status) \(answer.text.prefix(200))") }
              }
              tally.served.withLock { $0.append(caller) }
              // What waits at the end is answered too, whoever asked.
              if !tally.isOver { tally.tokens.withLock { $0[caller] += count } }
            }
          }
        }
        group.addTask {
          try await Task.sleep(for: .seconds(3))
          for _ in 0..<3 {
            let before = tally.served.withLock { $0.count }
            let start = ContinuousClock.now
            let list = try await door.ask("GET", "/v1/models")
            #expect(list.status == 200 && ContinuousClock.now - start < .seconds(10))
            let asked = tally.served.withLock { $0.count }
            #expect(try await door.chat("count 1", late).status == 200)
            let since = Array(tally.served.withLock { $0 }[asked...])
            // One request of each at most was before it; another may be noted while its answer travels.
            #expect(since.count <= 8 && before <= asked, "\(since)")
          }
        }
        try await group.waitForAll()
      }
      #expect(tally.failures.withLock { $0 } == [])
      let shares = tally.tokens.withLock { $0 }
      #expect(jain(shares) >= 0.95, "\(shares)")
    }
  }
}
