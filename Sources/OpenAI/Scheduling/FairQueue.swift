/// Requests that wait for a runtime, in an order that is fair to callers: the next is of the caller that
/// got the fewest tokens, so that one with many clients, or with long answers, gets no more than another.
///
/// Counts tokens as they are produced (Sheng et al., "Fairness in Serving Large Language Models", OSDI
/// 2024: the virtual token counter). A caller that comes, or comes back, starts at the lowest count there
/// is: what it did not use before gives it no right to more later. A request counts what requests took so
/// far on average from its start on, and what it really takes in the end.
package struct FairQueue<ID: Hashable & Sendable>: Sendable {
  /// How many may wait.
  package struct Limits: Hashable, Sendable {
    /// Requests that wait.
    package var total: Int
    /// Those of one caller.
    package var perCaller: Int
    /// Seconds that a request waits.
    package var seconds: Double

    /// Limits of a queue.
    package init(total: Int = 64, perCaller: Int = 16, seconds: Double = 600) {
      self.total = total
      self.perCaller = perCaller
      self.seconds = seconds
    }
  }

  /// Why a request may not wait.
  package enum Refusal: Error, Hashable, Sendable {
    /// So many wait.
    case full(Int)
    /// So many of the caller's wait.
    case callerFull(Int)
  }

  /// Where a request stands.
  package struct Position: Hashable, Sendable {
    /// 1 for the next one.
    package var number: Int
    /// Requests that wait.
    package var count: Int
  }

  private struct Waiter {
    var id: ID
    var deadline: Double
  }

  private struct Caller {
    var waiting: [Waiter] = []
    var running = 0
    /// Tokens it got, or is assumed to get.
    var tokens = 0
    /// When it was served last, in turns; 0 for never.
    var lastTurn = 0
    var isActive: Bool { !waiting.isEmpty || running > 0 }
  }

  private struct Run {
    var caller: String
    var counted: Int
    var produced = 0
  }

  /// Callers without requests that are remembered.
  private static var mostIdle: Int { 1024 }

  /// How many may wait; a change counts for those that come later.
  package var limits: Limits
  private var callers: [String: Caller] = [:]
  private var callerOf: [ID: String] = [:]
  private var runs: [ID: Run] = [:]
  private var floor = 0
  private var turn = 0
  private var average = 0.0

  /// An empty queue.
  package init(_ limits: Limits = Limits()) { self.limits = limits }

  /// Requests that wait.
  package var count: Int { callerOf.count }

  /// Takes a request in.
  /// - Parameter now: seconds, of any clock that only goes on.
  package mutating func enter(_ id: ID, caller: String, now: Double) throws(Refusal) {
    guard count < limits.total else { throw .full(count) }
    let waiting = callers[caller]?.waiting.count ?? 0
    guard waiting < limits.perCaller else { throw .callerFull(waiting) }
    var state = callers[caller] ?? Caller()
    if !state.isActive {
      let lowest = callers.values.lazy.filter(\.isActive).map(\.tokens).min()
      state.tokens = max(state.tokens, lowest ?? floor)
    }
    state.waiting.append(Waiter(id: id, deadline: now + limits.seconds))
    callers[caller] = state
    callerOf[id] = caller
  }

  /// Takes the next request out, to be answered.
  /// - Parameter canRun: whether a runtime that may answer it is free.
  package mutating func next(_ canRun: (ID) -> Bool) -> ID? {
    for name in order() {
      guard let index = callers[name]?.waiting.firstIndex(where: { canRun($0.id) }),
        let waiter = callers[name]?.waiting.remove(at: index)
      else { continue }
      callerOf[waiter.id] = nil
      turn += 1
      floor = max(floor, callers[name]?.tokens ?? 0)
      let counted = max(1, Int(average.rounded()))
      callers[name]?.tokens += counted
      callers[name]?.running += 1
      callers[name]?.lastTurn = turn
      runs[waiter.id] = Run(caller: name, counted: counted)
      return waiter.id
    }
    return nil
  }

  /// Counts tokens that were produced for a request that runs.
  package mutating func produced(_ tokens: Int, for id: ID) {
    guard var run = runs[id], tokens > 0 else { return }
    run.produced += min(tokens, 1 << 30)
    if run.produced > run.counted {
      callers[run.caller]?.tokens += run.produced - run.counted
      run.counted = run.produced
    }
    runs[id] = run
  }

  /// A request that ran has ended.
  package mutating func finish(_ id: ID) {
    guard let run = runs.removeValue(forKey: id) else { return }
    // An answer without a token took the time of its prompt.
    let produced = max(1, run.produced)
    callers[run.caller]?.tokens += produced - run.counted
    callers[run.caller]?.running -= 1
    average += (Double(produced) - average) / 16
    forget()
  }

  /// A request that waits has gone.
  package mutating func leave(_ id: ID) {
    guard let name = callerOf.removeValue(forKey: id) else { return }
    callers[name]?.waiting.removeAll { $0.id == id }
    forget()
  }

  /// Takes out those that have waited too long.
  package mutating func expire(now: Double) -> [ID] {
    let late = callers.values.flatMap(\.waiting).filter { $0.deadline <= now }.map(\.id)
    for id in late { leave(id) }
    return late
  }

  /// Takes out all that wait: nothing is answered any more.
  package mutating func drain() -> [ID] {
    let all = Array(callerOf.keys)
    for id in all { leave(id) }
    return all
  }

  /// Where a request stands; nil when it does not wait. An estimate: it takes every request for as long as
  /// another.
  package func position(of id: ID) -> Position? {
    guard let name = callerOf[id],
      let own = callers[name]?.waiting.firstIndex(where: { $0.id == id })
    else { return nil }
    var number = own + 1
    var isBefore = true
    for other in order() {
      if other == name {
        isBefore = false
        continue
      }
      number += min(callers[other]?.waiting.count ?? 0, own + (isBefore ? 1 : 0))
    }
    return Position(number: number, count: count)
  }

  /// Requests of a caller that wait or run.
  package func inProgress(_ caller: String) -> Int {
    guard let state = callers[caller] else { return 0 }
    return state.waiting.count + state.running
  }

  /// Callers that wait, the one to be served next first.
  private func order() -> [String] {
    callers.filter { !$0.value.waiting.isEmpty }.sorted { one, other in
      (one.value.tokens, one.value.lastTurn, one.key)
        < (other.value.tokens, other.value.lastTurn, other.key)
    }.map(\.key)
  }

  private mutating func forget() {
    guard callers.count > FairQueue.mostIdle else { return }
    callers = callers.filter { $0.value.isActive || $0.value.tokens > floor }
    // All of them above the floor: the oldest go.
    let idle = callers.filter { !$0.value.isActive }.sorted {
      $0.value.lastTurn < $1.value.lastTurn
    }
    for (name, _) in idle.prefix(max(0, callers.count - FairQueue.mostIdle)) { callers[name] = nil }
  }
}
