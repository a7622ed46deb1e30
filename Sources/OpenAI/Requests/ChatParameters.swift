internal import RuntimeCatalog

/// What else a chat may ask for, and whether the runtime has it. A value that is the default asks for
/// nothing.
enum ChatParameters {
  static func check(_ request: RequestBody, _ context: RequestContext) throws(APIError) {
    let runtime = context.backend.translation
    if let count = try request.integer("n", 1...Collector.mostChoices), count > 1,
      !runtime.has(.choices)
    {
      try context.lacks("n", "more than one choice")
    }
    if let factor = try request.number("top_p", 0...1), factor != 1, !runtime.has(.topP) {
      try context.lacks("top_p", "'top_p'")
    }
    for name in ["presence_penalty", "frequency_penalty"] {
      if let penalty = try request.number(name, -2...2), penalty != 0, !runtime.has(.penalties) {
        try context.lacks(name, "'\(name)'")
      }
    }
    if let bias = try request.object("logit_bias"), bias.members?.isEmpty == false,
      !runtime.has(.logitBias)
    {
      try context.lacks("logit_bias", "'logit_bias'")
    }
    if try request.boolean("logprobs") == true, !runtime.has(.logprobs) {
      try context.lacks("logprobs", "log probabilities")
    }
    if try request.integer("top_logprobs", 0...20) ?? 0 > 0, !runtime.has(.logprobs) {
      try context.lacks("top_logprobs", "log probabilities")
    }
    try tools(request, context)
    try formats(request, context)
  }

  private static func tools(_ request: RequestBody, _ context: RequestContext) throws(APIError) {
    for name in ["tools", "functions"] {
      guard let tools = try request.list(name), !tools.isEmpty else { continue }
      for (index, tool) in tools.enumerated() where tool.members == nil {
        throw RequestBody.wrongType("\(name)[\(index)]", "an object", tool)
      }
      if !context.backend.translation.has(.tools) { try context.lacks(name, "tools") }
    }
    for name in ["tool_choice", "function_call"] {
      guard let choice = request[name], choice != .string("none"), choice != .string("auto") else {
        continue
      }
      guard choice.string != nil || choice.members != nil else {
        throw RequestBody.wrongType(name, "a string or an object", choice)
      }
      if !context.backend.translation.has(.tools) { try context.lacks(name, "tools") }
    }
  }

  private static func formats(_ request: RequestBody, _ context: RequestContext) throws(APIError) {
    if let format = try request.object("response_format") {
      guard let type = format["type"]?.string else {
        throw .invalid(
          "'response_format.type' must be a string.", param: "response_format.type",
          code: "invalid_type")
      }
      if type != "text", !context.backend.translation.has(.responseFormat) {
        try context.lacks("response_format", "answers in the form '\(type.prefix(40))'")
      }
    }
    if let modes = try request.list("modalities"), modes.contains(where: { $0 != .string("text") }),
      !context.backend.translation.has(.audio)
    {
      try context.lacks("modalities", "answers other than text")
    }
    if request["audio"] != nil, !context.backend.translation.has(.audio) {
      try context.lacks("audio", "spoken answers")
    }
    if request["prediction"] != nil, !context.backend.translation.has(.prediction) {
      try context.lacks("prediction", "predicted outputs")
    }
    if request["web_search_options"] != nil, !context.backend.translation.has(.webSearch) {
      try context.lacks("web_search_options", "searching the web")
    }
  }
}
