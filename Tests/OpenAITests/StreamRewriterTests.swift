import OpenAI
import RuntimeCatalog
import TestSupport
import Testing

@Suite(.seeded) struct StreamRewriterTests {
  static let words = (0..<40).map { " w\($0)" }

  @Test func `tokens used are right where the runtime's sum is wrong`() throws {
    var plan = Read.plan()
    let ended = try Read(TinygradStream(tokens: [" a", " b"]).bytes, plan)
    #expect(ended.text == " a b" && ended.reason == "stop" && ended.usage == [5, 2, 7])
    plan.maxTokens = 2
    let cut = try Read(TinygradStream(tokens: [" a", " b", " c"], maxTokens: 2).bytes, plan)
    #expect(cut.text == " a b" && cut.reason == "length" && cut.usage == [5, 2, 7])
    plan.maxTokens = nil
    plan.context = 8
    let full = try Read(
      TinygradStream(tokens: StreamRewriterTests.words, context: 8, ends: false).bytes, plan)
    #expect(full.text == " w0 w1 w2" && full.reason == "length" && full.usage == [5, 3, 8])
    let nothing = try Read(TinygradStream(tokens: []).bytes, Read.plan())
    #expect(nothing.text.isEmpty && nothing.reason == "stop" && nothing.usage == [5, 0, 5])
    // The prompt alone fills the context.
    let filled = try Read(TinygradStream(prompt: 8, tokens: [" a"], context: 8).bytes, plan)
    #expect(filled.text.isEmpty && filled.reason == "length" && filled.usage == [8, 0, 8])
  }

