internal import Configuration
internal import HTTPService
internal import Linux
internal import OpenAI
internal import Synchronization

/// The stream of an answer as its client reads it: tokens, and signs of life before the first.
final class StreamSource: PieceSource {
  /// Seconds between looks at the queue, and between two signs of life that say the same.
  private static let look = 1.0
  private static let quiet = 10.0

  private struct State {
    var hasBegun = false
    var said = ""
    var saidAt = 0.0
    var checkedAt = 0.0
    var isRevoked = false
  }

  private let outbox: Outbox
  private let run: GenerationRun
  private let keepAlive: ModelSettings.KeepAlive
  private let state = Mutex(State())

  init(_ outbox: Outbox, _ run: GenerationRun, _ keepAlive: ModelSettings.KeepAlive) {
    self.outbox = outbox
    self.run = run
    self.keepAlive = keepAlive
  }

  /// A comment: one line (WHATWG HTML, section 9.2.6).
  let probe = Array(":\n".utf8)

  func next() async -> [UInt8]? {
    // The first word about the queue comes with the head.
    if let sign = sign() { return sign }
    while !Task.isCancelled {
      // Once tokens come there is nothing to say between them.
      switch await outbox.next(within: outbox.hasBegun ? nil : StreamSource.look) {
      case .bytes(let bytes):
        state.withLock { $0.hasBegun = true }
        return isAllowed() ? bytes : revoked()
      case .end: return nil
      case .nothing:
        if !isAllowed() { return revoked() }
        if let sign = sign() { return sign }
      }
    }
    return nil
  }

  func end() {
    run.leave()
    outbox.close()
  }

  /// What is sent while nothing comes; nil for nothing.
  private func sign() -> [UInt8]? {
    guard keepAlive != .off, !outbox.hasBegun else { return nil }
    let position = run.door.scheduler.position(run.ticket)
    let text =
      position.map { ": queued, position \($0.number) of \($0.count)\n" }
      ?? ": waiting for the first token\n"
    let now = Clock.seconds()
    let isDue = state.withLock { state in
      guard !state.hasBegun, state.said != text || now - state.saidAt >= StreamSource.quiet else {
        return false
      }
      state.said = text
      state.saidAt = now
      return true
    }
    guard isDue else { return nil }
    if keepAlive == .comment { return Array(text.utf8) }
    let plan = run.plan
    // An event of `/v1/responses` that says nothing does not exist.
    if plan.kind == .response { return nil }
    return StreamRewriter.event(
      .object([
        .init("id", .string(plan.id)),
        .init(
          "object",
          .string(plan.kind == .chat ? "chat.completion.chunk" : "text_completion")),
        .init("created", .integer(plan.created)), .init("model", .string(plan.model)),
        .init(
          "choices",
          .array([
            .object([
              .init("index", .integer(0)),
              plan.kind == .chat
                ? .init("delta", .object([.init("content", .string(""))]))
                : .init("text", .string("")),
              .init("logprobs", .null), .init("finish_reason", .null),
            ])
          ])),
      ]))
  }

  /// Whether the caller's token still holds, looked up once a second.
  private func isAllowed() -> Bool {
    guard let token = run.caller.token else { return true }
    let now = Clock.seconds()
    let isDue = state.withLock { state in
      if state.isRevoked || now - state.checkedAt < StreamSource.look { return false }
      state.checkedAt = now
      return true
    }
    if isDue, !token.isValid() { state.withLock { $0.isRevoked = true } }
    return !state.withLock { $0.isRevoked }
  }

  private func revoked() -> [UInt8]? {
    end()
    let error = APIError.badKey("This token was revoked.")
    return run.plan.kind == .response ? error.responseEvent : error.event
  }
}
