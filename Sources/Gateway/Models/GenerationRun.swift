internal import HTTPService
internal import Linux
internal import OpenAI
internal import RuntimeCatalog
internal import Synchronization

/// One request for text at a runtime, from the queue to the last token. Always asks for a stream, so that
/// to leave ends the work: without one a runtime goes on to the end.
final class GenerationRun: Sendable {
  let door: ModelDoor
  /// What the runtime is asked, as bytes: while it waits nothing else of it is kept.
  let body: [UInt8]
  let promptBytes: Int
  let entry: ModelCatalog.Entry
  let plan: StreamRewriter.Plan
  let api: RuntimeAPI
  let caller: ModelCaller
  /// Its place in the queue.
  let ticket: Int

  private struct State {
    var exchange: UnixExchange?
    var isLeft = false
    var cut: APIError?
    /// When the last token, or the start of the answer, was.
    var progress = 0.0
    /// Whether the client does not take what there is: the runtime is not read meanwhile.
    var isBlocked = false
  }
  private let state = Mutex(State())

  /// Seconds between two tries to reach a runtime that starts.
  private static let startPause = 0.3

  init(
    door: ModelDoor, body: [UInt8], promptBytes: Int, entry: ModelCatalog.Entry,
    plan: StreamRewriter.Plan, api: RuntimeAPI, caller: ModelCaller, ticket: Int
  ) {
    self.door = door
    self.body = body
    self.promptBytes = promptBytes
    self.entry = entry
    self.plan = plan
    self.api = api
    self.caller = caller
    self.ticket = ticket
  }

  /// Runs it, and gives its place back whatever becomes of it.
  /// - Parameter take: gets the chunks as they come, and whether the answer has begun.
  /// - Returns: the tokens used; nil when nobody knows.
  func run(
    _ take: ([JSONValue], Bool) async throws(APIError) -> Void
  ) async throws(APIError) -> Usage? {
    let start = Clock.seconds()
    var record = DoorMetrics.Record(model: entry.id)
    do throws(APIError) {
      let place = try await door.scheduler.place(ticket)
      record.queueSeconds = place.waited
      let usage = try await withTaskCancellation { () async throws(APIError) in
        try await answer(place, &record, take)
      }
      finish(record, start, nil)
      return usage
    } catch {
      let error = state.withLock { $0.cut } ?? error
      finish(record, start, error)
      throw error
    }
  }

  private func finish(_ record: DoorMetrics.Record, _ start: Double, _ error: APIError?) {
    var record = record
    record.seconds = Clock.seconds() - start
    let isLeft = Task.isCancelled || state.withLock { $0.isLeft }
    record.error = isLeft ? "client_left" : error.map { $0.code ?? $0.type }
    door.scheduler.leave(ticket)
    door.end(caller, self)
    door.metrics.add(record)
  }

  private func withTaskCancellation<Value: Sendable>(
    _ body: () async throws(APIError) -> Value
  ) async throws(APIError) -> Value {
    do {
      return try await withTaskCancellationHandler {
        try await body()
      } onCancel: {
        leave()
      }
    } catch {
      throw error as? APIError ?? .runtimeFailed("The runtime's connection failed.")
    }
  }

  /// The client has gone.
  func leave() {
    state.withLock { state in
      state.isLeft = true
      return state.exchange
    }?.cancel()
    door.scheduler.leave(ticket)
  }

  /// The gateway ends.
  func cut(_ error: APIError) {
    state.withLock { state in
      state.cut = error
      return state.exchange
    }?.cancel()
  }

  // MARK: The runtime

  /// What became of one try.
  private enum Outcome {
    case done(StreamRewriter)
    /// - Parameter hasHead: whether the runtime answered at all.
    case failed(APIError, hasBegun: Bool, hasHead: Bool)
  }

  private func answer(
    _ place: ModelScheduler.Place, _ record: inout DoorMetrics.Record,
    _ take: ([JSONValue], Bool) async throws(APIError) -> Void
  ) async throws(APIError) -> Usage? {
    let begun = Clock.seconds()
    let limit = Double(door.settings.firstTokenSeconds)
    var attempts = 0
    let wasReady = known(place.instance)?.state == .ready
    while true {
      attempts += 1
      switch try await attempt(place, limit, begun, &record, take) {
      case .done(var rewriter):
        if rewriter.needsPromptTokens, let prompt = await promptTokens(place) {
          try await take(rewriter.finish(promptTokens: prompt), true)
        }
        return rewriter.usage
      case .failed(let error, let hasBegun, let hasHead):
        if hasBegun || state.withLock({ $0.isLeft || $0.cut != nil }) { throw error }
        let isStarting = !hasHead || error.code == "runtime_starting"
        // It may be starting: on demand, or again after a failure.
        if isStarting, error.status != 504,
          try await mayTryAgain(place.instance, wasReady, attempts, begun, limit)
        {
          continue
        }
        if error.status == 502, await isTooLong(place.instance) { throw tooLong }
        throw error
      }
    }
  }

