internal import Linux
internal import Synchronization

/// Work that other threads hand to the main thread.
///
/// Everything that decides and changes runs on the main thread, one thing after the other, so none
/// of it needs a lock. Requests that change something wait here for their turn.
final class Jobs: Sendable {
  private let waiting = Mutex<[@Sendable (Core) -> Void]>([])
  private let event: WakeEvent

  init() throws { event = try WakeEvent() }

  /// Readable when there is work.
  var descriptor: Int32 { event.descriptor }

  /// Hands work over, from any thread.
  func post(_ job: @escaping @Sendable (Core) -> Void) {
    waiting.withLock { $0.append(job) }
    event.signal()
  }

  /// Hands work over and waits for what comes of it.
  func perform<Value: Sendable>(
    _ body: @escaping @Sendable (Core) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      post { core in
        continuation.resume(with: Result { try body(core) })
      }
    }
  }

  /// The work that is waiting, in its order.
  func take() -> [@Sendable (Core) -> Void] {
    event.drain()
    return waiting.withLock { jobs in
      defer { jobs = [] }
      return jobs
    }
  }
}

/// Moments at which the main thread has something to do. There is none that merely looks whether
/// there is something to do.
struct Agenda {
  /// What is to be done.
  enum Item: Hashable, CaseIterable {
    /// Look at files that were written.
    case writes
    /// Read the machine again: something was added or removed.
    case changes
    /// Run all checks at their interval.
    case checks
    /// Run all checks because something changed.
    case recheck
    /// Keep settings again that were left alone.
    case release
    /// Tell systemd that we live.
    case watchdog
    /// Connect to the bus again.
    case bus
  }

  private var moments: [Item: Double] = [:]
  /// When the first of a burst of notices came, for items that wait for its end.
  private var firsts: [Item: Double] = [:]

  /// When the next item is due; nil when none is.
  var next: Double? { moments.values.min() }

  /// Whether an item has a moment.
  func has(_ item: Item) -> Bool { moments[item] != nil }

  /// Sets the moment of an item.
  mutating func set(_ item: Item, at moment: Double?) { moments[item] = moment }

  /// A notice came: the item is due when none has come for `quiet` seconds, and `limit` seconds
  /// after the first one at the latest.
  mutating func notice(_ item: Item, at now: Double, quiet: Double, limit: Double) {
    let first = firsts[item] ?? now
    firsts[item] = first
    moments[item] = min(now + quiet, first + limit)
  }

  /// The items that are due, in the order above; they are taken off.
  mutating func due(at now: Double) -> [Item] {
    let due = Item.allCases.filter { moments[$0].map { $0 <= now } ?? false }
    for item in due {
      moments[item] = nil
      firsts[item] = nil
    }
    return due
  }
}
