import Base
import Inventory
import TestMachines
import TestSupport
import Testing

@testable import Benchmarks

private let port = MadeUp.at("00:01.1")
private let card = MadeUp.at("01:00.0")
private let full = PCIeRate(gigatransfersPerSecond: 16, width: 16)

/// A machine in order, with everything that a soak watches.
private func machine() -> Inventory {
  var inventory = Inventory(origin: "made up")
  inventory.processors.temperatures = [
    Temperature(label: "Tctl", celsius: 60, criticalCelsius: 95)
  ]
  var controller = MemoryController(name: "mc0")
  controller.correctedErrors = 7
  controller.uncorrectedErrors = 0
  var module = MemoryController.Module(name: "dimm0")
  module.label = "DIMM A1"
  module.correctedErrors = 7
  module.uncorrectedErrors = 0
  controller.modules = [module]
  inventory.memory.controllers = [controller]
  var function = PCIFunction(address: card)
  function.aer = PCIeErrors(correctable: ["BadTLP": 3])
  function.path = PCIePath(
    hops: [MadeUp.hop(port, card, now: full, possible: full)], bottleneck: 0, slotLink: 0,
    isDegraded: false)
  inventory.pci = [function]
  var gpu = GPU(address: card, vendor: .nvidia)
  gpu.powerWatts = 300
  gpu.coreClockHertz = 2_400_000_000
  gpu.temperatures = [Temperature(label: "junction", celsius: 70, criticalCelsius: 110)]
  gpu.throttleReasons = []
  gpu.pcieReplays = 0
  gpu.ecc = ["DRAM": GPU.ECCCount(corrected: 0, uncorrected: 0)]
  inventory.gpus = [gpu]
  var drive = NVMeController(name: "nvme0")
  drive.state = "live"
  drive.temperatures = [Temperature(label: "Composite", celsius: 50, criticalCelsius: 85)]
  drive.health = health(mediaErrors: 2)
  inventory.nvme = [drive]
  return inventory
}

private func health(mediaErrors: Double) -> NVMeController.Health {
  .init(
    criticalWarning: 0, temperatureCelsius: 50, availableSpare: 1, spareThreshold: 0.1, lifeUsed: 0,
    bytesRead: 0, bytesWritten: 0, powerOnHours: 1, powerCycles: 1, unsafeShutdowns: 0,
    mediaErrors: mediaErrors, errorLogEntries: 0)
}

/// A load that computed with right results.
private func working() -> SoakLoadReport {
  var load = SoakLoadReport("cpu", .ran)
  load.seconds = 60
  load.operations = 1e12
  load.checkedResults = 1000
  return load
}

/// The judged report of a soak that saw these machines, one a second.
private func soak(
  _ machines: [Inventory], loads: [SoakLoadReport] = [working()],
  end: SoakReport.End = .deadline, clock: SoakClock? = nil, loaded: Set<PCIAddress> = [card]
) -> SoakReport {
  var watch = SoakWatch(loaded: loaded)
  for (second, machine) in machines.enumerated() { watch.look(machine, at: Double(second)) }
  var report = SoakReport(
    started: "2026-11-24T07:09:13Z", finished: "2026-11-24T08:09:13Z", program: "1",
    plannedSeconds: 60, seconds: 60, end: end, looks: watch.looks)
  report.loads = loads
  report.clock = clock
  watch.fill(&report)
  SoakJudge.judge(&report)
  return report
}

/// A soak in whose second look something is wrong.
private func soak(planting fault: (inout Inventory) -> Void) -> SoakReport {
  var faulty = machine()
  fault(&faulty)
  return soak([machine(), faulty, machine()])
}

@Suite(.seeded) struct SoakTests {
  @Test func `a machine in order passes`() {
    let report = soak([machine(), machine(), machine()])
    #expect(report.verdict == .pass)
    #expect(report.reasons.isEmpty)
    #expect(report.counters.isEmpty && report.links.isEmpty && report.lost.isEmpty)
    #expect(report.readings.count == 5)
    let junction = report.readings.first { $0.name == "junction" }
    #expect(junction?.least == 70 && junction?.most == 70 && junction?.looks == 3)
    #expect(Set(report.watched.map(\.name)).count == 9)
    #expect(report.unknown.map(\.name) == ["power and throttle reasons of the processors"])
  }

