internal import Linux
internal import Synchronization

/// Work that other threads hand to the main thread.
///
/// Everything that decides and changes runs on the main thread, one thing after the other, without
/// locks. Requests that change something wait here for their turn.
final class MainQueue: Sendable {
  private let waiting = Mutex<[@Sendable (Controllers) -> Void]>([])
  private let event: WakeEvent

  init() throws { event = try WakeEvent() }

  /// Readable when there is work.
  var descriptor: Int32 { event.descriptor }

  /// Hands work over, from any thread.
  func post(_ job: @escaping @Sendable (Controllers) -> Void) {
    waiting.withLock { $0.append(job) }
    event.signal()
  }

  /// Hands work over to a controller and waits for what comes of it.
  func perform<Owner: Controller, Value: Sendable>(
    on owner: Owner.Type, _ body: @escaping @Sendable (Owner) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      post { controllers in
        continuation.resume(with: Result { try body(controllers.the(owner)) })
      }
    }
  }

  /// The work that is waiting, in its order.
  func take() -> [@Sendable (Controllers) -> Void] {
    event.drain()
    return waiting.withLock { jobs in
      defer { jobs = [] }
      return jobs
    }
  }
}
