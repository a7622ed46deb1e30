internal import Base
internal import Configuration
internal import Events
internal import HTTPService
internal import Health
internal import Linux

/// Runs the checks: at their interval, and when something that they judge has changed.
final class CheckController: Controller {
  private enum Item: Hashable, CaseIterable {
    /// At the interval.
    case interval
    /// Because something changed.
    case recheck
  }

  private static let settleSeconds = 3.0
  private static let recheckSeconds = 60.0

  private let context: Context
  private var timers = Timers<Item>()
  /// Before this moment nothing that changed makes the checks run, monotonic seconds.
  private var nextRecheck = 0.0
  /// What the checks said last; kept across restarts.
  private var verdicts: VerdictChanges?

  init(_ context: Context) {
    self.context = context
    verdicts = context.log.state("verdicts").flatMap {
      try? JSON.decode(VerdictChanges.self, from: $0.utf8)
    }
    schedule()
  }

  // MARK: when

  var due: Double? { timers.next }

  func handle(_ notification: Notification) {
    switch notification {
    case .checksStale: recheckSoon()
    case .configured(let settings):
      context.published.update { $0.checkSeconds = settings.daemon.checkSeconds }
      recheckSoon()
      schedule()
    default: break
    }
  }

  func run(at now: Double) {
    for item in timers.due(at: now) {
      switch item {
      case .interval:
        schedule()
        start(isReading: true)
      case .recheck:
        nextRecheck = now + CheckController.recheckSeconds
        start(isReading: false)
      }
    }
  }

  /// Sets the moment of the checks at their interval. Checks that a request runs leave it alone:
  /// those at the interval also find what no source reported.
  private func schedule() {
    timers.set(.interval, at: Clock.seconds() + Double(context.settings.daemon.checkSeconds))
  }

  /// They run when what changed had time to settle, as drivers and links of a new device need, and
  /// once a minute however much happens.
  private func recheckSoon() {
    guard !timers.has(.recheck) else { return }
    timers.set(.recheck, at: max(Clock.seconds() + CheckController.settleSeconds, nextRecheck))
  }

  // MARK: running

  /// Runs all checks, elsewhere; `took` gets what they say.
  /// - Parameter isReading: what they read also serves to find what no source reported, so that the
  ///   machine is read once for both.
  func start(isReading: Bool) {
    let now = Clock.seconds()
    let moment = context.moment
    WorkerPool.task { [reader = context.reader, queue = context.queue] in
      let reading = await reader.full()
      guard isReading else { return }
      queue.post { controllers in
        let machine = controllers.the(MachineController.self)
        machine.take(reading.inventory, isCurrent: reading.begun >= now, moment: moment)
      }
    }
  }

  /// The checks said something.
  /// - Parameter problem: why they had no profile to compare the box with, although there is one.
  func took(_ report: HealthReport, problem: String?) {
    let wasProblem = context.published.current.profileProblem
    context.published.update { $0.profileProblem = problem }
    if let problem {
      if problem != wasProblem {
        context.log.record([EventDraft(.configurationInvalid, problem)])
      }
      // What the profile would have them say is not known.
      return
    }
    if let verdicts { context.log.record(VerdictChanges.events(since: verdicts, report)) }
    let now = VerdictChanges(report, after: verdicts)
    if now != verdicts, let text = try? JSON.line(now) {
      context.log.setState("verdicts", String(decoding: text, as: UTF8.self))
    }
    verdicts = now
    status = CheckController.status(now, report.counts)
    context.published.update { $0.checked = WallClock.now() }
  }

  private(set) var status = ["no checks yet"]

  /// Made when checks ran, as it is asked for at every turn of the loop.
  private static func status(_ verdicts: VerdictChanges, _ counts: [String: Int]) -> [String] {
    let wrong = verdicts.entries.count
    var words = [wrong == 0 ? "no finding" : "\(wrong) finding" + (wrong == 1 ? "" : "s")]
    if let unknown = counts[Verdict.unknown.rawValue] {
      words.append("\(unknown) checks unknown")
    }
    return words
  }
}