  private func attempt(
    _ place: ModelScheduler.Place, _ limit: Double, _ begun: Double,
    _ record: inout DoorMetrics.Record,
    _ take: ([JSONValue], Bool) async throws(APIError) -> Void
  ) async throws(APIError) -> Outcome {
    var rewriter = StreamRewriter(plan)
    var hasHead = false
    let exchange = try open(place)
    let watch = watch(exchange, limit)
    let name = place.instance.name
    door.progress.begin(name)
    defer {
      door.progress.end(name)
      watch.stop()
      exchange.cancel()
    }
    do {
      let head = try await exchange.begin(upstream(body))
      hasHead = true
      guard head.status == 200 else {
        throw RuntimeError.error(head.status, body: try await body(of: exchange))
      }
      while !rewriter.isFinished, let bytes = try await exchange.next() {
        let before = rewriter.tokens
        let chunks = try rewriter.feed(bytes)
        if rewriter.hasBegun, record.firstTokenSeconds == nil {
          record.firstTokenSeconds = Clock.seconds() - begun
        }
        if rewriter.tokens > before { note(rewriter.tokens - before, &record) }
        guard !chunks.isEmpty else { continue }
        state.withLock { $0.isBlocked = true }
        door.progress.block(name)
        defer {
          door.progress.unblock(name)
          state.withLock { state in
            state.isBlocked = false
            state.progress = Clock.seconds()
          }
        }
        try await take(chunks, rewriter.hasBegun)
      }
      try rewriter.end()
      return .done(rewriter)
    } catch {
      let failure =
        switch error {
        case let error as APIError: error
        case let error as UpstreamFailure: self.error(error, place.instance, rewriter, limit)
        default: APIError.runtimeFailed("The runtime's connection failed.")
        }
      return .failed(failure, hasBegun: rewriter.hasBegun, hasHead: hasHead)
    }
  }

  private func note(_ count: Int, _ record: inout DoorMetrics.Record) {
    let now = Clock.seconds()
    // Tokens that came together share the time since those before.
    let gap = record.lastToken.map { (now - $0) / Double(count) } ?? 0
    let gaps = record.lastToken == nil ? count - 1 : count
    record.gaps += [Double](repeating: gap, count: min(gaps, 1024))
    record.lastToken = now
    record.tokens += count
    state.withLock { $0.progress = now }
    door.produced(count, caller, ticket)
    // The first second's are counted with those of the next one: most answers are counted once, at their end.
    if record.counted == nil { record.counted = now }
    if record.gaps.count >= 64 || now - (record.counted ?? now) >= 1 {
      door.metrics.addProgress(of: &record, now: now)
    }
  }

  func open(_ place: ModelScheduler.Place) throws(APIError) -> UnixExchange {
    let exchange = UnixExchange(path: place.instance.socket, thread: door.thread)
    let (isLeft, cut) = state.withLock { state in
      state.exchange = exchange
      state.progress = Clock.seconds()
      return (state.isLeft, state.cut)
    }
    if let cut { throw cut }
    if isLeft { throw .runtimeFailed("The client has gone.") }
    return exchange
  }

  func upstream(_ body: [UInt8]) -> UnixExchange.Request {
    let target =
      switch plan.kind {
      case .chat: "/v1/chat/completions"
      case .completion: "/v1/completions"
      case .response: "/v1/responses"
      }
    return UnixExchange.Request(
      method: "POST", target: target,
      headers: ["Content-Type": "application/json", "Accept": "text/event-stream"],
      body: body)
  }

  /// Ends an exchange in which nothing happens for too long.
  func watch(_ exchange: UnixExchange, _ limit: Double) -> ProgressWatch {
    ProgressWatch(door.thread, limit) { [weak self] in
      self?.state.withLock { $0.isBlocked ? Clock.seconds() : $0.progress } ?? 0
    } whenLate: {
      exchange.cancel(.tooSlow(path: "the runtime", seconds: limit))
    }
  }

  /// A refusal's body, as far as it matters.
  private func body(of exchange: UnixExchange) async throws(UpstreamFailure) -> [UInt8] {
    var body: [UInt8] = []
    while body.count < 64 << 10, let more = try await exchange.next() { body += more }
    return body
  }

  private func error(
    _ failure: UpstreamFailure, _ instance: RuntimeInstance, _ rewriter: StreamRewriter,
    _ limit: Double
  ) -> APIError {
    switch failure {
    case .tooSlow where rewriter.hasBegun:
      return .runtimeFailed(
        "The runtime produced nothing for \(Int(limit)) s after its last token.")
    case .tooSlow:
      return .runtimeTimeout(
        "The runtime produced no token within \(Int(limit)) s (first-token-timeout).")
    case .notRunning, .notPermitted:
      return .runtimeFailed("The runtime '\(instance.name)' cannot be reached: \(failure)")
    default:
      return .runtimeFailed(
        rewriter.hasBegun
          ? "The runtime ended before its answer was complete."
          : "The runtime closed the connection before the first token.")
    }
  }

  /// What the registry says at this moment.
  private func known(_ instance: RuntimeInstance) -> RuntimeInstance? {
    door.registry.instances().first { $0.name == instance.name }
  }

  /// Whether a runtime that did not answer at all may yet: waits a moment for it to start.
  /// - Parameter wasReady: whether it was ready when it was asked first.
  private func mayTryAgain(
    _ instance: RuntimeInstance, _ wasReady: Bool, _ attempts: Int, _ begun: Double, _ limit: Double
  ) async throws(APIError) -> Bool {
    await door.thread.sleep(seconds: GenerationRun.startPause)
    guard let now = known(instance) else {
      throw .unavailable("runtime_stopped", "The runtime '\(instance.name)' was removed.")
    }
    let isLate = Clock.seconds() - begun > limit
    switch now.state {
    // It had this request when it ended: once more, and it may end again.
    case .starting where wasReady && now.reason != nil:
      throw .runtimeFailed(
        "The runtime '\(instance.name)' ended before it answered: \(now.reason ?? "")")
    case .idle, .starting:
      if isLate {
        throw .starting("The runtime '\(instance.name)' is still starting.", retrySeconds: 10)
      }
      return true
    case .ready:
      // It came back, or the registry does not know yet that it went: a moment is enough for either.
      return attempts < 3 && !isLate
    default: throw now.error
    }
  }
}