  @Test func `readings have their least and most`() {
    let report = soak { $0.gpus[0].powerWatts = 450 }
    let power = report.readings.first { $0.quantity == .power }
    #expect(power?.least == 300 && power?.most == 450 && power?.last == 300)
    #expect(report.verdict == .pass)
  }

  @Test(arguments: [
    (94.9, SoakReport.Verdict.warn), (95, .fail), (90, .pass), (90.1, .warn), (120, .fail),
  ])
  func `a temperature is held against its critical limit`(
    celsius: Double, verdict: SoakReport.Verdict
  ) {
    let report = soak { $0.processors.temperatures[0].celsius = celsius }
    #expect(report.verdict == verdict)
  }

  @Test func `a critical temperature is reported at its look`() {
    var watch = SoakWatch()
    watch.look(machine(), at: 0)
    #expect(watch.critical == nil)
    var hot = machine()
    hot.nvme[0].temperatures[0].celsius = 85
    watch.look(hot, at: 1)
    #expect(watch.critical == "Composite of nvme0 at 85 °C, critical at 85")
  }

  @Test func `counters that grew are listed by device and kind`() {
    let faults: [(SoakCounter.Kind, String?, Int, SoakReport.Verdict, (inout Inventory) -> Void)] =
      [
        (.aerCorrectable, "BadTLP", 2, .warn, { $0.pci[0].aer?.correctable["BadTLP"] = 5 }),
        (.aerCorrectable, "Timeout", 1, .warn, { $0.pci[0].aer?.correctable["Timeout"] = 1 }),
        (.aerCorrectable, nil, 4, .warn, { $0.pci[0].aer?.correctableTotal = 7 }),
        (.aerNonFatal, "CmpltTO", 1, .fail, { $0.pci[0].aer?.nonFatal["CmpltTO"] = 1 }),
        (.aerFatal, "DLP", 1, .fail, { $0.pci[0].aer?.fatal["DLP"] = 1 }),
        (.eccCorrected, nil, 3, .warn, { $0.memory.controllers[0].correctedErrors = 10 }),
        (
          .eccCorrected, "dimm0 (DIMM A1)", 1, .warn,
          {
            $0.memory.controllers[0].correctedErrors = 8
            $0.memory.controllers[0].modules[0].correctedErrors = 8
          }
        ),
        (.eccUncorrected, nil, 1, .fail, { $0.memory.controllers[0].uncorrectedErrors = 1 }),
        (
          .eccUncorrected, "DRAM", 1, .fail,
          { $0.gpus[0].ecc?["DRAM"] = .init(corrected: 0, uncorrected: 1) }
        ),
        (.pcieReplays, nil, 9, .warn, { $0.gpus[0].pcieReplays = 9 }),
        (.mediaErrors, nil, 1, .fail, { $0.nvme[0].health = health(mediaErrors: 3) }),
      ]
    for (kind, name, growth, verdict, plant) in faults {
      var faulty = machine()
      plant(&faulty)
      let report = soak([machine(), faulty, faulty])
      #expect(report.counters.map(\.kind) == [kind])
      #expect(report.counters.first?.name == name)
      #expect(report.counters.first?.growth == growth)
      #expect(report.verdict == verdict)
    }
  }

