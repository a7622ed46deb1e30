internal import Base
internal import Events
internal import History
internal import Synchronization

/// Takes events down: in the store, in the journal, and to whoever listens. Any thread.
///
/// When the store cannot be written, events go to the journal and to listeners all the same, and
/// the newest are kept in memory.
final class EventLog: Sendable {
  private struct State {
    /// Events that the store did not take.
    var unstored: [Event] = []
    var last = 0
    var storeFailure: String?
  }
  private struct Listeners {
    var all: [Int: AsyncStream<Event>.Continuation] = [:]
    var next = 0
  }

  private let store: EventStore?
  private let state: Mutex<State>
  /// Not held while anything is told: the end of a stream takes it with the listening task locked by
  /// the runtime, and to tell that task something takes the same lock of the runtime.
  private let listeners = Mutex(Listeners())
  private let journal: @Sendable (Event) -> Void
  private let now: @Sendable () -> String

  /// - Parameters:
  ///   - store: nil when it could not be opened.
  ///   - journal: writes an event to the journal.
  ///   - now: the time: UTC, RFC 3339.
  init(
    _ store: EventStore?, journal: @escaping @Sendable (Event) -> Void,
    now: @escaping @Sendable () -> String
  ) {
    self.store = store
    self.journal = journal
    self.now = now
    var state = State()
    state.last = store?.newest ?? 0
    self.state = Mutex(state)
  }

  /// Why events are not stored; nil when they are.
  var storeFailure: String? { state.withLock { $0.storeFailure } }

  /// The number of the newest event; 0 when there is none.
  var last: Int { state.withLock { $0.last } }

  /// Takes events down, in their order.
  func record(_ drafts: [EventDraft]) {
    for draft in drafts { record(draft) }
  }

  private func record(_ draft: EventDraft) {
    var event = draft.event(at: now())
    let isNewFailure = state.withLock { state in
      let wasFailing = state.storeFailure != nil
      // Numbered here: one that is stored later keeps the number under which it was told.
      event.id = state.last + 1
      state.last = event.id
      state.unstored.append(event)
      store(&state)
      // In their order, so with the events locked.
      for listener in listeners.withLock({ Array($0.all.values) }) { listener.yield(event) }
      return !wasFailing && state.storeFailure != nil
    }
    journal(event)
    if isNewFailure, let reason = storeFailure {
      record(EventDraft(.eventsUnstored, reason))
    }
  }

  /// Stores what is not stored yet, the oldest first.
  private func store(_ state: inout State) {
    state.storeFailure = nil
    do throws(Failure) {
      while let event = state.unstored.first {
        guard let store else {
          state.storeFailure = "there is no store"
          break
        }
        try store.append(event)
        state.unstored.removeFirst()
      }
    } catch {
      state.storeFailure = "cannot \(error)"
    }
    if state.unstored.count > 1000 { state.unstored.removeFirst(100) }
  }

  /// Events by number, the newest last.
  /// - Throws: why those that are stored cannot be read.
  func events(_ query: EventStore.Query) throws(Failure) -> [Event] {
    let unstored = state.withLock { $0.unstored }
    let stored = try store?.events(query) ?? []
    if unstored.isEmpty { return stored }
    let more = unstored.filter { event in
      event.id > (query.after ?? 0) && (query.kind.map { $0 == event.kind } ?? true)
        && (query.severity.map { event.severity >= $0 } ?? true)
    }
    return (stored + more).sorted { $0.id < $1.id }.suffix(query.limit)
  }

  /// Events as they come; first those after a number, at most the newest thousand.
  func listen(after: Int?) -> AsyncStream<Event> {
    AsyncStream(bufferingPolicy: .bufferingNewest(2000)) { continuation in
      let id = state.withLock { state in
        // Under the lock, so that none comes twice and none is missed.
        if let after, after < state.last {
          let missed = (try? store?.events(.init(after: after, limit: 1000))) ?? []
          for event in missed + state.unstored.filter({ $0.id > after }) {
            continuation.yield(event)
          }
        }
        return listeners.withLock { listeners in
          listeners.next += 1
          listeners.all[listeners.next] = continuation
          return listeners.next
        }
      }
      continuation.onTermination = { [weak self] _ in
        _ = self?.listeners.withLock { $0.all.removeValue(forKey: id) }
      }
    }
  }

  /// Changes how many events are kept.
  func setLimit(_ limit: Int) { store?.setLimit(limit) }

  /// A word of state that outlives the daemon; nil when there is none.
  func state(_ name: String) -> String? { try? store?.state(name) }

  /// Sets such a word; what cannot be kept is not.
  func setState(_ name: String, _ value: String) { try? store?.setState(name, value) }

  /// Ends all streams.
  func close() {
    let leaving = listeners.withLock { listeners in
      let all = listeners.all
      listeners.all = [:]
      return all
    }
    for listener in leaving.values { listener.finish() }
  }
}
