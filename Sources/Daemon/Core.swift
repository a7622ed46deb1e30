internal import API
internal import Apply
internal import Commands
internal import Configuration
internal import Events
internal import FoundationEssentials
internal import HTTPService
internal import Health
internal import Inventory
internal import KernelTree
internal import Placement
internal import Vendor

/// What the main thread knows and does. Never used by another thread: those go through `Jobs`.
final class Core {
  let log: EventLog
  let published: Published
  let counters: Counters
  let reader: BoxReader
  let keeper: PlacementKeeper
  var agenda = Agenda()
  private(set) var settings: ServiceSettings
  private let tree: KernelTree
  private let command = PlacementCommand(session: Session())
  /// The last reading, against which the next one is held.
  private var last: Inventory?
  /// What the checks said last; kept across restarts.
  private var verdicts: VerdictChanges?
  /// Files that somebody wrote to, and who did.
  private var writes: [String: String?] = [:]
  /// Asked to end.
  private(set) var isStopping = false
  /// Why the configuration in the files is not the one in force; nil when it is.
  private var rejected: String?
  /// Takes what came of writers in the meantime; set by the main loop.
  var collectWrites: () -> Void = {}
  /// Which files' writers to watch has changed.
  var watchedPathsChanged = true

  init(
    tree: KernelTree, log: EventLog, published: Published, counters: Counters, reader: BoxReader,
    keeper: PlacementKeeper, settings: ServiceSettings
  ) {
    self.tree = tree
    self.log = log
    self.published = published
    self.counters = counters
    self.reader = reader
    self.keeper = keeper
    self.settings = settings
    verdicts = log.state("verdicts").flatMap {
      try? JSONDecoder().decode(VerdictChanges.self, from: Data($0.utf8))
    }
    keeper.isSuspended =
      log.state("suspended") == tree.textIfPresent("/proc/sys/kernel/random/boot_id")
    published.update { $0.checkSeconds = settings.daemon.checkSeconds }
  }

  /// Process id of irqbalance, where it ran when the machine was last read.
  var irqbalance: Int? { last?.system.irqbalance?.pid }

  // MARK: notices

  /// Somebody wrote to a file that is watched.
  func noticeWrite(_ path: String, by cause: String?) {
    // The last writer is the one whose value holds.
    writes[path] = .some(cause)
    agenda.notice(.writes, at: Clock.seconds(), quiet: 0.02, limit: 0.2)
    if cause?.hasPrefix("irqbalance") == true, last?.system.irqbalance == nil { noticeChange() }
  }

  /// Something was added to the machine or removed.
  func noticeChange() {
    agenda.notice(.changes, at: Clock.seconds(), quiet: 0.15, limit: 0.8)
  }

  /// The ledger was written, by us or by another tinybox.
  func noticeLedger() {
    if let last, lookAtLedger(last) { noticeChange() }
  }

  /// Finds out whether another program applied or rolled back, which decides what is kept.
  /// - Returns: whether it did.
  private func lookAtLedger(_ inventory: Inventory) -> Bool {
    switch keeper.ledgerChange(inventory) {
    case .none: return false
    case .rolledBack:
      // Not to be undone here.
      suspend(true)
      log.record([
        EventDraft(.placementRolledBack, "the placement was rolled back by another program")
      ])
    case .applied where keeper.isSuspended:
      suspend(false)
      log.record([EventDraft(.placementApplied, "the plan was applied by another program")])
    case .applied, .changed: break
    }
    return true
  }

  /// A job of systemd ended in failure.
  func noticeFailure(unit: String) {
    log.record([EventDraft(.unitFailed, subject: unit, "\(unit) failed")])
  }

  /// A source of notices is gone, or there again.
  func noticeWatch(_ watch: DaemonDocument.Watch) {
    var wasActive: Bool?
    published.update { state in
      if let index = state.watches.firstIndex(where: { $0.name == watch.name }) {
        wasActive = state.watches[index].isActive
        state.watches[index] = watch
      } else {
        state.watches.append(watch)
      }
    }
    if !watch.isActive, wasActive != false {
      log.record([
        EventDraft(.watchLost, subject: watch.name, "cannot watch \(watch.name): \(watch.note)")
      ])
    }
  }

  // MARK: what is due

  /// Looks at files that were written.
  func lookAtWrites() {
    let now = Clock.seconds()
    let writes = self.writes
    self.writes = [:]
    log.record(keeper.written(writes, at: now))
    settled()
  }

  /// Keeps settings again that were left alone.
  func release() {
    log.record(keeper.released(at: Clock.seconds()))
    settled()
  }

  /// Reads the machine, tells what has changed, and reconciles the placement.
  func readAgain() {
    let now = Clock.seconds()
    counters.readings.add(1)
    invalidate()
    do throws(CommandFailure) {
      let inventory = try command.inventory(tree)
      if let last {
        let changes = BoxChanges.between(last, inventory)
        log.record(changes)
        keeper.added(Set(changes.filter { $0.kind == .deviceAdded }.compactMap(\.address)))
        // It may have happened while the machine was read, and its notice still wait.
        _ = lookAtLedger(inventory)
      }
      last = inventory
      // Whoever wrote while the machine was read is behind what the reading found.
      collectWrites()
      reconcile(inventory, now)
    } catch {
      fail("cannot \(error.step): \(error.cause)")
    }
    settled()
  }

  /// A reading that requests were given is older.
  private func invalidate() {
    Workers.task { [reader] in await reader.invalidate() }
  }

