import OpenAI
import RuntimeCatalog

/// What tinygrad 0.13.0's server sends for tokens, as its source has it (`tinygrad/llm/cli.py`).
struct TinygradStream {
  var prompt = 5
  var tokens: [String]
  var context = 256
  var maxTokens: Int?
  /// Whether the model ends by itself after the tokens; else it would go on.
  var ends = true

  /// All bytes.
  var bytes: [UInt8] {
    var events = [event(#"{"role": "assistant", "content": ""}"#, nil)]
    var count = 0
    var reason = "stop"
    var list = prompt
    for token in tokens where list < context {
      count += 1
      list += 1
      events.append(event("{\"content\": \(quoted(token))}", nil))
      if let maxTokens, count >= maxTokens {
        reason = "length"
        break
      }
    }
    if reason == "stop", list < context, ends { list += 1 }
    events.append(event("{}", reason))
    events.append(
      "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": \(list), \"completion_tokens\": \(count), "
        + "\"total_tokens\": \(list + count)}, \(TinygradStream.rest)}\n\n")
    events.append("data: [DONE]\n\n")
    return Array(events.joined().utf8)
  }

  static let rest =
    #""id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1, "model": "/a.gguf""#

  private func quoted(_ text: String) -> String {
    String(decoding: JSONWriter.bytes(.string(text)), as: UTF8.self)
  }

  private func event(_ delta: String, _ reason: String?) -> String {
    "data: {\"choices\": [{\"index\":0, \"delta\":\(delta), \"finish_reason\":"
      + (reason.map { "\"\($0)\"" } ?? "null") + "}], \(TinygradStream.rest)}\n\n"
  }
}

/// What became of a stream.
struct Read {
  var text = ""
  var reason: String?
  var usage: [Int]?
  var chunks: [JSONValue] = []
  var rewriter: StreamRewriter

  /// Rewrites bytes that come in pieces of a length.
  init(_ bytes: [UInt8], _ plan: StreamRewriter.Plan, piece: Int = 7) throws {
    rewriter = StreamRewriter(plan)
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + piece)
      chunks += try rewriter.feed(bytes[start..<end])
      start = end
    }
    try rewriter.end()
    for chunk in chunks {
      for choice in chunk["choices"]?.array ?? [] {
        text += choice["delta"]?["content"]?.string ?? choice["text"]?.string ?? ""
        reason = reason ?? choice["finish_reason"]?.string
      }
      if let used = chunk["usage"], used.members != nil {
        usage = ["prompt_tokens", "completion_tokens", "total_tokens"].map {
          used[$0]?.integer ?? -1
        }
      }
    }
  }

  static func plan(_ backend: Backend = .tinygrad) -> StreamRewriter.Plan {
    var plan = StreamRewriter.Plan(id: "chatcmpl-1", model: "m", created: 7, backend: backend)
    plan.context = 256
    plan.wantsUsage = true
    return plan
  }
}
