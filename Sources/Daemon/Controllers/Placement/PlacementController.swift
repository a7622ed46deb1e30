internal import Base
internal import Configuration
internal import Events
internal import Inventory
internal import Linux
internal import Operations
internal import Placement

/// Keeps the placement: looks at what others write, reconciles at each reading of the machine, and
/// applies and rolls back when asked to.
final class PlacementController: Controller {
  private enum Item: Hashable, CaseIterable {
    /// Look at files that were written.
    case writes
    /// Keep settings again that were left alone.
    case release
    /// Look whether the program of a trial has died.
    case trial
  }

  private let context: Context
  private let reconciler: PlacementReconciler
  private let operations = PlacementOperations()
  private let settings = SettingSource()
  private var timers = Timers<Item>()
  /// Files that somebody wrote to, and who did.
  private var writes: [String: String?] = [:]
  /// Which files' writers to watch has changed.
  private var watchedPathsChanged = true

  init(_ context: Context, _ reconciler: PlacementReconciler) {
    self.context = context
    self.reconciler = reconciler
    reconciler.resume(wasSuspended: context.log.state("suspended") == context.bootID)
    let isSuspended = reconciler.isSuspended
    context.published.update { $0.isSuspended = isSuspended }
  }

  // MARK: what happens

  var sources: [any EventSource] { [settings] }
  var due: Double? { timers.next }

  func handle(_ notification: Notification) {
    switch notification {
    case .fileWritten(let path, let cause): written(path, by: cause)
    case .ledgerWritten:
      context.moment += 1
      if let inventory = context.inventory, lookAtLedger(inventory) {
        context.send(.machineChanged)
      }
    case .machineRead(let inventory, let changes, let isFirst):
      reconcile(inventory, changes, isFirst: isFirst)
    case .configured:
      // What was contested under the old one, or refused, is tried again.
      reconciler.forget()
    default: break
    }
  }

  func run(at now: Double) {
    for item in timers.due(at: now) {
      switch item {
      case .writes:
        let writes = self.writes
        self.writes = [:]
        context.log.record(reconciler.written(writes, at: now))
      case .release:
        context.moment += 1
        context.log.record(reconciler.released(at: now))
      case .trial: endDeadTrial()
      }
      settled()
    }
  }

  func prepareToWait() {
    guard watchedPathsChanged else { return }
    watchedPathsChanged = false
    settings.set(reconciler.watchedPaths, irqbalance: context.irqbalance)
  }

  private func written(_ path: String, by cause: String?) {
    context.moment += 1
    // The last writer's value is in force.
    writes[path] = .some(cause)
    timers.debounce(.writes, at: Clock.seconds(), quiet: 0.02, limit: 0.2)
    if cause?.hasPrefix("irqbalance") == true, context.inventory?.system.irqbalance == nil {
      context.send(.machineChanged)
    }
  }

  // MARK: reconciling

  private func reconcile(_ inventory: Inventory, _ changes: [EventDraft], isFirst: Bool) {
    let now = Clock.seconds()
    if !isFirst {
      reconciler.added(Set(changes.filter { $0.kind == .deviceAdded }.compactMap(\.address)))
      // It may have happened while the machine was read, and its notification still wait.
      _ = lookAtLedger(inventory)
    }
    // What was written during the reading may be the cause of what it found. The next turn of the
    // loop finds what keeps a source from being read.
    try? settings.read { context.send($0) }
    do {
      if reconciler.mode == nil { try reconciler.takePolicy(inventory) }
      let (events, status) = try reconciler.reconcile(inventory, writes: writes, at: now)
      context.log.record(events)
      let mode = reconciler.mode
      let rejected = context.rejected
      context.published.update {
        $0.placement = PlacementSnapshot(status: status, mode: mode)
        $0.configurationProblem = rejected
      }
    } catch {
      context.configurationFailed(error)
    }
    context.awaitsBalancer = reconciler.awaitsBalancer
    settled()
  }

