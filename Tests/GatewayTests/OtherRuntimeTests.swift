import Foundation
import Gateway
import HTTPService
import Synchronization
import TestSupport
import Testing

/// Stands in for a runtime that speaks OpenAI's language, such as llama.cpp's server.
private final class OpenAIStandIn: HTTPResponder {
  let bodies = Mutex<[String]>([])
  /// How often it says that it loads its model.
  let loading = Mutex(0)

  func admit(_ head: HTTPRequest) -> BodyAdmission { .take(bytes: 1 << 26, seconds: 60) }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let text = String(decoding: request.body, as: UTF8.self)
    bodies.withLock { $0.append(text) }
    let isLoading = loading.withLock { count in
      count -= 1
      return count >= 0
    }
    if isLoading {
      return json(
        #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, 503)
    }
    switch request.segments.dropFirst().joined(separator: "/") {
    case "embeddings":
      return json(
        #"{"object":"list","model":"/models/e.gguf","data":[{"object":"embedding","index":0,"embedding":[0.5,-1e-3]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"#
      )
    case "audio/transcriptions":
      let isText = text.contains("name=\"response_format\"\r\n\r\ntext")
      return isText
        ? HTTPResponse(
          status: 200, headers: ["Content-Type": "text/plain"], body: .bytes(Array("hello\n".utf8)))
        : json(#"{"text":"hello"}"#)
    case "completions":
      return events([
        #"{"choices":[{"index":0,"text":"a","finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"text":"b","finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
      ])
    case "responses": return response(text)
    default: return chat(text)
    }
  }

  private func chat(_ text: String) -> HTTPResponse {
    if text.contains("too long") {
      return json(
        #"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
        400)
    }
    if text.contains("a picture") {
      return json(
        #"{"error":{"code":500,"message":"image input is not supported - hint: mmproj","type":"server_error"}}"#,
        500)
    }
    if text.contains("out of memory") {
      return events(
        [#"{"error":{"code":500,"message":"out of memory","type":"server_error"}}"#], isDone: false)
    }
    if text.contains("nothing") { return events([]) }
    let count = text.contains("many") ? 10_000 : 3
    return events(
      (0..<count).map {
        #"{"choices":[{"index":0,"delta":{"content":" t\#($0)"},"finish_reason":null}],"timings":{"n":1}}"#
      }
        + [
          #"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}"#,
          #"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
          #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":\#(count),"total_tokens":\#(7 + count)}}"#,
        ])
  }

  /// As llama.cpp's server answers: events with names, and the whole response in the last.
  private func response(_ text: String) -> HTTPResponse {
    if text.contains("too long") { return chat(text) }
    let created = #"{"type":"response.created","response":{"id":"resp_1","model":"/a.gguf"}}"#
    let deltas = (0..<3).map {
      #"{"type":"response.output_text.delta","item_id":"m","delta":" t\#($0)"}"#
    }
    let last =
      #"{"type":"response.completed","response":{"id":"resp_1","object":"response","model":"/a.gguf","output":[],"#
      + #""usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10}}}"#
    let early =
      #"{"type":"response.failed","response":{"error":{"code":"server_error","message":"no"}}}"#
    let events =
      text.contains("breaks")
      ? [created] + deltas
      : text.contains("fails") ? [created, early] : [created] + deltas + [last]
    return self.events(events, isDone: false)
  }

  private func json(_ text: String, _ status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
  }

  private func events(_ events: [String], isDone: Bool = true) -> HTTPResponse {
    let text = (events + (isDone ? ["[DONE]"] : [])).map { "data: \($0)\n\n" }.joined()
    return HTTPResponse(
      status: 200, headers: ["Content-Type": "text/event-stream"], body: .bytes(Array(text.utf8)))
  }
}

@Suite(.serialized) struct OtherRuntimeTests {
  private func withOther(
    _ settings: String = "", _ body: (Door, OpenAIStandIn) async throws -> Void
  ) async throws {
    let thread = EventThread()
    let runtime = OpenAIStandIn()
    let server = HTTPServer(thread: thread, responder: runtime)
    try await withDoor(settings) { door in
      let path = door.folder.appendingPathComponent("other.sock").path
      try await server.start(on: [.unixSocket(path: path, mode: 0o600)])
      try door.register(
        more: """
          ,{"name":"other","model":"qwen","backend":"openai","socket":"\(path)","slots":4,
          "apis":["chat","completions","embeddings","transcriptions","responses"],"state":"ready",
          "since":"2026-11-24T00:00:00Z","created":1732924800,"onDemand":false}
          """)
      try await body(door, runtime)
      await server.stop(seconds: 0)
    }
    await thread.stop()
  }

  @Test func `what the runtime has passes, and the name is its own`() async throws {
    try await withOther { door, runtime in
      let members =
        #""tools":[{"type":"function","function":{"name":"f"}}],"n":1,"stop":["x"],"top_k":4,"user":null"#
      let answer = try await door.chat("hi", members, model: "qwen")
      #expect(answer.status == 200 && ChatAnswer(answer).text == " t0 t1 t2")
      #expect(ChatAnswer(answer).usage == [7, 3, 10] && ChatAnswer(answer).reason == "tool_calls")
      #expect(answer.text.contains("\"model\":\"qwen\"") && answer.text.contains("\"name\":\"f\""))
      let sent = runtime.bodies.withLock { $0.last ?? "" }
      for part in [
        #""stop":["x"]"#, #""top_k":4"#, #""stream":true"#, #""temperature":1"#, #""model":"qwen""#,
      ] {
        #expect(sent.contains(part), "\(part)")
      }
      #expect(!sent.contains("user\":null"))
      let streamed = try await door.chat("hi", #""stream":true"#, model: "other")
      #expect(ChatAnswer(streamed).text == " t0 t1 t2" && ChatAnswer(streamed).isDone)
      #expect(ChatAnswer(streamed).usage == nil && streamed.text.contains("\"timings\""))
      let completion = try await door.ask(
        "POST", "/v1/completions", #"{"model":"qwen","prompt":"x"}"#)
      #expect(
        completion.text.contains("\"text\":\"ab\"") && completion.text.contains("text_completion"))
      #expect(completion.text.contains("\"finish_reason\":\"length\""))
    }
  }

  @Test func `ten thousand tokens pass without loss, in both ways`() async throws {
    try await withOther { door, _ in
      let text = (0..<10_000).map { " t\($0)" }.joined()
      for members in ["", #""stream":true"#] {
        let answer = ChatAnswer(try await door.chat("many", members, model: "qwen"))
        #expect(answer.text == text && answer.reason == "tool_calls")
      }
    }
  }

  @Test func `errors of the runtime get the door's shape`() async throws {
    try await withOther { door, runtime in
      for (wish, status, code) in [
        ("too long", 400, "context_length_exceeded"), ("out of memory", 502, "runtime_failed"),
        ("nothing", 502, "runtime_failed"), ("a picture", 400, "unsupported_parameter"),
      ] {
        for members in ["", #""stream":true"#] {
          let answer = try await door.chat(wish, members, model: "qwen")
          #expect(answer.status == status && ChatAnswer(answer).code == code, "\(answer.text)")
          #expect(ChatAnswer.isError(answer))
        }
      }
      // It loads its model: asked again a moment later.
      runtime.loading.withLock { $0 = 2 }
      #expect(try await door.chat("hi", model: "qwen").status == 200)
    }
  }

  @Test func `responses pass with the client's name, and end as they should`() async throws {
    try await withOther("[gateway.limits.\"127.0.0.1\"]\nmodels = [\"other\"]\n") { door, runtime in
      func ask(_ input: String, _ members: String = "") async throws -> RawClient.Answer {
        try await door.ask(
          "POST", "/v1/responses", #"{"model":"other","input":"\#(input)"\#(members)}"#)
      }
      let whole = try await ask("hi", #","max_output_tokens":9,"top_k":4,"top_logprobs":0"#)
      #expect(whole.status == 200 && whole.text.contains(#""output_tokens":3"#))
      #expect(whole.text.contains(#""model":"other""#) && !whole.text.contains("gguf"))
      let sent = runtime.bodies.withLock { $0.last ?? "" }
      for part in [#""model":"qwen""#, #""stream":true"#, #""top_k":4"#, #""max_output_tokens":9"#]
      {
        #expect(sent.contains(part), "\(part)")
      }
      #expect(!sent.contains("top_logprobs"))
      for part in [
        #""tools":[]"#, #""tool_choice":"auto""#, #""parallel_tool_calls":true"#, #""error":null"#,
        #""output_tokens_details":{"reasoning_tokens":0}"#, #""created_at":"#,
      ] {
        #expect(whole.text.contains(part), "\(part)")
      }
      let stream = try await ask("hi", #","stream":true"#)
      #expect(stream.text.contains("event: response.output_text.delta\ndata: {"))
      #expect(stream.text.contains(" t0") && stream.text.contains(" t2"))
      #expect(!stream.text.contains("gguf") && !stream.text.contains("[DONE]"))

      // Before the first token an error has a status, after it it is an event.
      for (input, members, status, code) in [
        ("too long", "", 400, "context_length_exceeded"), ("fails", "", 502, "runtime_failed"),
        ("fails", #","stream":true"#, 502, "runtime_failed"), ("breaks", "", 502, "runtime_failed"),
        ("hi", #","previous_response_id":"resp_1""#, 400, "unsupported_parameter"),
        ("hi", #","background":true"#, 400, "unsupported_parameter"),
        ("hi", #","max_output_tokens":0"#, 400, "invalid_value"),
      ] {
        let answer = try await ask(input, members)
        #expect(answer.status == status && ChatAnswer(answer).code == code, "\(answer.text)")
        #expect(ChatAnswer.isError(answer))
      }
      let broken = try await ask("breaks", #","stream":true"#)
      #expect(broken.status == 200 && broken.text.contains("event: error\ndata: {\"error\":"))
      #expect(broken.text.hasSuffix("data: [DONE]\n\n"))

      // The queue, the limits and the scope of a caller hold here too.
      let metrics = try await door.ask("GET", "/metrics").text
      #expect(metrics.contains(#"tinybox_model_tokens_total{model="other"} "#))
      let foreign = try await door.ask("POST", "/v1/responses", #"{"model":"llama","input":"x"}"#)
      #expect(foreign.status == 403 && ChatAnswer(foreign).code == "model_not_allowed")
    }
  }

  @Test func `embeddings and recordings pass`() async throws {
    try await withOther { door, runtime in
      let answer = try await door.ask(
        "POST", "/v1/embeddings", #"{"model":"other","input":["a","b"],"encoding_format":"float"}"#)
      #expect(answer.status == 200 && answer.text.contains("[0.5,-1e-3]"))
      #expect(answer.text.contains("\"model\":\"other\""))
      #expect(runtime.bodies.withLock { $0.last ?? "" }.contains("\"model\":\"qwen\""))
      let file = String(repeating: "RIFF", count: 3 << 18)
      for (format, text) in [("json", #"{"text":"hello"}"#), ("text", "hello\n")] {
        let form =
          ["model": "other", "response_format": format].sorted { $0.key < $1.key }.map {
            "--b\r\nContent-Disposition: form-data; name=\"\($0.key)\"\r\n\r\n\($0.value)\r\n"
          }.joined()
          + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\(file)\r\n--b--\r\n"
        let answer = try await door.ask(
          "POST", "/v1/audio/transcriptions", form,
          ["Content-Type: multipart/form-data; boundary=b"])
        #expect(answer.status == 200 && answer.text == text)
        let sent = runtime.bodies.withLock { $0.last ?? "" }
        #expect(sent.contains("\r\n\r\nqwen\r\n") && sent.contains(file))
      }
      let wrong = try await door.ask(
        "POST", "/v1/audio/transcriptions", "x", ["Content-Type: text/plain"])
      #expect(wrong.status == 400 && ChatAnswer.isError(wrong))
    }
  }
}
