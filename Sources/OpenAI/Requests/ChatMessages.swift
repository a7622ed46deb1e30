internal import RuntimeCatalog

/// The messages of a chat, checked.
struct ChatMessages {
  /// What the runtime gets.
  var upstream: [JSONValue] = []
  /// All texts in them, with where each stands.
  var texts: [(param: String, text: String)] = []

  /// Messages of a chat. More do not fit into any context.
  private static let most = 10_000
  private static let roles = ["system", "developer", "user", "assistant", "tool", "function"]

  static func check(
    _ request: RequestBody, _ context: RequestContext
  ) throws(APIError) -> ChatMessages {
    guard let list = try request.list("messages") else {
      throw .invalid(
        "You must provide 'messages'.", param: "messages", code: "missing_required_parameter")
    }
    guard !list.isEmpty else {
      throw .invalid("'messages' is empty.", param: "messages", code: "empty_array")
    }
    guard list.count <= most else {
      throw .invalid(
        "'messages' has more than \(most) messages.", param: "messages",
        code: "array_above_max_length")
    }
    var messages = ChatMessages()
    for (index, message) in list.enumerated() {
      try messages.add(message, "messages[\(index)]", context)
    }
    return messages
  }

  private mutating func add(
    _ message: JSONValue, _ param: String, _ context: RequestContext
  ) throws(APIError) {
    guard message.members != nil else { throw RequestBody.wrongType(param, "an object", message) }
    guard let role = message["role"]?.string, ChatMessages.roles.contains(role) else {
      throw .invalid(
        "'\(param).role' must be one of \(ChatMessages.roles.joined(separator: ", ")).",
        param: "\(param).role", code: "invalid_value")
    }
    let runtime = context.backend.translation
    if role == "tool" || role == "function", !runtime.has(.toolMessages) {
      try context.lacks("\(param).role", "messages of tools")
    }
    if role == "assistant", !runtime.has(.tools),
      message["tool_calls"]?.array?.isEmpty == false
        || message["function_call"]?.members != nil
    {
      try context.lacks("\(param).tool_calls", "tools")
    }
    let content = try self.content(message, role, "\(param).content", context)
    if runtime.passesUnknown {
      var passed = JSONValue.object((message.members ?? []).filter { !$0.value.isNull })
      passed.set("content", content)
      if content.isNull, role != "assistant" { passed.set("content", nil) }
      upstream.append(passed)
    } else {
      let known = role == "developer" ? runtime.developerRole ?? role : role
      upstream.append(
        .object([
          .init("role", .string(known)), .init("content", content.isNull ? .string("") : content),
        ]))
    }
  }

  private mutating func content(
    _ message: JSONValue, _ role: String, _ param: String, _ context: RequestContext
  ) throws(APIError) -> JSONValue {
    switch message["content"] {
    case .string(let text)?:
      texts.append((param, text))
      return .string(text)
    case .array(let parts)?:
      guard !parts.isEmpty else {
        throw .invalid("'\(param)' is empty.", param: param, code: "empty_array")
      }
      var passed: [JSONValue] = []
      for (index, part) in parts.enumerated() {
        if let part = try self.part(part, "\(param)[\(index)]", context) { passed.append(part) }
      }
      return .array(passed)
    case nil, .null?:
      // An assistant that called a tool said nothing.
      if role == "assistant" || role == "function" { return .null }
      throw .invalid(
        "'\(param)' must be a string or an array of parts, and is missing or null.", param: param,
        code: "invalid_type")
    case let other?: throw RequestBody.wrongType(param, "a string or an array of parts", other)
    }
  }

  private static let parts = ["text", "refusal", "image_url", "input_audio", "file"]

  /// A part of a content; nil for one that is left out.
  private mutating func part(
    _ part: JSONValue, _ param: String, _ context: RequestContext
  ) throws(APIError) -> JSONValue? {
    guard part.members != nil else { throw RequestBody.wrongType(param, "an object", part) }
    guard let type = part["type"]?.string else {
      throw .invalid(
        "'\(param).type' must be a string.", param: "\(param).type", code: "invalid_type")
    }
    if type == "text" || type == "refusal" {
      guard let text = part[type]?.string else {
        throw .invalid(
          "'\(param).\(type)' must be a string.", param: "\(param).\(type)", code: "invalid_type")
      }
      texts.append((param, text))
      return context.backend.translation.has(.parts)
        ? part : .object([.init("type", .string("text")), .init("text", .string(text))])
    }
    if context.backend.translation.has(.parts) { return part }
    guard ChatMessages.parts.contains(type) else {
      throw .invalid(
        "'\(param).type' must be one of \(ChatMessages.parts.joined(separator: ", ")).",
        param: "\(param).type", code: "invalid_value")
    }
    try context.lacks("\(param).type", "content of the type '\(type)'")
    return nil
  }
}