  private func reconcile(_ inventory: Inventory, _ now: Double) {
    do {
      if keeper.mode == nil { try keeper.takePolicy(inventory) }
      let (events, status) = try keeper.reconcile(inventory, writes: writes, at: now)
      log.record(events)
      let mode = keeper.mode
      let rejected = self.rejected
      published.update {
        $0.placement = PlacementReading(status: status, mode: mode)
        $0.configurationProblem = rejected
      }
    } catch let failure as CommandFailure {
      fail(Core.text(failure))
    } catch {
      fail("\(error)")
    }
  }

  private static func text(_ failure: CommandFailure) -> String {
    failure.cause + (failure.hint.map { "\n  \($0)" } ?? "")
  }

  /// What holds of the policy cannot be told; told once.
  private func fail(_ problem: String) {
    var isNew = false
    published.update { state in
      isNew = state.configurationProblem != problem
      state.configurationProblem = problem
      // What was told before stays where the configuration before stays in force.
      if rejected == nil {
        state.placement = PlacementReading(mode: state.placement.mode, problem: problem)
      }
    }
    if isNew { log.record([EventDraft(.configurationInvalid, problem)]) }
  }

  /// Runs all checks, elsewhere; `checked` gets what they say.
  func startChecks() {
    agenda.set(.checks, at: Clock.seconds() + Double(settings.daemon.checkSeconds))
    Workers.task { [reader] in _ = try? await reader.everything() }
  }

  /// The checks said something.
  func checked(_ report: HealthReport) {
    if let verdicts { log.record(VerdictChanges.events(since: verdicts, report)) }
    let now = VerdictChanges(report)
    if now != verdicts, let text = try? JSONEncoder().encode(now) {
      log.setState("verdicts", String(decoding: text, as: UTF8.self))
    }
    verdicts = now
    published.update { $0.checked = WallClock.now() }
    // A reading in between may be newer than the timer knows.
    agenda.set(.checks, at: Clock.seconds() + Double(settings.daemon.checkSeconds))
  }

  /// After anything that may have changed what is placed or contested.
  private func settled() {
    watchedPathsChanged = true
    agenda.set(.release, at: keeper.contest.nextRelease)
    let needs = keeper.takeNeeds()
    if needs.moved {
      // Its end is told by the ledger; a program that was killed tells nothing.
      agenda.notice(.changes, at: Clock.seconds(), quiet: 2, limit: 2)
    } else if needs.reading {
      noticeChange()
    }
    let held = keeper.contest.held
    published.update { state in
      state.drifts = keeper.drifts
      state.corrections = keeper.corrections
      state.fights = keeper.fights
      state.held = held.map { ($0.label, $0.heldUntil ?? 0, $0.cause) }
    }
  }

  // MARK: what somebody asks for

  /// Applies the plan, as `tinyboxctl placement apply`.
  func apply() throws -> [Applier.Result] {
    let results = try LiveTree.locked { try command.applied() }
    suspend(false)
    let done = results.filter { $0.outcome == .done || $0.outcome == .pending }.count
    let refused = results.filter { $0.outcome == .refused || $0.outcome == .differs }.count
    log.record([
      EventDraft(
        .placementApplied,
        "\(done) settings placed by request" + (refused > 0 ? ", \(refused) refused" : ""),
        count: done)
    ])
    readAgain()
    return results
  }

  /// Rolls back, as `tinyboxctl placement rollback`.
  func rollback() throws -> Rollback.Report {
    let report = try LiveTree.locked { try command.rolledBack() }
    suspend(true)
    if case .results(let results) = report {
      let restored = results.filter { $0.outcome == .restored }.count
      log.record([
        EventDraft(
          .placementRolledBack, "\(restored) settings put back to their original values",
          count: restored)
      ])
    }
    readAgain()
    return report
  }

  private func suspend(_ isSuspended: Bool) {
    keeper.forget()
    keeper.isSuspended = isSuspended
    // From here on it is known: the next look at the ledger is not to take it for another's doing.
    if let last { try? keeper.load(last) }
    let boot = tree.textIfPresent("/proc/sys/kernel/random/boot_id") ?? ""
    log.setState("suspended", isSuspended ? boot : "")
  }

  /// Reads the configuration again. What cannot be used changes nothing.
  func reload() {
    do {
      let settings = try ServiceSettings.read(tree)
      try keeper.takePolicy(last)
      rejected = nil
      // What was contested under the old one, or refused, is tried again.
      keeper.forget()
      self.settings = settings
      published.update { $0.checkSeconds = settings.daemon.checkSeconds }
      agenda.set(.checks, at: Clock.seconds() + Double(settings.daemon.checkSeconds))
      log.record([EventDraft(.daemonReloaded, "the configuration was read again")])
    } catch let failure as CommandFailure {
      reject(Core.text(failure))
    } catch {
      reject("\(error)")
    }
    readAgain()
  }

  /// The configuration in the files cannot be used. What was in force before stays in force.
  private func reject(_ problem: String) {
    if keeper.mode != nil { rejected = problem }
    fail(problem)
  }

  /// One line for `systemctl status`.
  var statusText: String {
    let state = published.current
    if let problem = state.configurationProblem {
      return "configuration: " + (problem.split(separator: "\n").first.map(String.init) ?? "")
    }
    let placement = state.placement
    var words = [placement.mode?.rawValue ?? "starting"]
    if let status = placement.status, status.ledger == .thisBoot {
      words.append("\(status.held) settings held")
      if !status.drifted.isEmpty { words.append("\(status.drifted.count) drifted") }
    }
    if !state.held.isEmpty { words.append("\(state.held.count) contested") }
    if let verdicts {
      let wrong = verdicts.entries.count
      words.append(wrong == 0 ? "no finding" : "\(wrong) finding" + (wrong == 1 ? "" : "s"))
    }
    return words.joined(separator: ", ")
  }

  /// Ends the main loop.
  func stop() { isStopping = true }
}
