/// Puts the chunks of a stream together to the one answer of a request that did not want a stream.
package struct Collector {
  /// Bytes of an answer. The longest context of a model has some 4 MB of text.
  package static let mostBytes = 16 << 20
  /// Choices of an answer, as many as a request may ask for.
  package static let mostChoices = 128

  private let plan: StreamRewriter.Plan
  private var choices: [Int: JSONValue] = [:]
  private var others: [JSONValue.Member] = []
  private var bytes = 0

  /// An answer of which nothing has come.
  package init(_ plan: StreamRewriter.Plan) { self.plan = plan }

  /// Adds a chunk of the rewriter.
  package mutating func add(_ chunk: JSONValue) throws(APIError) {
    for choice in chunk["choices"]?.array ?? [] {
      let index = choice["index"]?.integer ?? 0
      guard 0..<Collector.mostChoices ~= index else {
        throw .runtimeFailed("The runtime sent a choice with the index \(index).")
      }
      bytes += Collector.merge(
        choice, into: &choices[index, default: .object([.init("index", .integer(index))])])
      guard bytes <= Collector.mostBytes else {
        throw .runtimeFailed("The runtime's answer has more than 16 MiB.")
      }
    }
    let own: Set<String> = ["id", "object", "created", "model", "choices", "usage"]
    for member in chunk.members ?? [] where !own.contains(member.name) {
      if let index = others.firstIndex(where: { $0.name == member.name }) {
        others[index] = member
      } else if others.count < 16 {
        others.append(member)
      }
    }
  }

  /// The whole answer.
  package func answer(_ usage: Usage?) -> JSONValue {
    let isChat = plan.kind == .chat
    let list = choices.sorted { $0.key < $1.key }.map {
      isChat ? Collector.message($0.value) : Collector.text($0.value)
    }
    var members: [JSONValue.Member] = [
      .init("id", .string(plan.id)),
      .init("object", .string(isChat ? "chat.completion" : "text_completion")),
      .init("created", .integer(plan.created)), .init("model", .string(plan.model)),
      .init("choices", .array(list)),
    ]
    if let usage { members.append(.init("usage", usage.json)) }
    return .object(members + others)
  }

  /// A choice of a chunk as one of an answer.
  private static func message(_ choice: JSONValue) -> JSONValue {
    var message = choice["delta"] ?? .object([])
    var members: [JSONValue.Member] = [
      .init("role", message["role"] ?? .string("assistant")),
      .init("content", content(message)),
      .init("refusal", message["refusal"] ?? .null),
    ]
    for name in ["role", "content", "refusal"] { message.set(name, nil) }
    if let calls = message["tool_calls"]?.array {
      // Only chunks number them.
      message.set(
        "tool_calls",
        .array(
          calls.map { call in
            var call = call
            call.set("index", nil)
            return call
          }))
    }
    members += message.members ?? []
    return .object([
      .init("index", choice["index"] ?? .integer(0)), .init("message", .object(members)),
      .init("logprobs", choice["logprobs"] ?? .null),
      .init("finish_reason", choice["finish_reason"] ?? .null),
    ])
  }

  /// A choice of a completion, with the members that the interface always has.
  private static func text(_ choice: JSONValue) -> JSONValue {
    var choice = choice
    if choice["text"] == nil { choice.set("text", .string("")) }
    for name in ["logprobs", "finish_reason"] where choice[name] == nil { choice.set(name, .null) }
    return choice
  }

  /// The text of a message. Without a token it is empty, and not missing, though the runtime opened with null.
  private static func content(_ message: JSONValue) -> JSONValue {
    if let content = message["content"], !content.isNull { return content }
    let says = ["tool_calls", "function_call", "refusal"].contains { name in
      message[name].map { !$0.isNull } ?? false
    }
    return says ? .null : .string("")
  }

  /// Members that name something and are not continued.
  private static let names: Set<String> = ["role", "id", "type", "name", "finish_reason"]

  /// Items of a list that are looked through for an index; more are only appended.
  private static let mostIndexed = 1024

  /// Merges a delta: texts are continued, lists are appended to or merged by `index`, objects by member.
  /// Each value is taken out while it is changed, so that none is copied.
  /// - Returns: how many bytes that added, roughly.
  private static func merge(_ new: JSONValue, into old: inout JSONValue) -> Int {
    guard case .object(var members) = old else { return 0 }
    old = .null
    defer { old = .object(members) }
    var added = 0
    for member in new.members ?? [] where !member.value.isNull {
      guard let place = members.firstIndex(where: { $0.name == member.name }) else {
        members.append(member)
        added += size(member.value)
        continue
      }
      switch (members[place].value, member.value) {
      case (.string(var text), .string(let more)) where !names.contains(member.name):
        members[place].value = .null
        text += more
        members[place].value = .string(text)
        added += more.utf8.count
      case (.array(var items), .array(let more)):
        members[place].value = .null
        for item in more { added += merge(item: item, into: &items) }
        members[place].value = .array(items)
      case (.object, .object): added += merge(member.value, into: &members[place].value)
      default: members[place].value = member.value
      }
    }
    return added
  }

  private static func merge(item: JSONValue, into items: inout [JSONValue]) -> Int {
    if let index = item["index"]?.integer, items.count <= mostIndexed,
      let place = items.firstIndex(where: { $0["index"]?.integer == index })
    {
      return merge(item, into: &items[place])
    }
    items.append(item)
    return size(item)
  }

  private static func size(_ value: JSONValue) -> Int {
    switch value {
    case .string(let text): text.utf8.count + 40
    case .array(let items): items.reduce(40) { $0 + size($1) }
    case .object(let members): members.reduce(40) { $0 + $1.name.utf8.count + size($1.value) }
    default: 40
    }
  }
}
