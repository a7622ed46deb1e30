package import Base
package import Benchmarks
package import Inventory
internal import Linux
package import LoadKernels
internal import Operations

/// Carries out a run: plans, leases, measures, judges, keeps, reports progress.
package struct BenchmarkRunner {
  /// What to measure, and how to know the machine.
  package var options: BenchmarkOptions
  /// The machine, read before the first measurement.
  package var readMachine: () throws(Failure) -> Inventory
  /// What changes with a load, read after each: clocks, temperatures, power.
  package var readSensors: () throws(Failure) -> Inventory
  /// Ids of failed checks on the path of a measurement.
  package var failedChecks: (PlannedMeasurement) -> [String] = { _ in [] }
  /// The suites that can be measured.
  package var measurers: [any Measurer.Type] = Measurers.all
  /// Where results go.
  package var sink: any BenchmarkSink
  /// Told at each step.
  package var progress: (BenchmarkProgress) -> Void
  /// What may be written to drives this week; nil where it is not known what was written.
  package var writeBudget: WriteBudget?
  /// Whether the run is to stop.
  package var stop: StopFlag
  /// Version of this program.
  package var program: String
  /// Folder of the leases.
  package var leaseFolder = DeviceLease.folder
  /// Another root folder for the files of hosted runtimes.
  package var runtimeRoot = ""

  /// A runner.
  package init(
    options: BenchmarkOptions, program: String, sink: any BenchmarkSink,
    readMachine: @escaping () throws(Failure) -> Inventory,
    readSensors: (() throws(Failure) -> Inventory)? = nil,
    progress: @escaping (BenchmarkProgress) -> Void = { _ in },
    stop: StopFlag = StopFlag()
  ) {
    self.options = options
    self.program = program
    self.sink = sink
    self.readMachine = readMachine
    self.readSensors = readSensors ?? readMachine
    self.progress = progress
    self.stop = stop
  }

  /// The run, from the first reading of the machine to the last result.
  /// - Throws: `Failure` when a suite is not known, the machine cannot be read, or a result cannot be kept.
  ///   A measurement that fails is a result and throws nothing.
  package func run() throws(Failure) -> BenchmarkRun {
    let chosen = try BenchmarkRunner.chosen(options.suites, of: measurers)
    let inventory = try readMachine()
    var box = BenchmarkBox(inventory, options).withRoutes().withRuntimes(root: runtimeRoot)
    box.writeBudget = writeBudget
    try BenchmarkRunner.check(options.devices, box)
    try BenchmarkRunner.check(consents: options.consentSerials, inventory)
    let plan = chosen.flatMap { measurer in
      measurer.plan.measurements(box).map { (measurer, $0) }
    }
    var run = BenchmarkRun(
      id: try BenchmarkRunner.newID(), started: Clock.utc(), boot: inventory.machine.bootID,
      trigger: options.trigger, program: program, isQuick: options.isQuick,
      suites: chosen.map { $0.plan.info.name },
      context: BenchmarkContext.machine(box).merging(ControlGroupLimits().machineFacts) { $1 })
    let folder = try TemporaryFolder()
    // Its path alone is used from here on, and an object may end after its last use.
    defer { withExtendedLifetime(folder) {} }
    let session = MeasuringSession(box: box, folder: folder.path, stop: stop)
    try sink.begin(run)
    var rest = plan[...]
    while let (measurer, first) = rest.first, !stop.isStopped {
      let group = rest.prefix {
        $0.0 == measurer && ($0.1.series == first.series || $0.1.belongs(with: first))
      }.map(\.1)
      report(run, first, rest.map(\.1), done: run.results.count, planned: plan.count)
      guard let results = try measure(group, measurer, session) else { break }
      for result in results {
        run.results.append(result)
        try sink.append(result, to: run.id)
      }
      rest = rest.dropFirst(group.count)
    }
    run.state = run.results.count == plan.count ? .done : .aborted
    run.finished = Clock.utc()
    try sink.finish(run)
    report(run, nil, [], done: run.results.count, planned: plan.count)
    return run
  }

  /// The results of measurements that are made together; nil when the run was stopped meanwhile.
  private func measure(
    _ group: [PlannedMeasurement], _ measurer: any Measurer.Type, _ session: MeasuringSession
  ) throws(Failure) -> [BenchmarkResult]? {
    if let first = group.first, let obstacle = first.obstacle {
      return [ResultJudge.result(first, obstacle)]
    }
    if let missing = measurer.plan.info.programs.first(where: { ProgramPath.find($0) == nil }) {
      let reason = "this machine has no program \(missing)"
      return group.map { ResultJudge.result($0, .notApplicable(reason)) }
    }
    let devices = group.flatMap(\.devices)
    var leases = Leases()
    // Nothing reads them after they were taken, and they may end after their last use.
    defer { withExtendedLifetime(leases) {} }
    var obstacle: String?
    do throws(Failure) {
      obstacle = try leases.take(
        devices, for: "benchmark \(measurer.plan.info.name)", folder: leaseFolder,
        waits: options.waits, isStopped: { stop.isStopped }
      ).map { "in use by \($0)" }
    } catch {
      // Only root may take a lease. The rest of the run does not depend on this device.
      obstacle = "\(error)"
    }
    if let obstacle {
      if stop.isStopped { return nil }
      return group.map { ResultJudge.result($0, .skipped(obstacle)) }
    }
    let outcomes = measurer.measure(together: group, session)
    // What was measured while it was stopped is cut short.
    if stop.isStopped { return nil }
    // Read after the load, while its heat is there.
    let now = (try? readSensors()).map { BenchmarkBox($0, options) }
    return zip(group, outcomes).map { planned, outcome in
      var result: BenchmarkResult
      switch outcome {
      case .success(let observation):
        result = ResultJudge.result(
          planned, observation, isQuick: options.isQuick, failedChecks: failedChecks(planned))
      case .failure(let failure):
        result = BenchmarkResult(
          planned.series, BenchmarkRunner.verdict(failure), reason: "\(failure)")
        result.ceiling = planned.ceiling
        // How much of it was written is not known: all of it counts.
        if result.verdict == .failed, let load = try? FioParameters(planned.parameters) {
          result.details = load.writeDetails
        }
      }
      let devices = BenchmarkContext.devices(
        planned.devices + planned.observedDevices, session.box)
      result.context.merge(devices) { _, fact in fact }
      let limits = ControlGroupLimits().facts(planned.devices, session.box.inventory)
      result.context.merge(limits) { $1 }
      let queues = NetworkQueues.facts(planned.devices, session.box.inventory)
      result.context.merge(queues) { $1 }
      if let now {
        let readings = BenchmarkContext.readings(
          planned.devices + planned.observedDevices, now)
        result.details.merge(readings) { measured, _ in measured }
      }
      return result
    }
  }

  /// What a measurement that could not be made is: some obstacles show only when it is tried.
  private static func verdict(_ failure: Failure) -> BenchmarkResult.Verdict {
    switch failure.code {
    case .notFound: .notApplicable
    case .notPermitted, .busy: .skipped
    default: .failed
    }
  }

  private func report(
    _ run: BenchmarkRun, _ now: PlannedMeasurement?, _ rest: [PlannedMeasurement], done: Int,
    planned: Int
  ) {
    let left = rest.reduce(0.0) {
      $0 + ($1.obstacle != nil ? 0 : options.isQuick ? $1.quickSeconds : $1.seconds)
    }
    progress(
      BenchmarkProgress(
        run: run.id, state: run.state,
        measuring: now.map { "\($0.series.suite) \($0.series.metric): \($0.series.subject)" },
        done: done, planned: planned, secondsLeft: left, processID: ProcessNames.own))
  }

  // MARK: what was asked for

  /// The measurers of suites, in the order of all.
  static func chosen(
    _ names: [String], of all: [any Measurer.Type]
  ) throws(Failure) -> [any Measurer.Type] {
    try SuitePlans.check(names, known: all.map { $0.plan.info.name })
    return names.isEmpty ? all : all.filter { names.contains($0.plan.info.name) }
  }

  private static func check(_ devices: [String], _ box: BenchmarkBox) throws(Failure) {
    for name in devices where DeviceSubject(name, in: box.inventory) == nil {
      throw Failure(
        "measure '\(name)'", because: "this machine has no such device",
        hint: "'tinyboxctl devices' lists all", code: .notFound)
    }
  }

  /// A serial number that no drive has is a mistake: what was meant would not be measured.
  private static func check(consents: [String], _ inventory: Inventory) throws(Failure) {
    for serial in consents where !inventory.nvme.contains(where: { $0.serial == serial }) {
      throw Failure(
        "overwrite the drive with the serial number '\(serial)'",
        because: "this machine has no such drive",
        hint: "'sudo tinyboxctl devices --serials' lists all", code: .notFound)
    }
  }

  private static func newID() throws(Failure) -> String {
    let digits = Array("0123456789abcdef")
    return String(
      try RandomBytes.make(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
