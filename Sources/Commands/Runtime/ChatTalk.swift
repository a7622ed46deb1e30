internal import Base
internal import Configuration
internal import Linux
internal import Render
internal import RuntimeCatalog

/// Asks the gateway for an answer, and shows it as it comes.
struct ChatTalk {
  var model: String
  /// The runtime that answers for it, for hints; nil where several do, or it is not known.
  var runtime: String?
  var address: ListenAddress
  var token: String?
  var maxTokens: Int?
  var temperature: Double?
  /// The longest silence.
  var seconds: Double

  /// An answer that has ended.
  struct Ended {
    var text: String
    /// For a terminal: tokens, their rate, the time to the first.
    var figures: String
    /// Whether Ctrl-C ended it.
    var isCancelled: Bool
  }

  /// Asks, and writes the text of the answer to standard output.
  func ask(_ messages: [ChatMessage]) throws(Failure) -> Ended {
    let body = try JSON.line(
      ChatRequest(
        model: model, messages: messages, maxTokens: maxTokens, temperature: temperature))
    var headers = [("Content-Type", "application/json")]
    if let token { headers.append(("Authorization", "Bearer \(token)")) }
    let interrupt = InterruptSignal()
    let begun = Clock.seconds()
    var (firstText, isCancelled) = (0.0, false)
    var answer = ChatAnswer()
    var failure: Failure?
    let head: UnixClient.Response?
    do throws(UnixClientError) {
      head = try LoopbackClient.ask(
        port: UInt16(clamping: address.port), isIPv6: address.host.contains(":"),
        path: "/v1/chat/completions", headers: headers, body: body, seconds: seconds,
        isCancelled: {
          isCancelled = failure != nil || interrupt.hasCome()
          return isCancelled
        },
        onBytes: { bytes in
          for part in answer.feed(bytes) {
            switch part {
            case .note(let text): Output.progress(DisplayText.clean(text))
            case .text(let text):
              if firstText == 0 {
                firstText = Clock.seconds()
                Output.endProgress()
              }
              do throws(Failure) { try Output.write(shown(text)) } catch { failure = error }
            }
          }
        })
    } catch {
      throw ChatTalk.failure(error, address)
    }
    if let failure { throw failure }
    if let head, head.status != 200 {
      let error = try? JSON.decode(ChatError.Body.self, from: head.body).error
      throw ChatTalk.failure(
        error ?? ChatError(message: "it answered with status \(head.status)"), model, runtime)
    }
    if let error = answer.error { throw ChatTalk.failure(error, model, runtime) }
    if !isCancelled, !answer.isDone {
      throw Failure(
        "chat with '\(model)'", because: "the gateway ended before the answer was complete",
        hint: "'systemctl status tinybox-gateway' shows why")
    }
    return Ended(
      text: answer.text,
      figures: ChatTalk.figures(
        answer, first: firstText == 0 ? nil : firstText - begun,
        rest: firstText == 0 ? 0 : Clock.seconds() - firstText, isCancelled),
      isCancelled: isCancelled)
  }

  /// What a model writes must not control a terminal; a file gets it as it is.
  private func shown(_ text: String) -> String {
    guard Terminal.isTerminal(1) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { DisplayText.clean(String($0)) }.joined(separator: "\n")
  }

  /// `12 tokens, 3.1 tokens/s, first after 0.8 s`.
  static func figures(
    _ answer: ChatAnswer, first: Double?, rest: Double, _ isCancelled: Bool
  ) -> String {
    var parts = [answer.tokens.map { "\($0) tokens" } ?? "tokens not known"]
    // The first token ends the wait, so the others share the time after it.
    if let tokens = answer.tokens, tokens > 1, rest > 0 {
      parts.append("\(tenths(Double(tokens - 1) / rest)) tokens/s")
    }
    if let first { parts.append("first after \(tenths(first)) s") }
    if isCancelled { parts.append("ended by you") }
    if answer.finish == "length" { parts.append("ended by its longest length") }
    return parts.joined(separator: ", ")
  }

  private static func tenths(_ value: Double) -> String {
    let count = Int(clamping: Int64((min(value, 1e12) * 10).rounded()))
    return "\(count / 10).\(count % 10)"
  }

  // MARK: failures

  static func failure(_ error: UnixClientError, _ address: ListenAddress) -> Failure {
    if case .refused = error {
      return Failure(
        "reach tinybox-gateway", error,
        hint: "'sudo systemctl start tinybox-gateway' starts it, where it is installed")
    }
    return Failure("ask tinybox-gateway at \(address)", error)
  }

  /// What the gateway answered, and what to do next.
  static func failure(_ error: ChatError, _ model: String, _ runtime: String?) -> Failure {
    // The gateway names the runtime of several that it means; a placeholder in capitals is all that is left.
    let name = named(in: error.message) ?? runtime ?? "RUNTIME"
    let hint: String? =
      switch error.code {
      case "invalid_api_key", "not_permitted", "model_not_allowed":
        "'sudo tinyboxctl token create NAME --for models' makes a token; TINYBOX_TOKEN or --token-file gives it"
      case "model_not_found": "'tinyboxctl runtime list' shows the runtimes"
      case "runtime_starting": "'tinyboxctl runtime list' shows when it is ready"
      case "runtime_stopped": "'sudo tinyboxctl runtime start \(name)' starts it"
      case "runtime_failed", "runtime_timeout": "'tinyboxctl runtime logs \(name)' shows why"
      case "gpu_missing": "'tinyboxctl runtime show \(name)' shows which"
      case "model_damaged":
        "'tinyboxctl model verify' shows how; 'model remove --force' and 'model add' mend it"
      case "context_length_exceeded": "a new chat has no history"
      case "queue_full", "queue_timeout", "rate_limit_exceeded", "overloaded", "shutting_down":
        "try again in a moment"
      default: nil
      }
    let isDenied = ["invalid_api_key", "not_permitted", "model_not_allowed"]
      .contains(error.code ?? "")
    return Failure(
      "chat with '\(model)'", because: error.message.inOneLine, hint: hint,
      code: isDenied ? .notPermitted : .failed)
  }

  /// The runtime that a message of the gateway names: `The runtime 'llama' has failed.`
  static func named(in message: String) -> String? {
    let parts = message.split(separator: "runtime '", maxSplits: 1)
    guard parts.count == 2, let name = parts[1].split(separator: "'").first.map(String.init),
      RuntimeName.problem(name) == nil
    else { return nil }
    return name
  }
}
