internal import Base
internal import Operations
internal import Configuration
internal import Events
internal import HTTPService
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux

/// What the main thread knows and does. Never used by another thread: those go through `Jobs`.
final class Core {
  let log: EventLog
  let published: Published
  let counters: Counters
  let reader: BoxReader
  let keeper: PlacementKeeper
  private let jobs: Jobs
  var agenda = Agenda()
  var settings: ServiceSettings
  let tree: KernelTree
  let placement = PlacementOperations()
  /// The last reading, against which the next one is held.
  var last: Inventory?
  /// What the checks said last; kept across restarts.
  var verdicts: VerdictChanges?
  /// Counts what happened to settings, here or by others: a reading from before tells of the past.
  var moment = 0
  /// Before this moment nothing that changed makes the checks run, monotonic seconds.
  var nextRecheck = 0.0
  /// How many checks ended with each verdict; nil before they ran.
  var counts: [String: Int]?
  /// Files that somebody wrote to, and who did.
  var writes: [String: String?] = [:]
  /// A start of irqbalance was told: how many more readings are made for it until it is found, and
  /// takes the list of interrupts it leaves alone.
  var balancerLooks = 0
  /// Asked to end.
  var isStopping = false
  /// Why the configuration in the files is not the one in force; nil when it is.
  var rejected: String?
  /// Takes what came of writers in the meantime; set by the main loop.
  var collectWrites: () -> Void = {}
  /// Which files' writers to watch has changed.
  var watchedPathsChanged = true

  init(
    tree: KernelTree, log: EventLog, published: Published, counters: Counters, reader: BoxReader,
    keeper: PlacementKeeper, jobs: Jobs, settings: ServiceSettings
  ) {
    self.tree = tree
    self.log = log
    self.published = published
    self.counters = counters
    self.reader = reader
    self.keeper = keeper
    self.jobs = jobs
    self.settings = settings
    verdicts = log.state("verdicts").flatMap {
      try? JSON.decode(VerdictChanges.self, from: $0.utf8)
    }
    keeper.resume(
      wasSuspended: log.state("suspended")
        == tree.textIfPresent("/proc/sys/kernel/random/boot_id"))
    let isSuspended = keeper.isSuspended
    published.update {
      $0.checkSeconds = settings.daemon.checkSeconds
      $0.isSuspended = isSuspended
    }
  }

  /// Process id of irqbalance, where it ran when the machine was last read.
  var irqbalance: Int? { last?.system.irqbalance?.pid }

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
    moment += 1
    log.record(keeper.released(at: Clock.seconds()))
    settled()
  }

  /// Reads the machine, tells what has changed, and reconciles the placement.
  func readAgain() {
    let now = Clock.seconds()
    moment += 1
    counters.readings.add(1)
    invalidate()
    do throws(Failure) {
      compare(try placement.inventory(tree), now)
    } catch {
      fail("cannot \(error)")
    }
    settled()
  }

  /// Tells what is otherwise than in the reading before, and reconciles the placement.
  private func compare(_ inventory: Inventory, _ now: Double) {
    if let last {
      let changes = BoxChanges.between(last, inventory)
      log.record(changes)
      if !changes.isEmpty || BoxChanges.Judged(last) != BoxChanges.Judged(inventory) {
        wantChecks()
      }
      keeper.added(Set(changes.filter { $0.kind == .deviceAdded }.compactMap(\.address)))
      // It may have happened while the machine was read, and its notice still wait.
      _ = lookAtLedger(inventory)
    }
    last = inventory
    // Whoever wrote while the machine was read is behind what the reading found.
    collectWrites()
    reconcile(inventory, now)
    if balancerLooks > 0, irqbalance == nil || keeper.awaitsBalancer {
      balancerLooks -= 1
      agenda.notice(
        .changes, at: Clock.seconds(), quiet: Core.balancerSeconds, limit: Core.balancerSeconds)
    } else {
      balancerLooks = 0
    }
  }

  /// It has its process at once, and its socket when it has looked at the machine.
  private static let balancerSeconds = 2.0

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
    } catch let failure as Failure {
      fail(Core.text(failure))
    } catch {
      fail("\(error)")
    }
  }

  static func text(_ failure: Failure) -> String {
    failure.reason + (failure.hint.map { "\n  \($0)" } ?? "")
  }

  /// What holds of the policy cannot be told; told once.
  func fail(_ problem: String) {
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
  /// - Parameter isReading: what they read is also to tell what no watch told, so that the machine
  ///   is read once for both.
  func startChecks(isReading: Bool) {
    let now = Clock.seconds()
    Workers.task { [reader, jobs, moment] in
      let reading = await reader.everything()
      guard isReading else { return }
      jobs.post { core in
        guard reading.begun >= now, moment == core.moment else {
          return core.readAgain()
        }
        core.compare(reading.inventory, Clock.seconds())
        core.settled()
      }
    }
  }

  /// The checks said something.
  /// - Parameter problem: why they had no profile to hold the box against, although there is one.
  func checked(_ report: HealthReport, problem: String?) {
    let wasProblem = published.current.profileProblem
    published.update { $0.profileProblem = problem }
    if let problem {
      if problem != wasProblem { log.record([EventDraft(.configurationInvalid, problem)]) }
      // What the profile would have them say is not known.
      return
    }
    counts = report.counts
    if let verdicts { log.record(VerdictChanges.events(since: verdicts, report)) }
    let now = VerdictChanges(report, after: verdicts)
    if now != verdicts, let text = try? JSON.line(now) {
      log.setState("verdicts", String(decoding: text, as: UTF8.self))
    }
    verdicts = now
    published.update { $0.checked = WallClock.now() }
  }

  /// Sets the moment of the checks at their interval. Those that run because somebody asks change
  /// nothing about it: theirs is also the reading that finds what no watch told.
  func scheduleChecks() {
    agenda.set(.checks, at: Clock.seconds() + Double(settings.daemon.checkSeconds))
  }

  /// After anything that may have changed what is placed or contested.
  func settled() {
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
}
