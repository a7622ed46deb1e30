import OpenAI
import RuntimeCatalog
import Testing

@Suite struct CollectorTests {
  private func collect(_ bytes: [UInt8], _ plan: StreamRewriter.Plan) throws -> JSONValue {
    let read = try Read(bytes, plan)
    var collector = Collector(plan)
    for chunk in read.chunks { try collector.add(chunk) }
    return collector.answer(read.rewriter.usage)
  }

  @Test func `a stream becomes the one answer of the interface`() throws {
    let answer = try collect(TinygradStream(tokens: [" a", "", "é"]).bytes, Read.plan())
    let expected =
      #"{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"#
      + #""message":{"role":"assistant","content":" aé","refusal":null},"logprobs":null,"#
      + #""finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}}"#
    #expect(String(decoding: JSONWriter.bytes(answer), as: UTF8.self) == expected)
  }

  @Test func `an answer without a token has an empty text`() throws {
    // llama.cpp's server opens with null, and says no more where a stop string comes first.
    let text =
      #"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}"# + "\n\n"
      + #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
      + "\n\ndata: [DONE]\n\n"
    let answer = try collect(Array(text.utf8), Read.plan(.openAI))
    let message = answer["choices"]?.array?.first?["message"]
    #expect(message?["content"] == .string("") && message?["refusal"] == .null)
  }

  @Test func `several prompts are one answer with the tokens of all`() throws {
    // As llama.cpp's server sends it: the tokens used with each end, and null between two prompts.
    func end(_ index: Int, _ prompt: Int) -> String {
      #"{"choices":[{"text":"","index":\#(index),"finish_reason":"length"}],"#
        + #""usage":{"prompt_tokens":\#(prompt),"completion_tokens":2,"total_tokens":\#(prompt + 2)}}"#
    }
    func token(_ index: Int, _ text: String) -> String {
      #"{"choices":[{"text":"\#(text)","index":\#(index),"logprobs":null,"finish_reason":null}]}"#
    }
    let text = [token(0, "a"), end(0, 5), "null", token(1, "b"), end(1, 7), "[DONE]"]
      .map { "data: \($0)\n\n" }.joined()
    var plan = Read.plan(.openAI)
    plan.kind = .completion
    let answer = try collect(Array(text.utf8), plan)
    let expected =
      #"{"id":"chatcmpl-1","object":"text_completion","created":7,"model":"m","choices":["#
      + #"{"index":0,"text":"a","finish_reason":"length","logprobs":null},"#
      + #"{"index":1,"text":"b","finish_reason":"length","logprobs":null}],"#
      + #""usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16}}"#
    #expect(String(decoding: JSONWriter.bytes(answer), as: UTF8.self) == expected)
  }

  @Test func `log probabilities have both lists of the interface`() throws {
    let text =
      #"data: {"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}]}}]}"#
      + "\n\n" + #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
      + "\n\ndata: [DONE]\n\n"
    let read = try Read(Array(text.utf8), Read.plan(.openAI))
    let streamed = read.chunks.first?["choices"]?.array?.first?["logprobs"]
    let answer = try collect(Array(text.utf8), Read.plan(.openAI))
    for found in [streamed, answer["choices"]?.array?.first?["logprobs"]] {
      #expect(found?["content"]?.array?.count == 1 && found?["refusal"] == .null)
    }
  }

  @Test func `calls of tools, choices and log probabilities are put together`() throws {
    func event(_ choices: String) -> String {
      "data: {\"id\":\"x\",\"object\":\"o\",\"created\":1,\"model\":\"y\",\"system_fingerprint\":\"f\","
        + "\"choices\":[\(choices)]}\n\n"
    }
    let text =
      event(#"{"index":0,"delta":{"role":"assistant","content":null}}"#)
      + event(
        #"{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"a"}}]}}"#
      )
      + event(#"{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\":1}"}}]}}"#)
      + event(#"{"index":1,"delta":{"content":"x"},"logprobs":{"content":[{"token":"x"}]}}"#)
      + event(#"{"index":1,"delta":{"content":"y"},"logprobs":{"content":[{"token":"y"}]}}"#)
      + event(#"{"index":1,"delta":{},"finish_reason":"length"}"#)
      + event(#"{"index":0,"delta":{},"finish_reason":"tool_calls"}"#) + "data: [DONE]\n\n"
    let answer = try collect(Array(text.utf8), Read.plan(.openAI))
    let choices = answer["choices"]?.array ?? []
    #expect(choices.count == 2 && answer["system_fingerprint"] == .string("f"))
    let call = choices.first?["message"]?["tool_calls"]?.array?.first
    #expect(call?["function"]?["arguments"] == .string(#"{"a":1}"#) && call?["index"] == nil)
    #expect(call?["function"]?["name"] == .string("f") && call?["id"] == .string("c"))
    #expect(choices.first?["message"]?["content"] == .null)
    #expect(choices.first?["finish_reason"] == .string("tool_calls"))
    #expect(choices.last?["message"]?["content"] == .string("xy"))
    #expect(choices.last?["logprobs"]?["content"]?.array?.count == 2)
    #expect(answer["usage"] == nil)
  }

  @Test func `an answer without end is cut off`() throws {
    var collector = Collector(Read.plan(.openAI))
    let chunk = JSONValue.object([
      .init(
        "choices",
        .array([
          .object([
            .init("index", .integer(0)),
            .init(
              "delta", .object([.init("content", .string(String(repeating: "x", count: 1 << 20)))])),
          ])
        ]))
    ])
    #expect(throws: APIError.self) { for _ in 0..<20 { try collector.add(chunk) } }
  }
}
