internal import HTTPService
internal import OpenAI
internal import RuntimeCatalog

/// What a runtime does not say of a request, and how it is found out.
extension GenerationRun {
  /// Whether a runtime that ended without a token is well, and left because the prompt was too long.
  func isTooLong(_ instance: RuntimeInstance) async -> Bool {
    guard plan.backend.translation.closesOnLongPrompt, let context = plan.context,
      // A token is one byte at least, and the template adds some.
      promptBytes + 64 >= context
    else { return false }
    let exchange = UnixExchange(path: instance.socket, thread: door.thread)
    let timer = door.thread.after(2) { exchange.cancel() }
    defer { timer.cancel() }
    let head = try? await exchange.begin(.init(method: "GET", target: "/v1/models"))
    exchange.cancel()
    return head?.status == 200
  }

  var tooLong: APIError {
    .contextExceeded(
      "The runtime did not take the prompt of \(promptBytes) bytes: with the chat template it has "
        + "more tokens than the context of \(plan.context ?? 0).")
  }

  /// The length of the prompt, from a second answer of one token: its keys and values are still there.
  func promptTokens(_ place: ModelScheduler.Place) async -> Int? {
    var plan = plan
    plan.stops = []
    plan.maxTokens = 1
    plan.wantsUsage = true
    var rewriter = StreamRewriter(plan)
    guard let body = GenerationRequest.probe(body), let exchange = try? open(place) else {
      return nil
    }
    let watch = watch(exchange, min(30, Double(door.settings.firstTokenSeconds)))
    defer { watch.stop() }
    do {
      guard try await exchange.begin(upstream(body)).status == 200 else { return nil }
      while !rewriter.isFinished, let bytes = try await exchange.next() {
        _ = try rewriter.feed(bytes)
      }
    } catch { return nil }
    exchange.cancel()
    return rewriter.usage?.prompt
  }
}
