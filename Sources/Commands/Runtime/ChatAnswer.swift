internal import Base

/// A message of a chat.
struct ChatMessage: Codable, Hashable {
  /// `system`, `user`, `assistant`.
  var role: String
  /// Its text.
  var content: String
}

/// What is asked at `/v1/chat/completions`.
struct ChatRequest: Encodable {
  var model: String
  var messages: [ChatMessage]
  var maxTokens: Int?
  var temperature: Double?
  private let stream = true
  private let options = ["include_usage": true]

  enum CodingKeys: String, CodingKey {
    case model, messages, stream, temperature
    case maxTokens = "max_tokens"
    case options = "stream_options"
  }

  init(model: String, messages: [ChatMessage], maxTokens: Int?, temperature: Double?) {
    self.model = model
    self.messages = messages
    self.maxTokens = maxTokens
    self.temperature = temperature
  }
}

/// An error of the gateway.
struct ChatError: Decodable, Hashable {
  struct Body: Decodable { var error: ChatError }
  /// For people.
  var message: String
  /// For programs.
  var code: String?
}

/// An answer as it comes: a stream of server-sent events, and comments with the place in the queue.
struct ChatAnswer {
  /// What came.
  enum Part: Hashable {
    /// `queued, position 3 of 7`
    case note(String)
    case text(String)
  }

  private struct Chunk: Decodable {
    struct Choice: Decodable {
      struct Delta: Decodable { var content: String? }
      var delta: Delta?
      var finish_reason: String?
    }
    struct Usage: Decodable { var completion_tokens: Int? }
    var choices: [Choice]?
    var usage: Usage?
    var error: ChatError?
  }

  private var rest: [UInt8] = []
  /// All text.
  private(set) var text = ""
  /// Tokens of the answer, by the gateway; nil while they are not known.
  private(set) var tokens: Int?
  /// Why it ended: `stop`, `length`.
  private(set) var finish: String?
  /// What failed within it.
  private(set) var error: ChatError?
  /// Whether it came to its end.
  private(set) var isDone = false

  init() {}

  /// What is complete with these bytes.
  mutating func feed(_ bytes: [UInt8]) -> [Part] {
    rest += bytes
    var parts: [Part] = []
    while let end = rest.firstIndex(of: 0x0a) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeSubrange(...end)
      if line.hasPrefix(": queued") {
        parts.append(.note(String(line.dropFirst(2))))
      } else if line.hasPrefix("data: ") {
        if let text = take(String(line.dropFirst(6))) { parts.append(.text(text)) }
      }
    }
    return parts
  }

  /// The text of an event.
  private mutating func take(_ data: String) -> String? {
    if data == "[DONE]" {
      isDone = true
      return nil
    }
    guard let chunk = try? JSON.decode(Chunk.self, from: data.utf8) else { return nil }
    if let error = chunk.error { self.error = error }
    if let count = chunk.usage?.completion_tokens { tokens = count }
    if let reason = chunk.choices?.first?.finish_reason { finish = reason }
    guard let more = chunk.choices?.first?.delta?.content, !more.isEmpty else { return nil }
    text += more
    return more
  }
}
