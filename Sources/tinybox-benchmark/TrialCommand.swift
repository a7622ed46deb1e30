import ArgumentParser
internal import Base
internal import BenchmarkRunner
internal import Benchmarks
internal import History
internal import Linux
internal import LoadKernels
internal import Operations

/// Run by tinyboxctl alone: each of the two puts the settings back when the other is killed.
struct Trial: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Try the placement of a device. Prints progress and, last, the trial.")

  @Argument(help: "The device.") var device: String
  @Option(help: ArgumentHelp("Peer, length and the like, as JSON.", valueName: "json"))
  var options = "{}"
  @Option(name: .customLong("load"), help: "Only this load; may be given several times.")
  var loads: [String] = []
  @Option(help: ArgumentHelp("Use this policy.", valueName: "file")) var policy: String?
  @Flag(help: "Try what the plan changes, and keep it unless it is worse.") var prove = false
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    // Before any thread is made, so that all have the signals blocked.
    let signals = try SignalReader()
    let stop = StopFlag()
    let watcher = try OwnThread { watch(signals, stop) }
    defer { withExtendedLifetime(watcher) {} }
    try ended {
      try ParentProcess.requestTermination()
      if !CallingUser.isRoot {
        throw Failure(
          "try the placement of \(device)", because: "only root may", hint: "run it with sudo",
          code: .notPermitted)
      }
      // Neither a run nor another trial beside it.
      let lock = try database.lock()
      defer { withExtendedLifetime(lock) {} }
      do {
        let trial = try trial(stop)
        try Terminal.write(
          String(decoding: JSON.line(BenchmarkTrialDocument([trial])), as: UTF8.self) + "\n")
      } catch let failure as Failure where stop.isStopped {
        try? Terminal.write(
          failure.lines(of: "tinybox-benchmark").joined(separator: "\n") + "\n", to: 2)
        throw ExitCode(130)
      }
    }
  }

  private func trial(_ stop: StopFlag) throws -> BenchmarkTrialDocument.Device {
    let asked: BenchmarkOptions
    do {
      asked = try JSON.decode(BenchmarkOptions.self, from: options.utf8)
    } catch {
      throw Failure("understand --options", error, code: .usage)
    }
    let operations = PlacementOperations(policyFile: policy)
    // A trial whose program died comes to its end first: it is no state to compare with.
    try operations.locked {}
    let preparation = try TrialPreparation(
      device, asked, loads: loads, onlyChanges: prove, operations)
    try Trial.checkPrograms(preparation)
    let store = database.noStore ? nil : try database.open()
    let folder = try TemporaryFolder()
    let session = MeasuringSession(box: preparation.box, folder: folder.path, stop: stop)
    var runner = TrialRunner(
      preparation.planned, preparation.loads, try preparation.settings(operations)
    ) { (planned) throws(Failure) in
      guard let measurer = Measurers.named(planned.series.suite) else {
        throw Failure("measure \(planned.series.key)", because: "no program measures it")
      }
      return try measurer.measure(planned, session)
    }
    runner.conditions = preparation.conditions
    runner.keeps = prove
    runner.waits = asked.waits
    runner.isStopped = { stop.isStopped }
    runner.store = { (trial) throws(Failure) in try store?.append(trial) ?? trial }
    runner.progress = { now in
      guard let line = try? JSON.line(now) else { return }
      try? Terminal.write(String(decoding: line, as: UTF8.self) + "\n")
    }
    return try runner.run()
  }

  private static func checkPrograms(_ preparation: TrialPreparation) throws(Failure) {
    for load in preparation.loads {
      let programs = Measurers.named(load.on.series.suite)?.plan.info.programs ?? []
      guard let missing = programs.first(where: { ProgramPath.find($0) == nil }) else { continue }
      throw Failure(
        "measure the load \(load.name)", because: "this machine has no program \(missing)",
        hint: "install the package that has it", code: .notFound)
    }
  }
}
