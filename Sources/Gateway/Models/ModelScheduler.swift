internal import Linux
internal import HTTPService
internal import OpenAI
internal import RuntimeCatalog
internal import Synchronization

/// Gives requests places at runtimes: the fair queues of all models, and the replicas.
final class ModelScheduler: Sendable {
  /// A place at a runtime, until it is given back.
  struct Place: Hashable, Sendable {
    var ticket: Int
    var instance: RuntimeInstance
    /// Seconds that the request waited.
    var waited: Double
  }

  private struct Ticket {
    var entry: ModelCatalog.Entry
    var caller: String
    var prefix: PromptPrefix
    var since: Double
    var result: Result<Place, APIError>?
    var continuation: CheckedContinuation<Void, Never>?
  }

  private struct State {
    var queues: [String: FairQueue<Int>] = [:]
    var chooser = ReplicaChooser()
    var tickets: [Int: Ticket] = [:]
    var instances: [String: RuntimeInstance] = [:]
    var next = 0
    var isDraining = false
    var isTicking = false
  }

  /// Seconds between looks at the registry while requests wait.
  private static let tick = 0.5

  private let thread: EventThread
  private let registry: RegistryReader
  private let settings: @Sendable () -> DoorSettings
  private let state = Mutex(State())

  init(
    thread: EventThread, registry: RegistryReader,
    settings: @escaping @Sendable () -> DoorSettings
  ) {
    self.thread = thread
    self.registry = registry
    self.settings = settings
  }

  /// Puts a request into the queue of its model.
  /// - Returns: its ticket.
  func enter(
    _ entry: ModelCatalog.Entry, caller: String, prefix: PromptPrefix
  ) throws(APIError) -> Int {
    let settings = settings()
    let now = Clock.seconds()
    let instances = registry.instances()
    let ticket = try state.withLock { state throws(APIError) in
      if state.isDraining { throw .shuttingDown(retrySeconds: 5) }
      state.next += 1
      let ticket = state.next
      var queue = state.queues[entry.pool] ?? FairQueue()
      queue.limits = settings.queue
      let isFree = queue.count == 0 && entry.instances.contains { state.chooser.isFree($0.name) }
      // Of a queue for nobody the one that need not wait is no part.
      if settings.queue.total == 0, isFree || state.queues[entry.pool] == nil {
        queue.limits.total = 1
      }
      do throws(FairQueue<Int>.Refusal) {
        try queue.enter(ticket, caller: caller, now: now)
      } catch {
        throw ModelScheduler.error(error)
      }
      state.queues[entry.pool] = queue
      state.tickets[ticket] = Ticket(entry: entry, caller: caller, prefix: prefix, since: now)
      return ticket
    }
    update(instances, now)
    return ticket
  }

  private static func error(_ refusal: FairQueue<Int>.Refusal) -> APIError {
    switch refusal {
    case .full(let count):
      .queueFull("The queue of this model is full: \(count) requests wait.", retrySeconds: 10)
    case .callerFull(let count):
      .queueFull("\(count) of your requests wait already, as many as may.", retrySeconds: 5)
    }
  }

