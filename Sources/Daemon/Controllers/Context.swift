internal import Base
internal import Configuration
internal import Events
internal import HTTPService
internal import Inventory
internal import KernelTree
internal import Operations

/// What the controllers share. Used by the main thread alone: others go through `MainQueue`.
final class Context {
  let tree: KernelTree
  let log: EventLog
  let published: PublishedState
  let counters: Counters
  let reader: BoxReader
  let queue: MainQueue
  /// The settings in force.
  var settings: ServiceSettings
  /// The last reading, with which the next one is compared.
  var inventory: Inventory?
  /// Counts the changes of settings, made here or by others: a reading from before a change is out
  /// of date.
  var moment = 0
  /// A running irqbalance has not taken its list of interrupts yet.
  var awaitsBalancer = false
  /// Why the configuration in the files is not the one in force; nil when it is.
  var rejected: String?
  /// Asked to end.
  var isStopping = false
  /// Hands a notification to every controller, at once; set by the loop.
  var send: (Notification) -> Void = { _ in }

  init(
    tree: KernelTree, log: EventLog, published: PublishedState, counters: Counters,
    reader: BoxReader,
    queue: MainQueue, settings: ServiceSettings
  ) {
    self.tree = tree
    self.log = log
    self.published = published
    self.counters = counters
    self.reader = reader
    self.queue = queue
    self.settings = settings
    published.update { $0.checkSeconds = settings.daemon.checkSeconds }
  }

  /// Process id of irqbalance, where it ran when the machine was last read.
  var irqbalance: Int32? { inventory?.system.irqbalance.flatMap { Int32(exactly: $0.pid) } }

  /// Which boot this is.
  var bootID: String? { tree.textIfPresent("/proc/sys/kernel/random/boot_id") }

  /// Makes later requests read again, because something was changed here.
  func invalidateReadings() {
    WorkerPool.task { [reader] in await reader.invalidate() }
  }

  /// The configuration cannot be used; recorded once.
  func configurationFailed(_ error: any Error) { configurationFailed(Context.text(error)) }

  /// The text of an error, with its hint. An error in the files begins with its place.
  static func text(_ error: any Error) -> String {
    guard let failure = error as? Failure else { return "\(error)" }
    let text = failure.step.hasPrefix("use the ") ? failure.reason : "cannot \(failure)"
    return text + (failure.hint.map { "\n  \($0)" } ?? "")
  }

  /// The same with its text.
  func configurationFailed(_ problem: String) {
    var isNew = false
    published.update { state in
      isNew = state.configurationProblem != problem
      state.configurationProblem = problem
      // What was reported before stays where the configuration before stays in force.
      if rejected == nil {
        state.placement = PlacementSnapshot(mode: state.placement.mode, problem: problem)
      }
    }
    if isNew { log.record([EventDraft(.configurationInvalid, problem)]) }
  }
}