  @Test func `a counter that was set back is unknown, and grows on from there`() {
    let counts = [5, 0, 1]
    let report = soak(
      counts.map { count in
        var machine = machine()
        machine.gpus[0].pcieReplays = count
        return machine
      })
    #expect(report.counters == [SoakCounter(subject: "\(card)", kind: .pcieReplays, growth: 1)])
    #expect(report.unknown.contains { $0.name == "pcieReplays of \(card)" })
    let name = "pcieReplays of \(card): not known, its counter was set back meanwhile"
    #expect(report.reasons.contains(SoakReason(.warn, name)))
    // Also where nothing was counted since.
    #expect(
      soak(
        [5, 0, 0].map { count in
          var machine = machine()
          machine.gpus[0].pcieReplays = count
          return machine
        }
      ).verdict == .warn)
  }

  @Test func `a lost device fails, and is not missed where the bus cannot be read`() {
    var without = machine()
    without.pci = []
    let report = soak([machine(), without])
    #expect(report.lost == [SoakLoss(subject: "\(card)", seconds: 1)])
    #expect(report.verdict == .fail)
    without.collectors = [CollectorReport(name: "PCI", outcome: .failed)]
    #expect(soak([machine(), without, machine()]).lost.isEmpty)
    #expect(soak { $0.nvme[0].state = "dead" }.lost.map(\.subject) == ["nvme0"])
  }

  @Test func `a sensor that no longer answers deserves a look`() {
    var silent = machine()
    silent.gpus[0].temperatures = []
    let report = soak([machine(), silent])
    #expect(report.verdict == .warn)
    #expect(report.reasons.map(\.text) == ["junction of \(card) (temperature) no longer answers"])
  }

  @Test func `fewer lanes warn, a lower speed only under load`() {
    func link(_ rate: PCIeRate, loaded: Set<PCIAddress>) -> SoakReport {
      var faulty = machine()
      faulty.pci[0].path?.hops[0].current = rate
      return soak([machine(), faulty, machine()], loaded: loaded)
    }
    let narrow = link(PCIeRate(gigatransfersPerSecond: 16, width: 8), loaded: [])
    #expect(narrow.verdict == .warn)
    #expect(narrow.reasons.map(\.text) == ["link from 00:01.1 to 01:00.0 fell from 16 to 8 lanes"])
    let slow = PCIeRate(gigatransfersPerSecond: 2.5, width: 16)
    #expect(link(slow, loaded: []).verdict == .pass)
    #expect(link(slow, loaded: []).links.map(\.changes) == [2])
    #expect(link(slow, loaded: [card]).verdict == .warn)
  }

  @Test(arguments: [
    ("GpuIdle", SoakReport.Verdict.pass), ("SwPowerCap", .pass), ("SwThermalSlowdown", .warn),
    ("HwThermalSlowdown", .fail), ("HwPowerBrakeSlowdown", .fail),
  ])
  func `reasons for throttling have their share of time`(
    reason: String, verdict: SoakReport.Verdict
  ) {
    let report = soak { $0.gpus[0].throttleReasons = [reason] }
    #expect(report.throttling.map(\.reason) == [reason])
    #expect(abs((report.throttling.first?.share ?? 0) - 1.0 / 3) < 1e-9)
    #expect(report.verdict == verdict)
  }

  @Test func `a clock that falls is found, and the CPU named`() throws {
    var random = SeededGenerator()
    func samples(_ end: Double) -> [SoakClock.Sample] {
      (0..<100).map { second in
        let rate = 1e9 * (second < 50 ? 1 : end) * Double.random(in: 0.99...1.01, using: &random)
        return .init(start: Double(second), operationsPerSecond: rate)
      }
    }
    let steady = try #require(SoakClock([0: samples(1), 1: samples(1)], seconds: 100))
    #expect(abs(steady.drop) < 0.02)
    #expect(soak([machine(), machine()], clock: steady).verdict == .pass)
    let fallen = try #require(SoakClock([0: samples(1), 1: samples(0.7)], seconds: 100))
    #expect(fallen.worstCPU == 1)
    #expect(abs(fallen.worstDrop - 0.3) < 0.02 && abs(fallen.drop - 0.15) < 0.02)
    #expect(soak([machine(), machine()], clock: fallen).verdict == .warn)
    // Two samples are no median.
    #expect(SoakClock([0: Array(samples(1).prefix(2))], seconds: 100) == nil)
    #expect(SoakClock([:], seconds: 100) == nil)
  }

  @Test func `what loads did decides`() {
    func verdict(_ loads: [SoakLoadReport], _ end: SoakReport.End = .deadline) -> SoakReport.Verdict
    {
      soak([machine(), machine()], loads: loads, end: end).verdict
    }
    var wrong = working()
    wrong.wrongResults = 1
    #expect(verdict([wrong]) == .fail)
    #expect(verdict([working(), .init("drive", .failed, reason: "EIO")]) == .fail)
    #expect(verdict([working(), .init("drive", .skipped, reason: "in use")]) == .warn)
    #expect(verdict([working(), .init("gpus", .notApplicable, reason: "none")]) == .pass)
    #expect(verdict([working(), .init("memory", .ran)]) == .warn)
    #expect(verdict([]) == .warn)
    #expect(verdict([.init("gpus", .notApplicable, reason: "none")]) == .warn)
    #expect(verdict([working()], .stopped) == .warn)
    #expect(verdict([working()], .criticalTemperature) == .fail)
    #expect(verdict([working()], .noLoad) == .warn)
  }

  @Test func `a look that fails is no pass, and ten in a row see nothing`() {
    var watch = SoakWatch(loaded: [card])
    for second in 0..<3 { watch.look(machine(), at: Double(second)) }
    for _ in 0..<9 { watch.fail("it broke") }
    #expect(!watch.isBlind)
    watch.look(machine(), at: 12)
    watch.fail("it broke")
    #expect(!watch.isBlind)
    var report = soak([])
    report.looks = watch.looks
    report.loads = [working()]
    report.watched = []
    report.unknown = []
    watch.fill(&report)
    SoakJudge.judge(&report)
    #expect(
      report.reasons == [SoakReason(.warn, "10 looks at the machine: not known, it broke")])
    for _ in 0..<9 { watch.fail("it broke") }
    #expect(watch.isBlind)
  }

  @Test func `a soak that watched nothing is no pass`() {
    let nothing = Inventory(origin: "made up")
    let report = soak([nothing, nothing])
    #expect(report.watched.isEmpty)
    #expect(report.verdict == .warn)
    #expect(report.unknown.count == 5)
    #expect(soak([]).verdict == .warn)
    #expect(soak([machine()]).verdict == .warn)
  }

  @Test func `taking any evidence away never makes a soak better`() {
    let order: [SoakReport.Verdict] = [.fail, .warn, .pass]
    for fault: (inout Inventory) -> Void in [
      { $0.processors.temperatures = [] }, { $0.gpus = [] }, { $0.nvme = [] }, { $0.pci = [] },
      { $0.memory.controllers = [] },
    ] {
      var less = machine()
      fault(&less)
      let with = soak([machine(), machine()])
      let without = soak([less, less])
      #expect(
        (order.firstIndex(of: without.verdict) ?? 9) <= (order.firstIndex(of: with.verdict) ?? 0))
      #expect(without.watched.count + without.unknown.count > 0)
    }
  }

  @Test func `numbers that are none crash nothing and become no reading`() throws {
    var random = SeededGenerator()
    let doubles = [Double.nan, .infinity, -.infinity, -1, 0, 1e300, -1e300, 65, 1e19]
    let ints = [Int.min, -1, 0, 1, Int.max, Int.max - 1, 7]
    func double() -> Double { doubles.randomElement(using: &random) ?? 0 }
    func int() -> Int { ints.randomElement(using: &random) ?? 0 }
    for _ in 0..<300 {
      let machines = (0..<4).map { _ in
        var one = machine()
        one.processors.temperatures = [
          Temperature(label: "Tctl", celsius: double(), criticalCelsius: double())
        ]
        one.gpus[0].powerWatts = double()
        one.gpus[0].coreClockHertz = int()
        one.gpus[0].pcieReplays = int()
        one.gpus[0].ecc = ["a": .init(corrected: int(), uncorrected: int())]
        one.nvme[0].health = health(mediaErrors: double())
        one.pci[0].aer = PCIeErrors(
          correctable: ["a": int(), "b": int()], nonFatal: ["c": int()])
        one.pci[0].aer?.correctableTotal = int()
        one.pci[0].path?.hops[0].current = PCIeRate(
          gigatransfersPerSecond: double(), width: int())
        one.memory.controllers[0].correctedErrors = int()
        return one
      }
      let clock = SoakClock(
        [0: (0..<9).map { .init(start: Double($0), operationsPerSecond: double()) }], seconds: 9)
      let report = soak(machines, clock: clock)
      let text = try JSON.line(report)
      #expect(try JSON.decode(SoakReport.self, from: text) == report)
      #expect(report.counters.allSatisfy { $0.growth > 0 })
      #expect(report.readings.allSatisfy { $0.least.isFinite && $0.least <= $0.most })
    }
    #expect(SoakClock([0: []], seconds: .nan) == nil)
    let empty = SoakReport(
      started: "", finished: "", program: "", plannedSeconds: .nan, seconds: -.infinity,
      end: .stopped, looks: 0)
    #expect(empty.seconds == 0 && empty.plannedSeconds == 0)
  }
}