  @Test func `a chunk has the id, model and time of the gateway, and only a wanted usage`() throws {
    var plan = Read.plan()
    plan.wantsUsage = false
    let read = try Read(TinygradStream(tokens: [" a"]).bytes, plan)
    #expect(read.usage == nil && read.chunks.allSatisfy { $0["usage"] == nil })
    for chunk in read.chunks {
      #expect(chunk["id"] == .string("chatcmpl-1") && chunk["model"] == .string("m"))
      #expect(
        chunk["created"] == .integer(7) && chunk["object"] == .string("chat.completion.chunk"))
    }
    #expect(read.chunks.first?["choices"]?.array?.first?["delta"]?["role"] == .string("assistant"))
    #expect(read.chunks.last?["choices"]?.array?.first?["delta"] == .object([]))
  }

  /// 48 cases: stop strings, limits, ends and full contexts, over ways to cut the bytes.
  @Test(
    arguments: [
      (stops: [" w3"], limit: nil, text: " w0 w1 w2", reason: "stop"),
      (stops: ["w3 w4"], limit: nil, text: " w0 w1 w2 ", reason: "stop"),
      (stops: ["3 w4 w5 w"], limit: nil, text: " w0 w1 w2 w", reason: "stop"),
      (stops: ["x", " w1"], limit: nil, text: " w0", reason: "stop"),
      (stops: [" w2", " w1 w2"], limit: nil, text: " w0", reason: "stop"),
      (stops: [" w1 w2 w9", " w2"], limit: nil, text: " w0 w1", reason: "stop"),
      (stops: [" w0"], limit: nil, text: "", reason: "stop"),
      (stops: ["w39!"], limit: nil, text: words.joined(), reason: "stop"),
      (stops: ["nothing"], limit: 4, text: " w0 w1 w2 w3", reason: "length"),
      (stops: [" w3"], limit: 4, text: " w0 w1 w2", reason: "stop"),
      (stops: [" w4"], limit: 4, text: " w0 w1 w2 w3", reason: "length"),
      (stops: [" w3 w4"], limit: 4, text: " w0 w1 w2 w3", reason: "length"),
      (stops: [], limit: 1, text: " w0", reason: "length"),
      (stops: [], limit: 40, text: words.joined(), reason: "length"),
      (stops: [], limit: 41, text: words.joined(), reason: "stop"),
      (stops: ["w"], limit: 1, text: " ", reason: "stop"),
    ] as [(stops: [String], limit: Int?, text: String, reason: String)])
  func `answers stop where they should, and say why`(
    stops: [String], limit: Int?, text: String, reason: String
  ) throws {
    var plan = Read.plan()
    plan.stops = stops
    plan.maxTokens = limit
    let bytes = TinygradStream(tokens: StreamRewriterTests.words, maxTokens: limit).bytes
    for piece in [1, 100, 100_000] {
      var read = try Read(bytes, plan, piece: piece)
      #expect(read.text == text && read.reason == reason, "pieces of \(piece)")
      if read.rewriter.needsPromptTokens {
        let last = read.rewriter.finish(promptTokens: 5)
        #expect(last.count == 1 && last[0]["usage"]?["prompt_tokens"] == .integer(5))
        #expect(read.usage == nil)
      } else {
        #expect(
          read.usage == [5, limit.map { min(40, $0) } ?? 40, 5 + (limit.map { min(40, $0) } ?? 40)])
      }
    }
  }

  @Test func `stop strings are found across tokens and characters of several bytes`() throws {
    var random = SeededGenerator()
    let alphabet = ["a", "ab", "é", "e\u{301}", "日", "本", "😀", "👨‍👩‍👧", " "]
    for _ in 0..<500 {
      let tokens = (0..<20).map { _ in random.pick(alphabet) }
      let whole = tokens.joined()
      let stops = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick(alphabet) }.joined()
      }
      // What a search in the whole text finds: the stop string that ends first, and of those the longest.
      let bytes = Array(whole.utf8)
      var expected: Int?
      search: for end in bytes.indices {
        let starts = stops.map { Array($0.utf8) }.compactMap { stop -> Int? in
          let start = end + 1 - stop.count
          return start >= 0 && bytes[start...end].elementsEqual(stop) ? start : nil
        }
        if let start = starts.min() {
          expected = start
          break search
        }
      }
      var matcher = StopMatcher(stops)
      var sent = tokens.map { matcher.feed($0) }.joined()
      sent += matcher.end()
      #expect(matcher.isMatched == (expected != nil))
      #expect(Array(sent.utf8) == Array(bytes[..<(expected ?? bytes.count)]))
    }
  }

  @Test func `an end without the last event is no end`() throws {
    let whole = TinygradStream(tokens: [" a", " b"]).bytes
    let done = Array("data: [DONE]\n\n".utf8)
    let end = whole.count - done.count
    for count in stride(from: 0, through: end, by: 11) {
      let error = #expect(throws: APIError.self) { try Read(Array(whole[..<count]), Read.plan()) }
      #expect(error?.code == "runtime_failed" && error?.status == 502)
    }
  }

  @Test(arguments: [
    "data: x\n\n", "data: []\n\n", "data: {}\n\n", "data: {\"choices\":[1]}\n\n",
    "data: {\"error\":{\"message\":\"out of memory\"}}\n\n", "data: [DONE]\n\n",
    "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", "<html>\n\n",
  ]) func `what is no answer is an error`(_ text: String) {
    for backend in Backend.all {
      let error = #expect(throws: APIError.self) {
        try Read(Array(text.utf8), Read.plan(backend))
      }
      #expect(error?.code == "runtime_failed")
    }
  }

  @Test func `bytes that mean nothing never stop the program`() {
    var random = SeededGenerator()
    let sound = TinygradStream(tokens: [" a", "é", " b"]).bytes
    var whole = 0
    for _ in 0..<1500 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if (try? Read(bytes, Read.plan(random.pick(Backend.all)))) != nil { whole += 1 }
    }
    #expect(whole > 50)
    let long = [UInt8](repeating: 0x61, count: EventStreamParser.longestEvent + 1)
    #expect(throws: APIError.self) { try Read(long, Read.plan(), piece: 65_536) }
    for number in ["-1", "1e30", "9223372036854775807", "\"5\"", "null"] {
      let text = String(decoding: sound, as: UTF8.self)
        .replacing("\"prompt_tokens\": 9", with: "\"prompt_tokens\": \(number)")
      let read = try? Read(Array(text.utf8), Read.plan())
      #expect(read?.text == " aé b" && read?.usage == nil)
    }
  }

  @Test func `events are read whatever ends their lines`() throws {
    for end in ["\n", "\r\n", "\r"] {
      var parser = EventStreamParser()
      let text =
        ["\u{feff}: hello", "data: a", "id: 1", "data:b", "", "data", "", "event: x", "", ""]
        .joined(separator: end) + "x"
      var events: [[UInt8]] = []
      for byte in text.utf8 { events += try parser.feed([byte]) }
      #expect(events.map { String(decoding: $0, as: UTF8.self) } == ["a\nb", ""])
    }
  }
}
