internal import Documents
internal import Placement
internal import RuntimeCatalog
internal import Synchronization

/// What the main thread knows of the placement.
struct PlacementSnapshot: Sendable {
  /// What was placed and what of it holds; nil while it is not known.
  var status: PlacementStatus?
  /// What the policy says to do about drift.
  var mode: Policy.Mode?
  /// Why nothing is known; nil when it is.
  var problem: String?
}

/// What the main thread lets the threads that answer requests see.
final class PublishedState: Sendable {
  struct State: Sendable {
    var placement = PlacementSnapshot()
    var watches: [DaemonDocument.Watch] = []
    /// Settings that are left alone, with the monotonic time until which they are.
    var held: [(label: String, until: Double, cause: String?)] = []
    var drifts = 0
    var corrections = 0
    var conflicts = 0
    var configurationProblem: String?
    var checkSeconds = 0
    var checked: String?
    var isSuspended = false
    /// Why the profile in force cannot be used; nil when it can, or there is none.
    var profileProblem: String?
    /// The runtimes, and when their registry was written; nil before the first plan.
    var runtimes: RuntimeRegistry?
  }

  private let state = Mutex(State())

  /// What is seen now.
  var current: State { state.withLock { $0 } }

  /// Changes what is seen.
  func update(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
}

/// Counts of the daemon, by any thread.
final class Counters: Sendable {
  final class Count: Sendable {
    private let value = Atomic(0)
    func add(_ number: Int) { value.add(number, ordering: .relaxed) }
    var now: Int { value.load(ordering: .relaxed) }
  }

  let readings = Count()
  let checkRuns = Count()
  let requests = Count()
  let wakeups = Count()
}