  /// After anything that may have changed what is placed or contested.
  private func settled() {
    watchedPathsChanged = true
    timers.set(.release, at: reconciler.backoff.nextRelease)
    if reconciler.trial == nil {
      timers.set(.trial, at: nil)
    } else if !timers.has(.trial) {
      timers.set(.trial, at: Clock.seconds() + PlacementController.trialSeconds)
    }
    let needs = reconciler.takeNeeds()
    if needs.moved {
      // The ledger shows that it is done; a program that was killed reports nothing.
      context.send(.machineChangedSoon(seconds: 2))
    } else if needs.reading {
      context.send(.machineChanged)
    }
    let held = reconciler.backoff.suspended
    context.published.update { [reconciler] state in
      state.drifts = reconciler.drifts
      state.corrections = reconciler.corrections
      state.conflicts = reconciler.conflicts
      state.held = held.map { ($0.label, $0.suspendedUntil ?? 0, $0.cause) }
    }
  }

  /// Finds out whether another program applied or rolled back, which decides what is kept.
  /// - Returns: whether it did.
  private func lookAtLedger(_ inventory: Inventory) -> Bool {
    switch reconciler.ledgerChange(inventory) {
    case .none: return false
    case .rolledBack:
      // Not to be undone here.
      suspend(true)
      context.log.record([
        EventDraft(.placementRolledBack, "the placement was rolled back by another program")
      ])
    case .applied where reconciler.isSuspended:
      suspend(false)
      context.log.record([
        EventDraft(.placementApplied, "the plan was applied by another program")
      ])
    case .applied, .changed: break
    }
    return true
  }

  /// Seconds between two looks at whether a trial goes on. It reads one lock.
  private static let trialSeconds = 2.0

  /// The end of a trial is written to the ledger by its program; that of one that was killed, here.
  private func endDeadTrial() {
    do {
      guard let ended = try operations.endDeadTrial() else { return }
      context.log.record([
        EventDraft(
          .placementTrialDied, subject: ended.subject,
          "the trial of its placement was killed; \(Units.count(ended.count, "setting")) put back",
          count: ended.count)
      ])
      context.send(.machineChanged)
    } catch {
      // Another program holds the lock: looked at again in a moment.
    }
  }

  // MARK: what is asked for

  /// Whether a policy is in force.
  var hasPolicy: Bool { reconciler.mode != nil }

  /// Takes the policy as the files have it now.
  /// - Throws: what is wrong with it; the one before holds then.
  func takePolicy(_ inventory: Inventory?) throws { try reconciler.takePolicy(inventory) }

  /// Applies the plan, as `tinyboxctl placement apply`.
  func apply() throws -> [ApplyResult] {
    let results = try operations.locked { try operations.apply() }
    // It was planned with what the files say, so that is in force from here on.
    try reconciler.takePolicy(nil)
    context.rejected = nil
    suspend(false)
    let done = results.filter { $0.outcome == .done || $0.outcome == .pending }.count
    let refused = results.filter { $0.outcome == .refused || $0.outcome == .differs }.count
    context.log.record([
      EventDraft(
        .placementApplied,
        "\(done) settings placed by request" + (refused > 0 ? ", \(refused) refused" : ""),
        count: done)
    ])
    context.send(.machineStale)
    return results
  }

  /// Rolls back, as `tinyboxctl placement rollback`.
  func rollBack() throws -> RollbackReport {
    let report = try operations.locked { try operations.rollBack() }
    suspend(true)
    if case .results(let results) = report {
      let restored = results.filter { $0.outcome == .restored }.count
      context.log.record([
        EventDraft(
          .placementRolledBack, "\(restored) settings put back to their original values",
          count: restored)
      ])
    }
    context.send(.machineStale)
    return report
  }

  private func suspend(_ isSuspended: Bool) {
    context.send(.checksStale)
    reconciler.forget()
    reconciler.isSuspended = isSuspended
    // From here on it is known: the next look at the ledger is not to take it for another's doing.
    if let inventory = context.inventory { try? reconciler.load(inventory) }
    context.log.setState("suspended", isSuspended ? context.bootID ?? "" : "")
    context.published.update { $0.isSuspended = isSuspended }
  }

  var status: [String] {
    let state = context.published.current
    var words = [state.placement.mode?.rawValue ?? "starting"]
    if let status = state.placement.status, status.ledger == .thisBoot {
      words.append("\(status.held) settings held")
      if !status.drifted.isEmpty { words.append("\(status.drifted.count) drifted") }
    }
    if !state.held.isEmpty { words.append("\(state.held.count) contested") }
    if state.isSuspended { words.append("suspended after a rollback") }
    return words
  }
}
