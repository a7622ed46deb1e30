internal import HTTPService
internal import OpenAI
internal import Synchronization

/// What an answer has produced and its client has not taken: bounded, so that a slow client slows its
/// runtime down.
final class Outbox: Sendable {
  /// What there is to send.
  enum Item: Hashable, Sendable {
    case bytes([UInt8])
    /// Nothing came in the time.
    case nothing
    case end
  }

  private struct State {
    var bytes: [UInt8] = []
    var hasBegun = false
    var isEnded = false
    var error: APIError?
    var reader: CheckedContinuation<Void, Never>?
    var writer: CheckedContinuation<Void, Never>?
    /// Counts waits, so that a timer ends only its own.
    var wait = 0
  }

  /// Bytes that wait before the runtime does.
  private static let most = 64 << 10

  private let thread: EventThread
  private let errorEvent: @Sendable (APIError) -> [UInt8]
  private let state = Mutex(State())

  /// An empty one.
  /// - Parameter errorEvent: how an error is written into the stream.
  init(thread: EventThread, errorEvent: @escaping @Sendable (APIError) -> [UInt8]) {
    self.thread = thread
    self.errorEvent = errorEvent
  }

  /// Whether the first token, or the end, has come.
  var hasBegun: Bool { state.withLock { $0.hasBegun || $0.isEnded } }

  /// Adds bytes, and waits while there are too many.
  func push(_ bytes: [UInt8], hasBegun: Bool) async {
    wake { state in
      state.bytes += bytes
      if hasBegun { state.hasBegun = true }
      return hasBegun || state.hasBegun
    }
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        // Before the first token nobody reads, and little comes.
        if state.bytes.count < Outbox.most || state.isEnded || !state.hasBegun { return true }
        state.writer = continuation
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  /// Nothing more comes.
  func end(_ error: APIError? = nil) {
    wake { state in
      state.isEnded = true
      state.error = error
      return true
    }
  }

  /// Waits until the answer has begun or failed.
  /// - Returns: whether it has, within so many seconds.
  /// - Throws: the error that it began with.
  func begins(within seconds: Double) async throws(APIError) -> Bool {
    await wait(seconds) { $0.hasBegun || $0.isEnded }
    return try state.withLock { state throws(APIError) in
      if !state.hasBegun, let error = state.error { throw error }
      return state.hasBegun || state.isEnded
    }
  }

  /// What is to be sent next.
  /// - Parameter seconds: after which `nothing` is returned; nil waits for as long as it takes, without a
  ///   timer for each token.
  func next(within seconds: Double?) async -> Item {
    await wait(seconds) { ($0.hasBegun && !$0.bytes.isEmpty) || $0.isEnded }
    let (item, writer) = state.withLock { state -> (Item, CheckedContinuation<Void, Never>?) in
      let isReady = state.hasBegun || state.isEnded
      if isReady, !state.bytes.isEmpty {
        defer {
          state.bytes = []
          state.writer = nil
        }
        return (.bytes(state.bytes), state.writer)
      }
      guard state.isEnded else { return (.nothing, nil) }
      // An error after the head is told in the stream, once.
      if let error = state.error {
        state.error = nil
        return (.bytes(errorEvent(error)), nil)
      }
      return (.end, nil)
    }
    writer?.resume()
    return item
  }

  /// Nobody reads any more.
  func close() {
    state.withLock { state in
      state.isEnded = true
      state.bytes = []
      defer { state.writer = nil }
      return state.writer
    }?.resume()
    wake { _ in true }
  }

  private func wake(_ body: (inout State) -> Bool) {
    state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard body(&state) else { return nil }
      defer { state.reader = nil }
      return state.reader
    }?.resume()
  }

  private func wait(_ seconds: Double?, _ isReady: (State) -> Bool) async {
    let timer = Mutex<EventThread.Timer?>(nil)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let wait = state.withLock { state -> Int? in
          if isReady(state) || Task.isCancelled { return nil }
          state.wait += 1
          state.reader = continuation
          return state.wait
        }
        guard let wait else { return continuation.resume() }
        guard let seconds else { return }
        let scheduled = thread.after(seconds) { [self] in
          wake { $0.wait == wait }
        }
        timer.withLock { $0 = scheduled }
      }
    } onCancel: {
      wake { _ in true }
    }
    timer.withLock { $0 }?.cancel()
  }
}
