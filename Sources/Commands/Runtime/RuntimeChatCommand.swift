internal import ArgumentParser
internal import Base
internal import Configuration
internal import Linux
internal import Render
internal import RuntimeCatalog
internal import Runtimes

/// `tinyboxctl runtime chat`.
struct RuntimeChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat", abstract: "Chat with a model of this machine.",
    discussion: """
      Asks through tinybox-gateway on this machine's loopback, as every other client does. On a terminal each line \
      is a message, and the answers before it are sent with it; Ctrl-C ends an answer, Ctrl-D the chat. From a pipe \
      all input is one message, and only its answer is written. Where the gateway wants a token, it is in \
      TINYBOX_TOKEN or in the file of --token-file.

      Exit status: 0 done, 1 failed, 64 wrong usage, 77 no token for this model, 130 ended by Ctrl-C.
      """)

  @Argument(help: "A runtime, a model or an alias; without it the only runtime that chats.")
  var name: String?
  @Option(help: "What the model is told before the first message.")
  var system: String?
  @Option(
    name: .customLong("max-tokens"), help: ArgumentHelp("The longest answer.", valueName: "tokens"))
  var maxTokens: Int?
  @Option(help: "From 0, always the likeliest token, to 2.")
  var temperature: Double?
  @Option(help: ArgumentHelp("Loopback address of the gateway.", valueName: "address:port"))
  var gateway: String?
  @Option(
    name: .customLong("token-file"), help: ArgumentHelp("A file with a token.", valueName: "file"),
    completion: .file())
  var tokenFile: String?

  /// Seconds without a byte of an answer: waiting in the gateway's queue, its own limits come first.
  private static let silence = 900.0

  func validate() throws {
    if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens takes 1 or more") }
    if let temperature, !(0...2).contains(temperature) {
      throw ValidationError("--temperature is between 0 and 2")
    }
    if let gateway, ListenAddress(gateway)?.isLoopback != true {
      throw ValidationError("--gateway takes a loopback address such as 127.0.0.1:8686")
    }
  }

  func run() throws {
    var isInterrupted = false
    try perform { () throws(Failure) in
      let talk = try talk()
      if Terminal.isTerminal(0) {
        try goOn(talk)
      } else {
        isInterrupted = try once(talk)
      }
    }
    if isInterrupted { throw ExitCode(130) }
  }

  /// One message from a pipe.
  /// - Returns: whether Ctrl-C ended it.
  private func once(_ talk: ChatTalk) throws(Failure) -> Bool {
    var prompt = ""
    while let line = readLine(strippingNewline: false) { prompt += line }
    if prompt.allSatisfy(\.isWhitespace) {
      throw Failure("chat", because: "there is no message on standard input", code: .usage)
    }
    var messages = first
    messages.append(ChatMessage(role: "user", content: prompt))
    let answer = try talk.ask(messages)
    try Output.write("\n")
    return answer.isCancelled
  }

  /// Lines of a terminal, until its end.
  private func goOn(_ talk: ChatTalk) throws(Failure) {
    Output.note("chat with \(talk.model): Ctrl-C ends an answer, Ctrl-D the chat")
    var messages = first
    while true {
      try? Terminal.write("> ", to: 2)
      guard let line = readLine() else { break }
      if line.allSatisfy(\.isWhitespace) { continue }
      messages.append(ChatMessage(role: "user", content: line))
      do throws(Failure) {
        let answer = try talk.ask(messages)
        try Output.write("\n")
        try? Terminal.write("[\(answer.figures)]\n", to: 2)
        messages.append(ChatMessage(role: "assistant", content: answer.text))
      } catch {
        // The chat goes on: a runtime that was restarted answers the next message.
        Output.endProgress()
        Output.failure(error)
        messages.removeLast()
      }
    }
    try? Terminal.write("\n", to: 2)
  }

  private var first: [ChatMessage] {
    system.map { [ChatMessage(role: "system", content: $0)] } ?? []
  }

  // MARK: where

  private func talk() throws(Failure) -> ChatTalk {
    let step = "chat"
    guard let address = try address() else {
      throw Failure(
        step, because: "tinybox-gateway listens on no loopback address without TLS",
        hint: "add one to 'listen' of [gateway], or name it with --gateway", code: .conflict)
    }
    let model = try model()
    let specs = RuntimeSpec.all(.live).specs
    let able = specs.filter { $0.name == model || $0.model?.value == model }.map(\.name)
    return ChatTalk(
      model: model, runtime: able.contains(model) ? model : able.count == 1 ? able[0] : nil,
      address: address, token: try token(), maxTokens: maxTokens,
      temperature: temperature, seconds: RuntimeChatCommand.silence)
  }

  private func address() throws(Failure) -> ListenAddress? {
    if let gateway { return ListenAddress(gateway) }
    do throws(ConfigurationFailure) {
      let settings = try ServiceSettings.read(.live).gateway
      if settings.certificate != nil { return nil }
      return settings.listen.map(\.value).first(where: \.isLoopback)
    } catch {
      throw Failure("use the configuration", error)
    }
  }

  private func model() throws(Failure) -> String {
    if let name { return name }
    let names = RuntimeSpec.all(.live).specs.filter { $0.servedAPIs.contains(.chat) }.map(\.name)
    if names.count == 1 { return names[0] }
    throw Failure(
      "chat", because: names.isEmpty ? "no runtime chats" : "several runtimes chat",
      hint: names.isEmpty
        ? "'sudo tinyboxctl runtime add NAME --model MODEL' adds one"
        : "name one: \(names.joined(separator: ", "))", code: .usage)
  }

  private func token() throws(Failure) -> String? {
    guard let tokenFile else { return Terminal.environment("TINYBOX_TOKEN") }
    do throws(Errno) {
      let bytes = try StampedFile.read(tokenFile, limit: 4096).bytes
      return String(decoding: ASCII.trimmed(bytes[...]), as: UTF8.self)
    } catch {
      throw Failure("read \(tokenFile)", error)
    }
  }
}