  /// Waits for the place of a ticket.
  func place(_ ticket: Int) async throws(APIError) -> Place {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard let result = state.tickets[ticket]?.result else {
            state.tickets[ticket]?.continuation = continuation
            return state.tickets[ticket] == nil
          }
          _ = result
          return true
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      leave(ticket)
    }
    let result = state.withLock { $0.tickets[ticket]?.result }
    return try (result ?? .failure(.shuttingDown(retrySeconds: 1))).get()
  }

  /// The request of a ticket has ended, or gives up.
  func leave(_ ticket: Int) {
    let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let gone = state.tickets.removeValue(forKey: ticket) else { return nil }
      let pool = gone.entry.pool
      if case .success(let place)? = gone.result {
        state.queues[pool]?.finish(ticket)
        state.chooser.give(place.instance.name)
      } else {
        state.queues[pool]?.leave(ticket)
      }
      return gone.continuation
    }
    continuation?.resume()
    update(registry.instances(), Clock.seconds())
  }

  /// Counts tokens that were produced.
  func produced(_ tokens: Int, for ticket: Int) {
    state.withLock { state in
      guard let pool = state.tickets[ticket]?.entry.pool else { return }
      state.queues[pool]?.produced(tokens, for: ticket)
    }
  }

  /// Where a request stands; nil when it does not wait.
  func position(_ ticket: Int) -> FairQueue<Int>.Position? {
    state.withLock { state in
      guard let pool = state.tickets[ticket]?.entry.pool else { return nil }
      return state.queues[pool]?.position(of: ticket)
    }
  }

  /// Requests that wait and that are answered, by model.
  func counts() -> [(pool: String, waiting: Int, running: Int)] {
    state.withLock { state in
      state.queues.sorted { $0.key < $1.key }.map { pool, queue in
        let all = state.tickets.values.count { $0.entry.pool == pool }
        return (pool, queue.count, all - queue.count)
      }
    }
  }

  /// Sends away all that wait, and takes nothing more.
  func drain() {
    finish { state in
      state.isDraining = true
      return state.queues.keys.flatMap { pool in
        (state.queues[pool]?.drain() ?? []).map { ($0, .shuttingDown(retrySeconds: 5)) }
      }
    }
  }

  // MARK: Who is next

  /// Takes note of the runtimes there are, and gives free places to those that wait.
  private func update(_ instances: [RuntimeInstance], _ now: Double) {
    let startSeconds = Double(settings().firstTokenSeconds)
    finish { state in
      state.instances = Dictionary(uniqueKeysWithValues: instances.map { ($0.name, $0) })
      state.chooser.keep(Set(state.instances.keys))
      for instance in instances { state.chooser.set(instance.name, slots: instance.slots) }
      var failed: [(Int, APIError)] = []
      for pool in state.queues.keys {
        for ticket in state.queues[pool]?.expire(now: now) ?? [] {
          failed.append(
            (ticket, .queueTimeout("The request waited longer than it may (queue-timeout).")))
        }
      }
      for (id, ticket) in state.tickets where ticket.result == nil {
        let now = ticket.entry.instances.map { state.instances[$0.name] ?? ModelScheduler.gone($0) }
        if now.contains(where: \.isUsable) { continue }
        let starting = now.first { $0.state == .starting }
        guard starting == nil || Clock.seconds() - ticket.since > startSeconds else { continue }
        guard let error = (starting ?? now.first)?.error else { continue }
        state.queues[ticket.entry.pool]?.leave(id)
        failed.append((id, error))
      }
      return failed
    }
    resume(dispatch(now))
    tick()
  }

  private static func gone(_ instance: RuntimeInstance) -> RuntimeInstance {
    var gone = instance
    gone.state = .stopped
    return gone
  }

  private func dispatch(_ now: Double) -> [CheckedContinuation<Void, Never>] {
    state.withLock { state in
      var woken: [CheckedContinuation<Void, Never>] = []
      for pool in state.queues.keys.sorted() {
        while let id = ModelScheduler.next(pool, &state) {
          guard let ticket = state.tickets[id] else { continue }
          let names = ModelScheduler.usable(ticket, state)
          guard let name = state.chooser.take(among: names, for: ticket.prefix),
            let instance = state.instances[name]
          else { continue }
          state.tickets[id]?.result = .success(
            Place(ticket: id, instance: instance, waited: now - ticket.since))
          if let continuation = ticket.continuation { woken.append(continuation) }
          state.tickets[id]?.continuation = nil
        }
        if state.queues[pool]?.count == 0,
          !state.tickets.values.contains(where: { $0.entry.pool == pool }),
          state.queues.count > 256
        {
          state.queues[pool] = nil
        }
      }
      return woken
    }
  }

  private static func next(_ pool: String, _ state: inout State) -> Int? {
    guard var queue = state.queues[pool], queue.count > 0 else { return nil }
    let next = queue.next { id in
      guard let ticket = state.tickets[id] else { return true }
      return usable(ticket, state).contains { state.chooser.isFree($0) }
    }
    state.queues[pool] = queue
    return next
  }

  /// Runtimes that may answer now: those that are ready before those that would have to start.
  private static func usable(_ ticket: Ticket, _ state: State) -> [String] {
    let all = ticket.entry.instances.compactMap { state.instances[$0.name] }.filter(\.isUsable)
    let ready = all.filter { $0.state == .ready }
    return (ready.isEmpty ? all : ready).map(\.name)
  }

  /// Ends the wait of tickets with an error.
  private func finish(_ body: (inout State) -> [(Int, APIError)]) {
    resume(
      state.withLock { state in
        body(&state).compactMap { id, error in
          state.tickets[id]?.result = .failure(error)
          let continuation = state.tickets[id]?.continuation
          state.tickets[id]?.continuation = nil
          return continuation
        }
      })
  }

  private func resume(_ continuations: [CheckedContinuation<Void, Never>]) {
    for continuation in continuations { continuation.resume() }
  }

  /// Looks again later, for as long as somebody waits.
  private func tick() {
    let isNeeded = state.withLock { state in
      guard !state.isTicking, state.queues.values.contains(where: { $0.count > 0 }) else {
        return false
      }
      state.isTicking = true
      return true
    }
    guard isNeeded else { return }
    _ = thread.after(ModelScheduler.tick) { [self] in
      state.withLock { $0.isTicking = false }
      WorkerPool.task { [self] in update(registry.instances(), Clock.seconds()) }
    }
  }
}
