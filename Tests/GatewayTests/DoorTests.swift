import Foundation
import Gateway
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct DoorTests {
  @Test func `models are listed by all their names, and each is found`() async throws {
    let settings = "[gateway.aliases]\n\"gpt-4o-mini\" = \"llama-a\"\nnobody = \"none\"\n"
    try await withDoor(settings, names: ["llama-a", "llama-b"]) { door in
      let list = try await door.ask("GET", "/v1/models")
      #expect(list.status == 200)
      for name in ["gpt-4o-mini", "llama-a", "llama-b", "llama-8b"] {
        #expect(list.text.contains("\"id\":\"\(name)\""))
        let one = try await door.ask("GET", "/v1/models/\(name)")
        #expect(one.status == 200 && one.text.contains("\"created\":1732924800"))
      }
      #expect(!list.text.contains("nobody"))
      let none = try await door.ask("GET", "/v1/models/nobody")
      #expect(none.status == 404 && ChatAnswer.isError(none) && none.text.contains("'llama-8b'"))
      #expect(try await door.ask("HEAD", "/v1/models").status == 200)
    }
  }

  @Test func `an answer is the same in both ways, with right counts and reasons`() async throws {
    try await withDoor { door in
      // Prompt: one, three a message, and its words.
      let cases: [(wish: String, members: String, words: Int, reason: String, prompt: Int)] = [
        ("count 5", "", 5, "stop", 6), ("count 0", "", 0, "stop", 6),
        ("count 5", #""max_tokens":5"#, 5, "length", 6),
        ("count 5", #""max_tokens":6"#, 5, "stop", 6),
        ("go", #""max_tokens":3"#, 3, "length", 5),
        ("go", #""max_completion_tokens":4"#, 4, "length", 5),
        ("go", "", 251, "length", 5), ("go on", "", 250, "length", 6),
        ("go", #""stop":" w7""#, 7, "stop", 5),
        ("go", #""stop":["x","7 w8"],"max_tokens":20"#, 7, "stop", 5),
        ("count 3", #""stop":" w3""#, 3, "stop", 6),
        ("go", #""stop":" w9","max_tokens":9"#, 9, "length", 5),
      ]
      for item in cases {
        let expected =
          (0..<item.words).map { " w\($0)" }.joined() + (item.members.contains("7 w8") ? " w" : "")
        let whole = try await door.chat(item.wish, item.members)
        #expect(whole.status == 200 && whole.header("Content-Type") == "application/json")
        let answer = ChatAnswer(whole)
        #expect(answer.text == expected && answer.reason == item.reason, "\(item)")
        #expect(answer.usage?[0] == item.prompt, "\(item) \(answer.usage ?? [])")
        let options = #""stream":true,"stream_options":{"include_usage":true}"#
        let streamed = ChatAnswer(
          try await door.chat(
            item.wish, item.members.isEmpty ? options : item.members + "," + options))
        #expect(streamed.text == expected && streamed.reason == item.reason && streamed.isDone)
        #expect(streamed.usage == answer.usage, "\(item)")
        let plain = ChatAnswer(
          try await door.chat(
            item.wish, item.members.isEmpty ? #""stream":true"# : item.members + #","stream":true"#)
        )
        #expect(plain.text == expected && plain.usage == nil)
      }
    }
  }

  @Test func `a runtime that fails before its first token is an error with a status`() async throws
  {
    try await withDoor("[gateway.models]\nfirst-token-timeout = \"1s\"\n") { door in
      for stream in ["false", "true"] {
        for (wish, status, code) in [
          ("empty", 502, "runtime_failed"), ("garbage", 502, "runtime_failed"),
          ("drop", 502, "runtime_failed"), ("crash 0", 502, "runtime_failed"),
          ("silent", 504, "runtime_timeout"), ("hang 0", 504, "runtime_timeout"),
        ] {
          let answer = try await door.chat(wish, "\"stream\":\(stream)")
          #expect(
            answer.status == status && ChatAnswer(answer).code == code, "\(wish) \(answer.text)")
          #expect(ChatAnswer.isError(answer))
        }
      }
      // None of them holds a place.
      #expect(ChatAnswer(try await door.chat("count 2")).text == " w0 w1")
    }
  }

  @Test func `a runtime that fails within its answer is an error in the stream`() async throws {
    try await withDoor("[gateway.models]\nfirst-token-timeout = \"1s\"\n") { door in
      for wish in ["crash 3", "hang 3"] {
        let streamed = ChatAnswer(try await door.chat(wish, #""stream":true"#))
        #expect(streamed.text == " w0 w1 w2" && streamed.reason == nil)
        #expect(streamed.code == "runtime_failed" && streamed.isDone, "\(wish)")
        let whole = try await door.chat(wish)
        #expect(whole.status == 502 && ChatAnswer(whole).code == "runtime_failed")
      }
    }
  }

  @Test func `a prompt that the runtime does not take is said to be too long`() async throws {
    try await withDoor { door in
      let long = try await door.chat(String(repeating: "x ", count: 300))
      #expect(
        long.status == 400 && ChatAnswer(long).code == "context_length_exceeded", "\(long.text)")
      let longer = try await door.chat(String(repeating: "xyz ", count: 1100))
      #expect(longer.status == 400 && ChatAnswer(longer).code == "context_length_exceeded")
      let dashes = try await door.chat(String(repeating: "-", count: 4001))
      #expect(dashes.status == 400 && ChatAnswer(dashes).code == "unsuitable_text")
    }
  }

  @Test func `what state a runtime is in decides the answer`() async throws {
    try await withDoor("[gateway.models]\nfirst-token-timeout = \"1s\"\n") { door in
      for (state, code, retry) in [
        ("stopped", "runtime_stopped", "false"), ("failed", "runtime_failed", "false"),
        ("missing-gpu", "gpu_missing", "false"), ("damaged-model", "model_damaged", "false"),
        ("draining", "shutting_down", "true"), ("starting", "runtime_starting", "true"),
      ] {
        try door.register(["llama": state])
        let answer = try await door.chat("count 1")
        #expect(answer.status == 503 && ChatAnswer(answer).code == code, "\(state) \(answer.text)")
        #expect(answer.header("x-should-retry") == retry)
        #expect((answer.header("Retry-After") != nil) == (retry == "true"))
      }
      // One that starts is waited for.
      try door.register(["llama": "starting"])
      async let late = door.chat("count 1")
      try await Task.sleep(for: .milliseconds(300))
      try door.register()
      #expect(try await late.status == 200)
      // A registry that is being damaged changes nothing.
      try Data("{".utf8).write(to: door.registry)
      #expect(try await door.chat("count 1").status == 200)
    }
  }

  @Test func `what a runtime dies of is not asked again`() async throws {
    try await withDoor { door in
      let runtime = try #require(door.runtimes["llama"])
      async let answer = door.chat("hold")
      #expect(await eventuallyAsync { runtime.asked.withLock { $0.count } == 1 })
      try door.register(["llama": "starting"], reason: "its program ran out of memory")
      runtime.isReleased.store(true, ordering: .relaxed)
      let failed = try await answer
      #expect(failed.status == 502 && ChatAnswer(failed).code == "runtime_failed", "\(failed.text)")
      #expect(failed.text.contains("ended before it answered: its program ran out of memory"))
      #expect(runtime.asked.withLock { $0.count } == 1)
      // What comes later waits for its next start.
      async let late = door.chat("count 1")
      try door.register()
      #expect(try await late.status == 200)
    }
  }

  @Test func `an on-demand runtime is waited for until it listens`() async throws {
    try await withDoor { door in
      let runtime = try #require(door.runtimes["llama"])
      runtime.stop()
      try door.register(["llama": "idle"])
      async let answer = door.chat("count 2")
      try await Task.sleep(for: .milliseconds(700))
      let again = try TinygradStandIn(runtime.path)
      #expect(ChatAnswer(try await answer).text == " w0 w1")
      again.stop()
    }
  }

  @Test func `a client that goes frees its place, in both ways`() async throws {
    try await withDoor { door in
      let runtime = try #require(door.runtimes["llama"])
      for (index, stream) in ["true", "false"].enumerated() {
        var client: RawClient? = try RawClient(port: door.local)
        let body = Door.body("slow 20", "\"stream\":\(stream)")
        client?.send(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body)
        #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
        if index == 0 { try await offPool { [client] in try client?.read(until: " w3") } }
        let start = ContinuousClock.now
        client = nil
        #expect(await eventuallyAsync { runtime.left.withLock { $0 } == index + 1 })
        #expect(ContinuousClock.now - start < .seconds(3))
        #expect(ChatAnswer(try await door.chat("count 1")).text == " w0")
      }
      // One that waits leaves the queue.
      let busy = try await open(door, Door.body("hang 0", #""stream":true"#))
      #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
      let asked = runtime.asked.withLock { $0.count }
      var waiting: RawClient? = try await open(door, Door.body("count 9", #""stream":true"#))
      try await Task.sleep(for: .milliseconds(200))
      waiting = nil
      try await Task.sleep(for: .milliseconds(200))
      withExtendedLifetime(busy) {}
      #expect(runtime.asked.withLock { $0.count } == asked && waiting == nil)
    }
  }

  /// Sends a request and reads nothing.
  private func open(_ door: Door, _ body: String) async throws -> RawClient {
    let client = try RawClient(port: door.local)
    client.send(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        + body)
    return client
  }

  @Test func `who waits is told its place, and the queue is bounded`() async throws {
    let settings = "[gateway.models]\nqueue = 3\nqueue-per-caller = 2\nqueue-timeout = \"8s\"\n"
    try await withDoor(settings) { door in
      let runtime = try #require(door.runtimes["llama"])
      let busy = try await open(door, Door.body("hang 1", #""stream":true"#))
      #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
      // One after the other: of two requests at once either may be the first.
      let first = try await open(door, Door.body("count 1", #""stream":true"#))
      try await offPool { try first.read(until: ": queued, position 1 of 1\n") }
      let second = try await open(door, Door.body("count 1", #""stream":true"#))
      try await offPool { try second.read(until: ": queued, position 2 of 2\n") }
      let third = try await door.chat("count 1")
      #expect(third.status == 429 && ChatAnswer(third).code == "queue_full")
      #expect(third.header("Retry-After") != nil && third.header("x-should-retry") == "true")
      // They waited too long: the head is out, so the error is in the stream.
      try await offPool {
        try first.read(until: "\"code\":\"queue_timeout\"")
        try first.read(until: "data: [DONE]\n\n")
      }
      withExtendedLifetime(busy) {}
    }
  }

  @Test func `a stream can be kept alive by chunks, or by nothing`() async throws {
    for (word, sign) in [("chunk", #""delta":{"content":""}"#), ("off", nil)] as [(String, String?)]
    {
      try await withDoor("[gateway.models]\nkeepalive = \"\(word)\"\n") { door in
        let busy = try await open(door, Door.body("slow 30", #""max_tokens":100"#))
        let runtime = try #require(door.runtimes["llama"])
        #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
        let answer = try await door.chat("count 1", #""stream":true"#)
        #expect(ChatAnswer(answer).text == " w0" && ChatAnswer(answer).comments.isEmpty)
        if let sign { #expect(answer.text.contains(sign)) }
        withExtendedLifetime(busy) {}
      }
    }
  }

  @Test func `the end of the gateway finishes what it can, and tells the others`() async throws {
    try await withDoor { door in
      let runtime = try #require(door.runtimes["llama"])
      let running = try await open(door, Door.body("slow 20", #""stream":true,"max_tokens":100"#))
      #expect(await eventuallyAsync { runtime.active.withLock { $0 } == 1 })
      async let waiting = door.chat("count 1")
      try await Task.sleep(for: .milliseconds(200))
      await door.stop(seconds: 10)
      #expect(try await waiting.status == 503)
      #expect(ChatAnswer(try await waiting).code == "shutting_down")
      let answer = ChatAnswer(try await offPool { try running.answer() })
      #expect(answer.isDone && answer.reason == "length" && answer.code == nil)
    }
    try await withDoor { door in
      let running = try await open(door, Door.body("slow 20", #""stream":true"#))
      try await offPool { try running.read(until: " w2") }
      await door.stop(seconds: 1.5)
      try await offPool {
        try running.read(until: "\"code\":\"shutting_down\"")
        try running.read(until: "data: [DONE]\n\n")
      }
    }
  }

  @Test func `a gateway that has ended can be ended again`() async throws {
    try await withDoor { door in
      async let once: Void = door.gateway.stop(seconds: 0)
      async let twice: Void = door.gateway.stop(seconds: 0)
      _ = await (once, twice)
      await door.gateway.stop(seconds: 0)
    }
  }

  @Test func `replicas share the work`() async throws {
    try await withDoor(names: ["llama-a", "llama-b"]) { door in
      let busy = try await open(door, Door.body("hang 1", #""stream":true"#, "llama-8b"))
      #expect(
        await eventuallyAsync { door.runtimes.values.contains { $0.active.withLock { $0 } == 1 } })
      for _ in 0..<3 {
        #expect(ChatAnswer(try await door.chat("count 1", model: "llama-8b")).text == " w0")
      }
      #expect(door.runtimes.values.map { $0.asked.withLock { $0.count } }.sorted() == [1, 3])
      withExtendedLifetime(busy) {}
    }
  }

  @Test func `what was measured is among the metrics`() async throws {
    try await withDoor { door in
      _ = try await door.chat("count 3")
      _ = try await door.chat("crash 0")
      _ = try await door.chat("x", #""n":2"#)
      let text = try await door.ask("GET", "/metrics").text
      // What the daemon says comes first.
      #expect(text.hasPrefix("{\"target\":\"/v1/metrics\"}"))
      for line in [
        "tinybox_model_requests_total{model=\"llama\"} 3",
        "tinybox_model_tokens_total{model=\"llama\"} 3",
        "tinybox_model_errors_total{model=\"llama\",code=\"runtime_failed\"} 1",
        "tinybox_model_errors_total{model=\"llama\",code=\"unsupported_parameter\"} 1",
        "tinybox_model_first_token_seconds_count{model=\"llama\"} 1",
        "tinybox_model_token_gap_seconds_count{model=\"llama\"} 2",
        "tinybox_model_queue_seconds_bucket{model=\"llama\",le=\"+Inf\"} 2",
        "tinybox_model_queue_requests{queue=\"llama-8b\"} 0",
        "# TYPE tinybox_model_token_gap_seconds histogram",
      ] { #expect(text.contains(line + "\n"), "\(line)") }
      // The gateway's own alone: what the page asks for every few seconds.
      let own = try await door.ask("GET", "/metrics/models")
      #expect(own.status == 200 && text.hasSuffix(own.text))
      #expect(own.text.hasPrefix("# HELP tinybox_model_requests_total "))
      #expect(own.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
      #expect(try await door.ask("POST", "/metrics/models").status == 405)
      #expect(try await door.ask("GET", "/metrics/models/llama").status == 404)
    }
  }
}
