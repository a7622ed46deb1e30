import Base
import Linux
import Operations
import Placement
import TestMachines
import TestSupport
import Testing

@testable import BenchmarkRunner
@testable import Benchmarks

/// A trial on a machine in memory, whose load is as fast as its settings make it.
@Suite(.seeded) struct TrialRunnerTests {
  private static let device = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)
  private static let path = "/proc/irq/30/smp_affinity_list"

  private static var plan: Plan {
    var plan = Plan(origin: "test")
    plan.changes = [
      Change(
        .interrupt(30, device: device, action: "nvme0q0"), subject: "nvme0", device: device,
        old: "0-7", new: "2", why: "")
    ]
    return plan
  }

  private static func load(_ name: String = "random-read") -> TrialLoad {
    let planned = PlannedMeasurement(
      BenchmarkSeries(
        suite: "nvme", metric: name, subjectKey: "S1", subject: "nvme0n1",
        unit: .operationsPerSecond), devices: [device], seconds: 2, quickSeconds: 2)
    return TrialLoad(name: name, on: planned, off: planned)
  }

  private let folder: TemporaryFolder
  private let bench = Bench(plan)

  init() throws { folder = try TemporaryFolder() }

  /// - Parameter speed: of the load, by whether the setting is at its placed value and the number of the
  ///   measurement, the one that warms up included.
  private func runner(
    keeps: Bool = false, _ speed: @escaping (Bool, Int) throws(Failure) -> [Double]
  ) throws -> TrialRunner {
    let plan = try TrialPlan(
      Self.plan, nil, numbers: bench.interrupts, device: Self.device, subject: "nvme0",
      onlyChanges: false)
    var device = BenchmarkTrialDocument.Device(
      device: "nvme0", address: Self.device, plan: plan.id, outcome: .planned)
    device.settings = [.init(name: Self.path, detail: nil, off: "0-7", on: "2")]
    device.loads = [Self.load().planned]
    var count = 0
    let bench = bench
    var runner = TrialRunner(
      device, [Self.load()],
      SwitchedPlacement(plan, on: bench, interrupts: { bench.interrupts })
    ) { (planned) throws(Failure) in
      count += 1
      return Observation(try speed(bench.files[Self.path] == Array("2\n".utf8), count))
    }
    runner.keeps = keeps
    runner.leaseFolder = folder.path + "/leases"
    return runner
  }

  /// Nine samples around a speed.
  private static func samples(_ speed: Double, tail: Double = 1) -> [Double] {
    let shares: [Double] = [tail, tail, 0.99, 0.995, 1, 1, 1.005, 1.01, 1.02]
    return shares.map { $0 * speed }
  }

  private func expectFound() throws {
    #expect(bench.files == Bench(Self.plan).files)
    let ledger = try bench.ledger.map { try Ledger.decode($0) }
    #expect(ledger?.trial == nil && ledger?.entries.isEmpty != false)
  }

  @Test func `a gain is found at the first look, and everything is as it was`() throws {
    var order: [Bool] = []
    var progress: [BenchmarkProgress] = []
    var runner = try runner { isOn, count in
      order.append(isOn)
      return Self.samples((isOn ? 110 : 100) + Double(count % 3))
    }
    runner.progress = { progress.append($0) }
    var stored: [BenchmarkTrial] = []
    runner.conditions = .init(identity: "S1", address: Self.device, kernel: "6.1.0-1")
    runner.store = { (trial) throws(Failure) in
      stored.append(trial)
      var trial = trial
      trial.id = 7
      return trial
    }
    let device = try runner.run()
    let trial = try #require(device.loads[0].trial)
    #expect(trial.verdict == .gain)
    #expect(trial.pairs.count == 8 && trial.looks == 1)
    #expect(trial.low > 1.05 && trial.ratio < 1.15 && trial.high > trial.ratio)
    #expect(trial.device == "S1" && trial.series == "nvme.random-read/S1")
    #expect(trial.plan == "\(device.plan ?? ""): 1 setting of nvme0")
    #expect(trial.id == 7 && stored.count == 1)
    #expect(trial.conditions == runner.conditions && trial.planID == device.plan ?? "")
    #expect(device.outcome == .putBack)
    // One to warm up, then off, on, on, off, off ...
    let pairs: [[Bool]] = (0..<8).map { $0 % 2 == 0 ? [false, true] : [true, false] }
    var expected: [Bool] = [false]
    for pair in pairs { expected += pair }
    #expect(order == expected)
    #expect(progress.count == 17)
    #expect(progress.last?.planned == 16 && progress.last?.done == 15)
    #expect(progress.last?.measuring == "nvme0 random-read, pair 8, placement off")
    #expect(progress.last?.secondsLeft == 2)
    try expectFound()
  }

  @Test func `no difference takes all looks`() throws {
    var generator = SeededGenerator()
    let trial = try runner { _, _ in
      Self.samples(100 + Double.random(in: -1...1, using: &generator))
    }.run().loads[0].trial
    #expect(trial?.verdict == .noGainShown)
    #expect(trial?.pairs.count == 24 && trial?.looks == 5)
    try expectFound()
  }

  @Test func `a loss is put back, and a gain kept, when it is to be proven`() throws {
    let worse = try runner(keeps: true) { isOn, count in
      Self.samples((isOn ? 90 : 100) + Double(count % 2))
    }.run()
    #expect(worse.loads[0].trial?.verdict == .worse && worse.outcome == .putBack)
    try expectFound()
    let better = try runner(keeps: true) { isOn, count in
      Self.samples((isOn ? 110 : 100) + Double(count % 2))
    }.run()
    #expect(better.outcome == .kept)
    #expect(bench.files[Self.path] == Array("2\n".utf8))
    #expect(try Ledger.decode(try #require(bench.ledger)).entries.map(\.applied) == ["2"])
  }

  @Test func `a tail that falls by more than the median gains is worse`() throws {
    let device = try runner(keeps: true) { isOn, count in
      Self.samples((isOn ? 105 : 100) + Double(count % 3), tail: isOn ? 0.6 : 0.98)
    }.run()
    #expect(device.loads[0].trial?.verdict == .worse)
    #expect(device.loads[0].isTailWorse == true)
    #expect(try #require(device.loads[0].trial).ratio > 1.03)
    #expect(try #require(device.loads[0].tailRatio) < 0.7)
    try expectFound()
  }

  @Test func `of several loads one that loses is enough`() throws {
    var loads = try runner(keeps: true) { _, _ in [] }
    loads.loads = [Self.load("random-read"), Self.load("sequential-read")]
    loads.device.loads = loads.loads.map(\.planned)
    let bench = bench
    loads.measure = { (planned) throws(Failure) in
      let isOn = bench.files[Self.path] == Array("2\n".utf8)
      let isWorse = planned.series.metric == "sequential-read"
      return Observation(Self.samples(isOn ? isWorse ? 90 : 110 : 100))
    }
    let device = try loads.run()
    #expect(device.loads.map { $0.trial?.verdict } == [.gain, .worse])
    #expect(device.outcome == .putBack)
    try expectFound()
  }

  // MARK: ends before the verdict

  /// The first measurement warms up, then come two for each pair.
  @Test(arguments: 1...17)
  func `a measurement that fails, at any time, leaves what was found`(number: Int) throws {
    let failure = #expect(throws: Failure.self) {
      try runner { (isOn, count) throws(Failure) in
        if count == number { throw Failure("run fio", because: "it broke") }
        return Self.samples(isOn ? 110 : 100)
      }.run()
    }
    #expect(failure?.reason.contains("it broke") == true)
    // What cannot be measured shows before anything is switched.
    if number == 1 { #expect(bench.ledger == nil) }
    try expectFound()
  }

  @Test(arguments: 1...17)
  func `a stop at any time leaves what was found`(number: Int) throws {
    var isStopped = false
    var runner = try runner { isOn, count in
      if count == number { isStopped = true }
      return Self.samples(isOn ? 110 : 100)
    }
    runner.isStopped = { isStopped }
    let failure = #expect(throws: Failure.self) { try runner.run() }
    #expect(failure?.reason == "it was stopped")
    try expectFound()
  }

  @Test(arguments: 2...17)
  func `something else that changes a setting ends it`(number: Int) throws {
    let bench = bench
    let failure = #expect(throws: Failure.self) {
      try runner { isOn, count in
        if count == number { bench.files[Self.path] = Array("5\n".utf8) }
        return Self.samples(isOn ? 110 : 100)
      }.run()
    }
    #expect(failure?.reason.contains("something else changes it") == true)
    try expectFound()
  }

  @Test func `what cannot be put back is said`() throws {
    let bench = bench
    let failure = #expect(throws: Failure.self) {
      try runner { (isOn, count) throws(Failure) in
        if count == 3 {
          bench.refusals[Self.path] = (1, 0)
          throw Failure("run fio", because: "it broke")
        }
        return Self.samples(100)
      }.run()
    }
    #expect(failure?.step == "put 1 setting of nvme0 back")
    #expect(failure?.hint?.contains("it broke") == true)
    #expect(failure?.hint?.contains("placement rollback") == true)
  }

  @Test func `a load that moves nothing has no figure`() throws {
    #expect(throws: Failure.self) { try runner { _, _ in [0, 0, 0] }.run() }
    #expect(throws: Failure.self) { try runner { _, _ in [] }.run() }
    try expectFound()
  }

  @Test func `a device in use is not tried, and its holder is named`() throws {
    let attempt = try DeviceLease.take(Self.device, for: "vllm", folder: folder.path + "/leases")
    guard case .taken(let lease) = attempt else {
      Issue.record("nobody else holds it")
      return
    }
    let failure = #expect(throws: Failure.self) {
      try runner { _, _ in Self.samples(100) }.run()
    }
    _ = consume lease
    #expect(failure?.code == .busy)
    #expect(failure?.reason.contains("vllm") == true)
    try expectFound()
  }
}
