package import Base
package import Benchmarks
package import Inventory
internal import Linux
package import LoadKernels
internal import Synchronization

/// Loads a machine with everything at once, watches it, and judges.
package struct SoakRunner {
  /// Seconds that it runs.
  package var seconds: Double
  /// The loads.
  package var loads: [SoakLoad]
  /// A look at the machine: the parts of `SoakWatch.parts`.
  package var look: () throws(Failure) -> Inventory
  /// Facts of the machine, for the report.
  package var context: [String: String] = [:]
  /// Id of the boot, for the report.
  package var boot: String?
  /// Version of this program.
  package var program: String
  /// Ends it from outside.
  package var stop = StopFlag()
  /// Folder of the leases.
  package var leaseFolder = DeviceLease.folder
  /// Told at each look.
  package var progress: (BenchmarkProgress) -> Void = { _ in }

  /// The longest soak: 7 days.
  package static let longest = 7 * 86_400.0
  /// Seconds between two looks.
  var interval = 1.0
  /// Seconds that a load may take to end. What a drive does not answer cannot be ended.
  private static let patience = 15.0

  /// A soak of some loads.
  package init(
    seconds: Double, loads: [SoakLoad], program: String,
    look: @escaping () throws(Failure) -> Inventory
  ) {
    self.seconds = seconds
    self.loads = loads
    self.program = program
    self.look = look
  }

  /// The soak, from the first look to the verdict. Afterwards nothing of it runs, but for a load that does
  /// not end, which the report names.
  /// - Throws: `Failure` for a time that is none. A load that fails is part of the report.
  package func run() throws(Failure) -> SoakReport {
    guard seconds.isFinite, seconds >= 1, seconds <= SoakRunner.longest else {
      throw Failure(
        "soak for \(seconds) s", because: "its time must be 1 s to 7 days", code: .usage)
    }
    let started = Clock.utc()
    var watch = SoakWatch(loaded: Set(loads.filter { $0.obstacle == nil }.flatMap(\.devices)))
    let begin = Clock.seconds()
    // Before anything is loaded.
    look(&watch, 0)
    let running = RunningLoads(within: stop)
    if watch.critical == nil {
      for load in loads { running.start(load, seconds: seconds, leaseFolder: leaseFolder) }
    }
    let end = follow(running, &watch, begin)
    let ran = Clock.seconds() - begin
    running.end(patience: SoakRunner.patience)
    if end != .stopped { look(&watch, ran) }
    var report = SoakReport(
      started: started, finished: Clock.utc(), program: program, plannedSeconds: seconds,
      seconds: ran, end: end, looks: watch.looks, boot: boot, context: context)
    running.fill(&report)
    watch.fill(&report)
    if report.clock == nil {
      report.unknown.append(
        SoakUnknown("clock of the CPUs", "too few undisturbed samples at the beginning or end"))
    }
    SoakJudge.judge(&report)
    return report
  }

  /// Looks each second until something ends the soak.
  private func follow(
    _ running: RunningLoads, _ watch: inout SoakWatch, _ begin: Double
  ) -> SoakReport.End {
    var next = begin + interval
    while true {
      if stop.isStopped { return .stopped }
      if watch.critical != nil { return .criticalTemperature }
      if watch.isBlind { return .unwatched }
      if running.wrongResults > 0 { return .wrongResult }
      let now = Clock.seconds()
      if now >= begin + seconds { return .deadline }
      // Loads end with their time, some moments before or after it.
      if running.count == 0 && now < begin + seconds - 2 * interval { return .noLoad }
      if now >= next {
        // Not faster than the machine answers.
        look(&watch, now - begin)
        next = max(next + interval, Clock.seconds())
        report(running, now - begin)
        continue
      }
      Clock.sleep(seconds: min(0.05, max(0, min(next, begin + seconds) - now)))
    }
  }

  private func look(_ watch: inout SoakWatch, _ passed: Double) {
    do throws(Failure) {
      watch.look(try look(), at: passed)
    } catch {
      watch.fail("\(error)")
    }
  }

  private func report(_ running: RunningLoads, _ passed: Double) {
    progress(
      BenchmarkProgress(
        run: "", state: .running, measuring: "soak: " + running.names.joined(separator: ", "),
        done: Int(passed), planned: Int(seconds), secondsLeft: max(0, seconds - passed),
        processID: ProcessNames.own))
  }
}

