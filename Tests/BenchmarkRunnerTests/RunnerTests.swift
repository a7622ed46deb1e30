import Base
import Inventory
import KernelTree
import Linux
import LoadKernels
import Synchronization
import Testing

@testable import BenchmarkRunner
@testable import Benchmarks

/// A suite whose measurements do what their parameters say.
private enum MadeUpPlan: SuitePlan {
  static let info = SuiteInfo("made-up", "For tests.")
  static let device = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)

  static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let actions = ["works", "fails", "works", "obstacle", "stops", "works"]
    return actions.enumerated().map { index, action in
      PlannedMeasurement(
        BenchmarkSeries(
          suite: "made-up", metric: action, subjectKey: "\(index)", subject: "\(index)",
          unit: .seconds), devices: [device], seconds: 1, quickSeconds: 1,
        parameters: ["action": box.options.isQuick && action == "stops" ? "works" : action],
        obstacle: action == "obstacle" ? .notApplicable("no such thing") : nil)
    }
  }
}

private enum MadeUpMeasurer: Measurer {
  static let plan: any SuitePlan.Type = MadeUpPlan.self

  static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    switch planned.parameters["action"] {
    case "fails": throw Failure("measure it", because: "it broke")
    case "stops": session.stop.stop()
    default: break
    }
    return Observation(
      [1, 1.1, 1, 1.1, 1, 1.1, 1], details: ["program": "made-up 1"], settings: ["program"],
      mayHaveWarmUp: false)
  }
}

/// Keeps what it is given.
private final class MemorySink: BenchmarkSink {
  let calls = Mutex<[String]>([])
  let last = Mutex<BenchmarkRun?>(nil)

  func begin(_ run: BenchmarkRun) { calls.withLock { $0.append("begin") } }
  func append(_ result: BenchmarkResult, to run: String) {
    calls.withLock { $0.append(result.verdict.rawValue) }
  }
  func finish(_ run: BenchmarkRun) {
    calls.withLock { $0.append(run.state.rawValue) }
    last.withLock { $0 = run }
  }
}

@Suite struct RunnerTests {
  private func runner(
    _ sink: MemorySink, quick: Bool = true, leases: String
  ) -> BenchmarkRunner {
    var options = BenchmarkOptions()
    options.isQuick = quick
    var runner = BenchmarkRunner(
      options: options, program: "1.2.3", sink: sink,
      readMachine: { () throws(Failure) in Inventory(origin: "made up") })
    runner.measurers = [MadeUpMeasurer.self]
    runner.leaseFolder = leases
    return runner
  }

  @Test func `each measurement becomes a result, kept at once`() throws {
    let folder = try TemporaryFolder()
    let sink = MemorySink()
    let run = try runner(sink, leases: folder.path + "/leases").run()
    #expect(run.state == .done)
    #expect(
      sink.calls.withLock { $0 } == [
        "begin", "measured", "failed", "measured", "notApplicable", "measured", "measured", "done",
      ])
    #expect(run.results[1].reason == "measure it: it broke")
    #expect(run.results[3].reason == "no such thing")
    #expect(run.id.count == 16)
    #expect(run.results[0].context == ["devices": "01:00.0", "program": "made-up 1"])
  }

  @Test func `a stopped run keeps what was measured and ends as aborted`() throws {
    let folder = try TemporaryFolder()
    let sink = MemorySink()
    let run = try runner(sink, quick: false, leases: folder.path + "/leases").run()
    #expect(run.state == .aborted)
    #expect(run.results.count == 4)
    #expect(sink.calls.withLock { $0.last } == "aborted")
  }

  @Test func `a device in use is left out, and its holder named`() throws {
    let folder = try TemporaryFolder()
    let leases = folder.path + "/leases"
    // flock(2) belongs to the open file: this process may hold it against itself.
    guard
      case .taken(let lease) = try DeviceLease.take(
        MadeUpPlan.device, for: "runtime llama", folder: leases)
    else {
      Issue.record("nobody else holds it")
      return
    }
    let run = try runner(MemorySink(), leases: leases).run()
    #expect(run.state == .done)
    let reasons = Set(run.results.filter { $0.verdict == .skipped }.compactMap(\.reason))
    #expect(reasons == ["in use by runtime llama (process \(ProcessNames.own))"])
    #expect(DeviceLease.holder(of: MadeUpPlan.device, folder: leases)?.name == "runtime llama")
    withExtendedLifetime(lease) {}
  }

  @Test func `a lease that cannot be taken leaves its measurements out, not the run`() throws {
    let folder = try TemporaryFolder()
    // A file stands where the folder of the leases has to be.
    let place = folder.path + "/file"
    try DurableFile.write(Array("no folder".utf8), to: place)
    let sink = MemorySink()
    let run = try runner(sink, leases: place + "/leases").run()
    #expect(run.state == .done)
    #expect(
      run.results.map(\.verdict) == [
        .skipped, .skipped, .skipped, .notApplicable, .skipped, .skipped,
      ])
    #expect(run.results[0].reason?.contains(place) == true)
    #expect(sink.calls.withLock { $0.last } == "done")
  }

  @Test func `a lease ends with its holder`() throws {
    let folder = try TemporaryFolder()
    do {
      let attempt = try DeviceLease.take(MadeUpPlan.device, for: "one", folder: folder.path)
      guard case .taken = attempt else {
        Issue.record("nobody else holds it")
        return
      }
      #expect(DeviceLease.holder(of: MadeUpPlan.device, folder: folder.path) != nil)
    }
    #expect(DeviceLease.holder(of: MadeUpPlan.device, folder: folder.path) == nil)
  }

  @Test func `an unknown suite or device is refused before anything is measured`() throws {
    let folder = try TemporaryFolder()
    var one = runner(MemorySink(), leases: folder.path)
    one.options.suites = ["made-upp"]
    let suite = #expect(throws: Failure.self) { try one.run() }
    #expect(suite?.code == .usage)
    #expect(suite?.hint?.contains("did you mean 'made-up'?") == true)
    one.options.suites = []
    one.options.devices = ["GPU9"]
    let device = #expect(throws: Failure.self) { try one.run() }
    #expect(device?.code == .notFound)
    one.options.devices = []
    one.options.consentSerials = ["S9"]
    let serial = #expect(throws: Failure.self) { try one.run() }
    #expect(serial?.code == .notFound && serial?.reason == "this machine has no such drive")
  }
}
