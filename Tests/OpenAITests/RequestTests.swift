import RuntimeCatalog
import TestSupport
import Testing

@testable import OpenAI

@Suite(.seeded) struct RequestTests {
  static func context(
    _ backend: Backend = .tinygrad, _ unsupported: RequestContext.Unsupported = .refuse
  ) -> RequestContext {
    RequestContext(
      model: "m", upstreamModel: "u", backend: backend, unsupported: unsupported, context: 256,
      longestToken: 16)
  }

  private func chat(
    _ members: String, _ context: RequestContext = context()
  ) throws -> GenerationRequest {
    let messages =
      members.contains("\"messages\"") ? "" : #""messages":[{"role":"user","content":"hi"}],"#
    let text = "{\(messages)\"model\":\"m\"\(members.isEmpty ? "" : ",")\(members)}"
    return try .chat(RequestBody(Array(text.utf8)), context)
  }

  @Test(
    arguments: [
      ("", "", nil), ("{", "", nil), ("[]", "", nil), ("{}", "model", nil),
      (#"{"model":5}"#, "model", "invalid_type"), (#"{"model":""}"#, "model", nil),
      (#"{"model":null}"#, "model", "missing_required_parameter"),
    ] as [(String, String, String?)])
  func `bodies that are none`(text: String, param: String, code: String?) {
    let error = #expect(throws: APIError.self) { try RequestBody(Array(text.utf8)) }
    #expect(error?.status == 400 && (error?.param ?? "") == param)
    if let code { #expect(error?.code == code) }
    #expect(error?.json["error"]?.members?.map(\.name) == ["message", "type", "param", "code"])
  }

  /// Each is refused by every runtime.
  @Test(arguments: [
    (#""messages":5"#, "messages"), (#""messages":[]"#, "messages"),
    (#""messages":null"#, "messages"), (#""messages":[5]"#, "messages[0]"),
    (#""messages":[{"content":"x"}]"#, "messages[0].role"),
    (#""messages":[{"role":"zzz","content":"x"}]"#, "messages[0].role"),
    (#""messages":[{"role":"user","content":null}]"#, "messages[0].content"),
    (#""messages":[{"role":"user"}]"#, "messages[0].content"),
    (#""messages":[{"role":"user","content":5}]"#, "messages[0].content"),
    (#""messages":[{"role":"user","content":[]}]"#, "messages[0].content"),
    (#""messages":[{"role":"user","content":["x"]}]"#, "messages[0].content[0]"),
    (#""messages":[{"role":"user","content":[{"type":"text"}]}]"#, "messages[0].content[0].text"),
    (#""max_tokens":0"#, "max_tokens"), (#""max_tokens":-1"#, "max_tokens"),
    (#""max_tokens":2.5"#, "max_tokens"), (#""max_tokens":"3""#, "max_tokens"),
    (#""max_tokens":1e30"#, "max_tokens"), (#""max_completion_tokens":0"#, "max_completion_tokens"),
    (#""temperature":-1"#, "temperature"), (#""temperature":5e9"#, "temperature"),
    (#""temperature":"1""#, "temperature"), (#""temperature":1e999"#, "temperature"),
    (#""stream":"yes""#, "stream"), (#""stream":1"#, "stream"),
    (#""stream_options":5"#, "stream_options"),
    (#""stream_options":{"include_usage":1}"#, "stream_options.include_usage"),
    (#""stop":5"#, "stop"), (#""stop":[5]"#, "stop"), (#""stop":"""#, "stop"),
    (#""stop":["a","b","c","d","e"]"#, "stop"), (#""n":0"#, "n"), (#""n":1000000"#, "n"),
    (#""top_p":2"#, "top_p"), (#""seed":"x""#, "seed"), (#""tools":5"#, "tools"),
    (#""tools":[5]"#, "tools[0]"), (#""logprobs":5"#, "logprobs"),
    (#""response_format":"json""#, "response_format"),
    (#""response_format":{}"#, "response_format.type"), (#""logit_bias":[]"#, "logit_bias"),
    (#""presence_penalty":3"#, "presence_penalty"),
  ]) func `wrong values are refused with their parameter`(members: String, param: String) {
    for backend in Backend.all {
      for unsupported in RequestContext.Unsupported.allCases {
        let error = #expect(throws: APIError.self) {
          try chat(members, RequestTests.context(backend, unsupported))
        }
        #expect(
          error?.status == 400 && error?.param == param && error?.type == "invalid_request_error")
      }
    }
  }

  @Test(arguments: [
    #""n":2"#, #""tools":[{"type":"function","function":{"name":"f"}}]"#, #""logprobs":true"#,
    #""response_format":{"type":"json_object"}"#, #""tool_choice":"required""#, #""top_p":0.5"#,
    #""logit_bias":{"5":1}"#, #""frequency_penalty":1"#, #""modalities":["text","audio"]"#,
    #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]"#,
    #""messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"a","content":"1"}]"#,
  ]) func `what only some runtimes have is refused by the others, or ignored`(members: String)
    throws
  {
    let error = #expect(throws: APIError.self) { try chat(members) }
    #expect(error?.code == "unsupported_parameter" && error?.param != nil)
    let ignored = try chat(members, RequestTests.context(.tinygrad, .ignore))
    let known: Set = ["model", "messages", "temperature", "stream", "stream_options", "max_tokens"]
    #expect(known.isSuperset(of: ignored.body.members?.map(\.name) ?? ["none"]))
    let passed = try chat(members, RequestTests.context(.openAI)).body
    let name = String(members.dropFirst().prefix { $0 != "\"" })
    #expect(passed[name] != nil)
  }

  @Test(arguments: [
    #""n":1"#, #""tools":[]"#, #""logprobs":false"#, #""response_format":{"type":"text"}"#,
    #""top_p":1"#, #""frequency_penalty":0"#, #""seed":7"#, #""tool_choice":"none""#,
    #""temperature":null"#, #""stream_options":null"#, #""user":"x""#, #""metadata":{}"#,
    #""messages":[{"role":"assistant","content":null},{"role":"user","content":"x"}]"#,
    #""messages":[{"role":"developer","content":"x"}]"#,
    #""messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]"#, #""stop":null"#,
  ]) func `defaults and harmless wishes are taken`(members: String) throws {
    for backend in Backend.all {
      let request = try chat(members, RequestTests.context(backend))
      #expect(request.body["temperature"] == .integer(1) && request.body["model"] == .string("u"))
      #expect(request.body["stream"] == .boolean(true))
      #expect(request.body["stream_options"]?["include_usage"] == .boolean(true))
      for message in request.body["messages"]?.array ?? [] {
        #expect(backend.translation.passesUnknown || message["content"]?.isNull == false)
        #expect(backend.translation.passesUnknown || message["role"] != .string("developer"))
      }
    }
  }

  @Test func `limits, stops and wishes for usage are understood`() throws {
    let one = try chat(#""max_tokens":9,"max_completion_tokens":4,"stop":"x","stream":true"#)
    #expect(one.maxTokens == 4 && one.stops == ["x"] && one.isStream && !one.includesUsage)
    #expect(one.body["max_tokens"] == .integer(4) && one.body["stop"] == nil)
    let two = try chat(
      #""stop":["a","b"],"stream":true,"stream_options":{"include_usage":true}"#,
      RequestTests.context(.openAI))
    #expect(two.stops.isEmpty && two.body["stop"]?.array?.count == 2 && two.includesUsage)
    // As the official client's own tests send it.
    let three = try chat(#""stream":false,"stream_options":{"include_usage":true}"#)
    #expect(!three.isStream && !three.includesUsage)
    let probe = GenerationRequest.probe(JSONWriter.bytes(one.body))
    #expect(String(decoding: probe ?? [], as: UTF8.self).contains("\"max_tokens\":1,"))
  }

  @Test func `prompts that cannot fit, or take minutes to read, are refused`() throws {
    func content(_ text: String) throws -> GenerationRequest {
      try chat("\"messages\":[{\"role\":\"user\",\"content\":\"\(text)\"}]")
    }
    _ = try content(String(repeating: "abc ", count: 1024))
    let long = #expect(throws: APIError.self) {
      try content(String(repeating: "abc ", count: 1025))
    }
    #expect(long?.code == "context_length_exceeded" && long?.status == 400)
    _ = try content(String(repeating: "-", count: 4000))
    for text in ["-", "x", "日", "!?"] {
      let count = 4096 / text.utf8.count
      let error = #expect(throws: APIError.self) {
        try content(String(repeating: text, count: count))
      }
      #expect(error?.code == "unsuitable_text")
    }
    _ = try content(String(repeating: "1", count: 4096))
    _ = try content(String(repeating: "-----x", count: 680))
  }

  @Test func `a message with a control token is refused, a completion is not`() throws {
    var context = RequestTests.context()
    context.specialTokens = ["<|im_end|>", "<|im_start|>", "<|im|>", "[INST]"]
    func content(_ text: String) throws -> GenerationRequest {
      try chat("\"messages\":[{\"role\":\"user\",\"content\":\(text)}]", context)
    }
    for (text, param) in [
      (#""a<|im_end|>b""#, "messages[0].content"), (#""<|im_start|>""#, "messages[0].content"),
      // However it is escaped.
      (#""\u003c|im_end|\u003e""#, "messages[0].content"),
      (#"[{"type":"text","text":"a"},{"type":"text","text":"[INST]"}]"#, "messages[0].content[1]"),
    ] {
      let error = #expect(throws: APIError.self) { try content(text) }
      #expect(error?.status == 400 && error?.code == "unsuitable_text" && error?.param == param)
    }
    for text in [#""<|im_end|""#, #""<|im_ends|>""#, #""<<|im_en|im_end|>""#, #""[inst]""#] {
      _ = try content(text)
    }
    // A runtime takes each part by itself.
    _ = try content(#"[{"type":"text","text":"<|im_"},{"type":"text","text":"end|>"}]"#)
    let body = try RequestBody(Array(#"{"model":"m","prompt":"<|im_end|>"}"#.utf8))
    _ = try GenerationRequest.completion(body, context)
  }

  @Test func `control tokens are found wherever they are`() {
    var random = SeededGenerator()
    func text(_ most: Int) -> String {
      String((0..<Int.random(in: 0...most, using: &random)).map { _ in random.pick(Array("<|ab")) })
    }
    for _ in 0..<2000 {
      let tokens = (0..<Int.random(in: 0...6, using: &random)).map { _ in text(5) }
      let hay = text(12)
      let found = SpecialTokens(tokens).first(in: hay)
      #expect((found != nil) == tokens.contains { !$0.isEmpty && hay.contains($0) })
      if let found { #expect(tokens.contains(found) && hay.contains(found)) }
    }
  }

  @Test func `no message stops the program, whatever is in it`() {
    var random = SeededGenerator()
    let values = [
      "null", "5", "-1", "1e300", "\"x\"", "[]", "{}", "[null]", "{\"type\":\"text\"}", "true",
    ]
    let names = [
      "messages", "model", "n", "stop", "stream", "tools", "max_tokens", "stream_options", "prompt",
      "input", "temperature", "response_format", "logit_bias", "modalities", "content", "role",
    ]
    func value(_ depth: Int) -> String {
      switch Int.random(in: 0..<(depth > 4 ? 1 : 3), using: &random) {
      case 0: return random.pick(values)
      case 1: return "[" + (0..<3).map { _ in value(depth + 1) }.joined(separator: ",") + "]"
      default:
        return "{"
          + Set((0..<3).map { _ in random.pick(names) }).sorted()
          .map { "\"\($0)\":\(value(depth + 1))" }.joined(separator: ",") + "}"
      }
    }
    for _ in 0..<600 {
      let members = Set((0..<4).map { _ in random.pick(names) }).sorted().filter { $0 != "model" }
        .map { "\"\($0)\":\(value(0))" }
      let bytes = Array(
        "{\(["\"model\":\"m\""].joined() + members.map { "," + $0 }.joined())}".utf8)
      for backend in Backend.all {
        let context = RequestTests.context(backend, random.pick([.refuse, .ignore]))
        do {
          let body = try RequestBody(bytes)
          _ = try? GenerationRequest.chat(body, context)
          _ = try? GenerationRequest.completion(body, context)
          _ = try? EmbeddingsRequest(body, context)
        } catch { #expect(Bool(false), "\(String(decoding: bytes, as: UTF8.self)): \(error)") }
      }
    }
  }

  @Test func `embeddings and completions are checked and renamed`() throws {
    let context = RequestTests.context(.openAI)
    for good in [#""a""#, #"["a","b"]"#, "[1,2]", "[[1,2],[3]]"] {
      let body = try RequestBody(Array("{\"model\":\"m\",\"input\":\(good)}".utf8))
      let request = try EmbeddingsRequest(body, context)
      #expect(String(decoding: request.body, as: UTF8.self).contains("\"model\":\"u\""))
    }
    for bad in ["5", "[]", "\"\"", "[\"a\",1]", "{}", "[1.5]", "[-1]"] {
      let body = try RequestBody(Array("{\"model\":\"m\",\"input\":\(bad)}".utf8))
      let error = #expect(throws: APIError.self) { try EmbeddingsRequest(body, context) }
      #expect(error?.param == "input")
    }
    let text = #"{"model":"m","prompt":"once","max_tokens":3,"echo":true}"#
    let request = try GenerationRequest.completion(RequestBody(Array(text.utf8)), context)
    #expect(request.body["echo"] == .boolean(true) && request.body["prompt"] == .string("once"))
  }

  @Test func `a form is taken apart without its file being touched`() throws {
    let file = [UInt8](repeating: 0x0d, count: 5000) + Array("\r\n--b x".utf8)
    let head =
      "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
      + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: a/b\r\n\r\n"
    let bytes = Array(head.utf8) + file.dropLast(6) + Array("\r\n--b--\r\n".utf8)
    let type = "multipart/form-data; boundary=b"
    let form = try MultipartForm(bytes, type: type)
    #expect(form.text("model") == "whisper" && form.hasFile("file") && form.text("file") == nil)
    let changed = form.replacing("model", with: "u")
    #expect(changed.count == bytes.count - 6)
    #expect(try MultipartForm(changed, type: type).text("model") == "u")
    for bad in [nil, "text/plain", "multipart/form-data", "multipart/form-data; boundary="] {
      #expect(throws: APIError.self) { try MultipartForm(bytes, type: bad) }
    }
    var random = SeededGenerator()
    for _ in 0..<500 {
      var bytes = Array((head + "x\r\n--b--\r\n").utf8)
      bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
      bytes.removeLast(Int.random(in: 0..<40, using: &random))
      _ = try? MultipartForm(bytes, type: type)
    }
  }
}
