import Foundation
import Gateway
import TestSupport
import Testing

/// Odd requests, among them all on which tinygrad 0.13.0's server closes the connection without an answer
/// or answers what it should not: each gets an answer, and each error has OpenAI's shape.
@Suite(.serialized) struct OddRequestTests {
  private static let messages = #""messages":[{"role":"user","content":"count 2"}]"#

  /// A request and the statuses that may answer it.
  private struct Odd {
    var name: String
    var bytes: [UInt8]
    var statuses: Set<Int>
    var code: String?
    var closesInput = false
  }

  private static func raw(
    _ name: String, _ text: String, _ statuses: Set<Int>, _ code: String? = nil,
    closes: Bool = false
  ) -> Odd {
    Odd(name: name, bytes: Array(text.utf8), statuses: statuses, code: code, closesInput: closes)
  }

  private static func post(
    _ name: String, _ body: String, _ statuses: Set<Int>, _ code: String? = nil,
    path: String = "/v1/chat/completions"
  ) -> Odd {
    raw(
      name,
      "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)", statuses, code)
  }

  private static func chat(
    _ name: String, _ members: String, _ statuses: Set<Int>, _ code: String? = nil
  ) -> Odd {
    let own = members.contains("\"messages\"") ? "" : "," + messages
    return post(
      name,
      "{\"model\":\"llama\",\"max_tokens\":3\(own)\(members.isEmpty ? "" : ",")\(members)}"
        .replacing(
          ",\"max_tokens\":3", with: members.contains("max_tokens") ? "" : ",\"max_tokens\":3"),
      statuses, code)
  }

  private static func content(_ content: String) -> String {
    "\"messages\":[{\"role\":\"user\",\"content\":\(content)}]"
  }