/// The loads of a soak while they run, each on a thread of its own.
private final class RunningLoads: Sendable {
  private struct State {
    var report: SoakLoadReport
    var clock: SoakClock?
    var isRunning: Bool
  }
  private let states = Mutex<[State]>([])
  private let threads = Mutex<[Int: OwnThread]>([:])
  /// Devices of the loads that run, for all of them: a GPU has two. A load that does not end keeps them.
  private let held = Mutex<(leases: [Leases], devices: Set<PCIAddress>)>(([], []))
  private let stop: StopFlag

  init(within stop: StopFlag) { self.stop = StopFlag(within: stop) }

  var wrongResults: Int { states.withLock { $0.reduce(0) { $0 + $1.report.wrongResults } } }
  var names: [String] { states.withLock { $0.filter(\.isRunning).map(\.report.name) } }
  var count: Int { states.withLock { $0.count(where: \.isRunning) } }

  func start(_ load: SoakLoad, seconds: Double, leaseFolder: String) {
    var report = SoakLoadReport(load.name, devices: load.devices, .ran)
    switch load.obstacle {
    case .notApplicable(let reason): (report.outcome, report.reason) = (.notApplicable, reason)
    case .skipped(let reason): (report.outcome, report.reason) = (.skipped, reason)
    case nil:
      do throws(Failure) {
        if let holder = try take(load.devices, leaseFolder) {
          (report.outcome, report.reason) = (.skipped, "in use by \(holder)")
        }
      } catch {
        (report.outcome, report.reason) = (.skipped, "\(error)")
      }
    }
    let isRunning = report.outcome == .ran
    let index = states.withLock { [report] states in
      states.append(State(report: report, isRunning: isRunning))
      return states.count - 1
    }
    if !isRunning { return }
    do throws(Failure) {
      let thread = try OwnThread { [self] in
        work(load, index, SoakTime(seconds: seconds, stop: stop))
      }
      threads.withLock { $0[index] = thread }
    } catch {
      finish(index, .failure(error), seconds: 0)
    }
  }

  /// Takes the devices that no other load of this soak has.
  /// - Returns: who holds one of them; nil when all were taken.
  private func take(_ devices: [PCIAddress], _ folder: String) throws(Failure) -> String? {
    try held.withLock { (held) throws(Failure) in
      let missing = devices.filter { !held.devices.contains($0) }
      var leases = Leases()
      let holder = try leases.take(
        missing, for: "benchmark soak", folder: folder, waits: false, isStopped: { false })
      if holder == nil {
        held.leases.append(leases)
        held.devices.formUnion(missing)
      }
      return holder
    }
  }

  /// What the thread of a load does.
  private func work(_ load: SoakLoad, _ index: Int, _ time: SoakTime) {
    let begin = Clock.seconds()
    let outcome = Result { () throws(Failure) in try load.run(time) }
    finish(index, outcome, seconds: Clock.seconds() - begin)
  }

  private func finish(_ index: Int, _ outcome: Result<SoakWork, Failure>, seconds: Double) {
    states.withLock { states in
      var report = states[index].report
      report.seconds = seconds
      switch outcome {
      case .success(let work):
        report.bytes = work.bytes.flatMap { $0.isFinite ? $0 : nil }
        report.operations = work.operations.flatMap { $0.isFinite ? $0 : nil }
        report.checkedResults = work.checkedResults
        report.wrongResults = work.wrongResults
        report.details = work.details
        states[index].clock = work.clock
      case .failure(let failure):
        report.outcome = .failed
        report.reason = "\(failure)"
      }
      states[index].report = report
      states[index].isRunning = false
    }
  }

  /// Ends all of them.
  func end(patience: Double) {
    stop.stop()
    let last = Clock.seconds() + patience
    while count > 0, Clock.seconds() < last { Clock.sleep(seconds: 0.01) }
    let running = states.withLock { states in
      Set(states.indices.filter { states[$0].isRunning })
    }
    for (index, thread) in threads.withLock({ $0 }) where !running.contains(index) {
      thread.join()
    }
    if running.isEmpty { held.withLock { $0 = ([], []) } }
    states.withLock { states in
      for index in running where states[index].isRunning {
        states[index].report.outcome = .failed
        states[index].report.reason =
          "it did not end within \(Units.decimal(patience, places: 0)) s"
      }
    }
  }

  func fill(_ report: inout SoakReport) {
    let states = states.withLock { $0 }
    report.loads = states.map(\.report)
    report.clock = states.lazy.compactMap(\.clock).first
  }
}
