internal import Base
internal import Events
internal import History
internal import Linux
internal import Synchronization

/// What came of opening the store of events.
struct OpenedStore: Sendable {
  /// Nil when it could not be opened.
  var store: EventStore?
  /// Why not.
  var problem: String?
  /// Events about the store that was there before it.
  var notes: [EventDraft] = []
}

/// Records events: in the store, in the journal, and for those who listen. Any thread.
///
/// When the store cannot be opened or written, events go to the journal and to listeners all the
/// same, and the newest are kept in memory.
final class EventLog: Sendable {
  private struct State {
    var store: EventStore?
    /// Why there is no store.
    var openFailure: String?
    /// When it was last tried to open it, monotonic seconds.
    var tried: Double?
    /// Events to keep.
    var limit: Int
    /// Events that the store did not take.
    var unstored: [Event] = []
    /// Words of state that are not stored yet.
    var words: [String: String] = [:]
    var last = 0
    var storeFailure: String?
  }
  private struct Listeners {
    var all: [Int: AsyncStream<Event>.Continuation] = [:]
    var next = 0
  }

  private let state: Mutex<State>
  /// Not locked while an event is passed on: the end of a stream takes this lock with the listening
  /// task locked by the runtime, and passing something to that task takes the same lock of the
  /// runtime.
  private let listeners = Mutex(Listeners())
  private let journal: @Sendable (Event) -> Void
  private let now: @Sendable () -> String
  private let clock: @Sendable () -> Double
  private let openStore: @Sendable (Int) -> OpenedStore

  /// A store that cannot be opened is tried again after so many seconds: a database that is locked makes
  /// each attempt wait for two.
  static let retrySeconds = 60.0

  /// - Parameters:
  ///   - limit: events to keep.
  ///   - journal: writes an event to the journal.
  ///   - now: the time: UTC, RFC 3339.
  ///   - clock: seconds that never jump.
  ///   - openStore: opens the store, which is to keep so many events.
  init(
    limit: Int, journal: @escaping @Sendable (Event) -> Void,
    now: @escaping @Sendable () -> String, clock: @escaping @Sendable () -> Double = Clock.seconds,
    openStore: @escaping @Sendable (Int) -> OpenedStore
  ) {
    self.journal = journal
    self.now = now
    self.clock = clock
    self.openStore = openStore
    state = Mutex(State(limit: limit))
  }

  /// Why events are not stored; nil when they are.
  var storeFailure: String? { state.withLock { $0.storeFailure ?? $0.openFailure } }

  /// The number of the newest event; 0 when there is none.
  var last: Int { state.withLock { $0.last } }

  // MARK: the store

  /// Opens the store now, unless it is open: at the start, and when somebody asks for another try.
  func open() { open(isDue: { _ in true }) }

  /// The same, but not more often than every minute.
  private func openWhenDue() {
    open { [clock] state in
      state.tried.map { clock() - $0 >= EventLog.retrySeconds } ?? true
    }
  }

  private func open(isDue: (State) -> Bool) {
    let notes = state.withLock { state in
      if state.store != nil || !isDue(state) { return [EventDraft]() }
      state.tried = clock()
      let opened = openStore(state.limit)
      guard let store = opened.store else {
        state.openFailure = opened.problem ?? "there is no store"
        return []
      }
      state.openFailure = nil
      take(store, &state)
      return opened.notes
    }
    if !notes.isEmpty { record(notes) }
  }

  /// Continues with a store that was opened late. What was not stored comes after what is in it:
  /// the numbers that were given meanwhile may be there already.
  private func take(_ store: EventStore, _ state: inout State) {
    state.store = store
    if let first = state.unstored.first, first.id <= store.newest {
      for index in state.unstored.indices { state.unstored[index].id = store.newest + 1 + index }
    }
    state.last = max(state.last, store.newest, state.unstored.last?.id ?? 0)
    self.store(&state)
  }

  /// Records events, in their order.
  func record(_ drafts: [EventDraft]) {
    openWhenDue()
    for draft in drafts { record(draft) }
  }

  private func record(_ draft: EventDraft) {
    var event = draft.event(at: now())
    let isNewFailure = state.withLock { state in
      let wasFailing = state.storeFailure != nil
      // Numbered here: one that is stored later keeps the number under which it was reported.
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
        guard let store = state.store else {
          state.storeFailure = state.openFailure ?? "there is no store"
          break
        }
        try store.append(event)
        state.unstored.removeFirst()
      }
      keepWords(&state)
    } catch {
      state.storeFailure = "cannot \(error)"
    }
    if state.unstored.count > 1000 { state.unstored.removeFirst(100) }
  }

  /// Events by number, the newest last.
  /// - Throws: why those that are stored cannot be read.
  func events(_ query: EventStore.Query) throws(Failure) -> [Event] {
    openWhenDue()
    let (store, unstored) = state.withLock { ($0.store, $0.unstored) }
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
          let missed = (try? state.store?.events(.init(after: after, limit: 1000))) ?? []
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
  func setLimit(_ limit: Int) {
    state.withLock { state in
      state.limit = limit
      state.store?.setLimit(limit)
    }
  }

  /// A word of state that outlives the daemon; nil when there is none.
  func state(_ name: String) -> String? {
    let (word, store) = state.withLock { ($0.words[name], $0.store) }
    return word ?? (try? store?.state(name))
  }

  /// Sets such a word, in memory until it can be stored.
  func setState(_ name: String, _ value: String) {
    state.withLock { state in
      state.words[name] = value
      keepWords(&state)
    }
  }

  /// Stores the words that are not stored yet.
  private func keepWords(_ state: inout State) {
    guard let store = state.store else { return }
    for (name, value) in state.words where (try? store.setState(name, value)) != nil {
      state.words[name] = nil
    }
  }

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