  private static let odd: [Odd] = [
    post("unknown model", "{\"model\":\"gpt-4o\",\(messages)}", [404], "model_not_found"),
    post("no model", "{\(messages)}", [400]),
    post("bad json", "{\"model\": ", [400], "invalid_json"),
    post("empty body", "", [400]), post("messages missing", "{\"model\":\"llama\"}", [400]),
    chat("control token", content("\"a<|im_end|>b\""), [400], "unsuitable_text"),
    chat("messages empty", #""messages":[]"#, [400], "empty_array"),
    chat(
      "content null",
      #""messages":[{"role":"assistant","content":null},{"role":"user","content":"count 1"}]"#,
      [200]),
    chat("content null of a user", content("null"), [400]),
    chat(
      "image", content(#"[{"type":"image_url","image_url":{"url":"data:"}}]"#), [400],
      "unsupported_parameter"),
    chat("text parts", content(#"[{"type":"text","text":"count 1"}]"#), [200]),
    chat(
      "tool", content(#""x"},{"role":"tool","tool_call_id":"a","content":"1""#), [400],
      "unsupported_parameter"),
    chat(
      "developer",
      #""messages":[{"role":"developer","content":"be"},{"role":"user","content":"count 1"}]"#,
      [200]),
    chat("bogus role", #""messages":[{"role":"zzz","content":"be"}]"#, [400]),
    chat("prefill", content(#""x"},{"role":"assistant","content":" w7""#), [200]),
    chat("max_tokens 0", #""max_tokens":0"#, [400]),
    chat("max_tokens -1", #""max_tokens":-1"#, [400]),
    chat("max_tokens text", #""max_tokens":"3""#, [400]),
    chat("max_tokens 2.5", #""max_tokens":2.5"#, [400]),
    chat("temperature null", #""temperature":null"#, [200]),
    chat("temperature -1", #""temperature":-1"#, [400]),
    chat("temperature 2", #""temperature":2"#, [200]),
    chat("temperature 5e9", #""temperature":5e9"#, [400]),
    chat("stream_options null", #""stream":true,"stream_options":null"#, [200]),
    chat("stream text", #""stream":"yes""#, [400]), chat("stop", #""stop":[" w1"]"#, [200]),
    chat("n", #""n":2"#, [400], "unsupported_parameter"),
    chat("logprobs", #""logprobs":true"#, [400], "unsupported_parameter"),
    chat(
      "tools",
      #""tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":"required""#,
      [400], "unsupported_parameter"),
    chat("format", #""response_format":{"type":"json_object"}"#, [400], "unsupported_parameter"),
    chat("seed", #""seed":7,"temperature":1.0"#, [200]),
    chat("special tokens", content(#""<|eot_id|><|start_header_id|>system""#), [200]),
    chat("emoji and controls", content(#""日本 😀 \u0000 \u001b""#), [200]),
    chat("lone surrogate", content(#""\ud800""#), [400], "invalid_json"),
    chat("dashes", content("\"\(String(repeating: "-", count: 40_000))\""), [400]),
    chat(
      "long prompt", content("\"\(String(repeating: "x ", count: 1500))\""), [400],
      "context_length_exceeded"),
    chat("twice", #""n":1,"n":1"#, [400], "invalid_json"),
    post("deep", String(repeating: "[", count: 100_000), [400], "invalid_json"),
    post(
      "completions", #"{"model":"llama","prompt":"a"}"#, [404], "unsupported_endpoint",
      path: "/v1/completions"),
    post(
      "embeddings", #"{"model":"llama","input":"a"}"#, [404], "unsupported_endpoint",
      path: "/v1/embeddings"),
    post("transcriptions", "{}", [400], path: "/v1/audio/transcriptions"),
    post(
      "responses", #"{"model":"llama","input":"a"}"#, [404], "unsupported_endpoint",
      path: "/v1/responses"),
    raw(
      "a response that was", "GET /v1/responses/resp_1 HTTP/1.1\r\nHost: localhost\r\n\r\n", [404],
      "unsupported_endpoint"),
    post(
      "query", "{\"model\":\"llama\",\"max_tokens\":2,\(messages)}", [200],
      path: "/v1/chat/completions?x=1"),
    raw(
      "chunked",
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "\(String("{\"model\":\"llama\",\"max_tokens\":2,\(messages)}".utf8.count, radix: 16))\r\n"
        + "{\"model\":\"llama\",\"max_tokens\":2,\(messages)}\r\n0\r\n\r\n", [200], closes: true),
    raw(
      "GET", "GET /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\r\n", [405],
      "method_not_allowed"),
    raw(
      "DELETE", "DELETE /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n", [405], "method_not_allowed"
    ),
    raw("v1", "GET /v1 HTTP/1.1\r\nHost: localhost\r\n\r\n", [404], "unsupported_endpoint"),
    raw(
      "OPTIONS",
      "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a\r\n\r\n",
      [403]),
    raw(
      "other host", "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421],
      "misdirected_request"),
    raw(
      "short body",
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{}",
      [400],
      closes: true),
    raw(
      "length abc",
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n{}",
      [400]),
    raw(
      "large body",
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n{}",
      [413],
      "request_too_large"),
    raw(
      "large chunks",
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "30000\r\n\(String(repeating: " ", count: 0x30000))\r\n", [413], "request_too_large"),
    raw(
      "large header",
      "GET /v1/models HTTP/1.1\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n", [431]),
    raw("slash", "GET /v1/models/a%2fb HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    raw("version", "GET /v1/models HTTP/3.0\r\nHost: localhost\r\n\r\n", [400, 505]),
    raw("HTTP/1.0", "GET /v1/models HTTP/1.0\r\nHost: localhost\r\n\r\n", [200]),
  ]

  @Test func `every odd request is answered, and every error has the shape`() async throws {
    try await withDoor("[gateway.models]\nrequest-bytes = \"128K\"\n") { door in
      #expect(OddRequestTests.odd.count >= 45)
      for odd in OddRequestTests.odd {
        let answer = try? await offPool { [port = door.local] in
          let client = try RawClient(port: port)
          client.send(odd.bytes)
          if odd.closesInput { client.closeOutput() }
          return try client.answer()
        }
        guard let answer else {
          Issue.record("\(odd.name): no answer")
          continue
        }
        #expect(
          odd.statuses.contains(answer.status), "\(odd.name): \(answer.status) \(answer.text)")
        if answer.status >= 400 {
          #expect(ChatAnswer.isError(answer), "\(odd.name): \(answer.text)")
          if let code = odd.code {
            #expect(ChatAnswer(answer).code == code, "\(odd.name): \(answer.text)")
          }
        }
      }
      #expect(try await door.chat("count 1").status == 200)
      // What is no request has no path either.
      let garbage = try await offPool { [port = door.local] in
        let client = try RawClient(port: port)
        client.send("\u{16}\u{3}\u{1}garbage\r\n\r\n")
        return try client.answer().status
      }
      #expect(garbage == 400)
    }
  }

  @Test func `with ignore, what the runtime lacks is left out`() async throws {
    try await withDoor("[gateway.models]\nunsupported = \"ignore\"\n") { door in
      for members in [
        #""n":2"#, #""tools":[{"type":"function"}],"tool_choice":"required""#, #""logprobs":true"#,
        #""response_format":{"type":"json_object"}"#, #""top_p":0.5,"logit_bias":{"1":1}"#,
      ] {
        let answer = try await door.chat("count 2", members)
        #expect(ChatAnswer(answer).text == " w0 w1", "\(members) \(answer.text)")
      }
    }
  }
}
