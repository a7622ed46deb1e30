import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// Verdicts of a check on the first GPU after a change.
private func verdict(
  _ check: any Check.Type, profile: Profile? = nil, samples: GPUSamples? = nil,
  _ change: (inout GPU) -> Void = { _ in }
) -> Verdict? {
  var all = Samples(seconds: 60, count: 120)
  if let samples { all.gpus = [samples] }
  return WellServer.findings(check, profile: profile, samples: samples == nil ? nil : all) {
    change(&$0.gpus[0])
  }.first { $0.subject == "GPU 21:00.0" }?.verdict
}

/// What cannot be asked of a card.
private func note(_ fact: String, _ path: String = "/x") -> UnknownFact {
  UnknownFact(fact: fact, path: path, reason: "permission denied")
}

/// Checks that look at each GPU without a profile, with what takes their fact away.
private let factless: [(check: any Check.Type, key: String, clear: @Sendable (inout GPU) -> Void)] =
  [
    (GPUECCCheck.self, "ecc", { $0.ecc = nil }),
    (GPUPowerCapCheck.self, "powerCap", { $0.powerCap = nil }),
    (GPUThrottleCheck.self, "throttleReasons", { $0.throttleReasons = nil }),
    (GPUTemperatureCheck.self, "temperatures", { $0.temperatures = [] }),
    (GPUReplaysCheck.self, "pcieReplays", { $0.pcieReplays = nil }),
  ]

@Suite struct GPUAbsenceTests {
  @Test(arguments: factless.indices) func absentIsNotUnknown(index: Int) {
    let (check, key, clear) = factless[index]
    // The driver tells no such thing.
    #expect(verdict(check, clear) == .notApplicable)
    // It could not be asked.
    for unknown in [
      note(key), note("driverFacts"), note("powerWatts", "/sys/bus/pci/devices/x/power_state"),
    ] {
      #expect(
        verdict(check) { gpu in
          clear(&gpu)
          gpu.unknown = [unknown]
        } == .unknown)
    }
    // Another fact's reason is not this one's.
    #expect(
      verdict(check) { gpu in
        clear(&gpu)
        gpu.unknown = [note("powerWatts", "/sys/class/hwmon/hwmon1/power1_average")]
      } == .notApplicable)
    // NVML alone tells of NVIDIA's cards.
    #expect(
      verdict(check) { gpu in
        clear(&gpu)
        gpu.vendor = .nvidia
        gpu.unknown = [note("memoryTotalBytes", "libnvidia-ml.so.1")]
      } == .unknown)
    #expect(
      verdict(check) { gpu in
        clear(&gpu)
        gpu.driver = nil
      } == .unknown)
    #expect(
      verdict(check) { gpu in
        clear(&gpu)
        gpu.driver = "vfio-pci"
      } == .notApplicable)
  }

  @Test func noGPU() {
    for check in Checks.gpu where check.info.id != "gpu-count" && check.info.id != "gpu-memory-size"
    {
      #expect(
        WellServer.verdicts(check) { inventory in
          inventory.gpus = []
          inventory.collectors = [CollectorReport(name: "GPU", outcome: .nothing)]
        } == [.notApplicable], "\(check.info.id)")
      #expect(
        WellServer.verdicts(check) { inventory in
          inventory.gpus = []
          inventory.collectors = []
        } == [.unknown], "\(check.info.id)")
    }
  }
}

@Suite struct GPUDriverTests {
  @Test func everyVerdict() {
    #expect(verdict(GPUDriverCheck.self) == .pass)
    #expect(verdict(GPUDriverCheck.self) { $0.driver = nil } == .warn)
    #expect(verdict(GPUDriverCheck.self) { $0.driver = "vfio-pci" } == .notApplicable)
    #expect(verdict(GPUDriverCheck.self) { $0.driver = "nouveau" } == .warn)
    #expect(
      WellServer.verdicts(GPUDriverCheck.self) { inventory in
        inventory.gpus[0].driver = "nouveau"
        WellServer.makeDesktop(&inventory)
      } == [.notApplicable])
    #expect(
      verdict(GPUDriverCheck.self) { gpu in
        gpu.driver = nil
        gpu.vendor = .other
      } == .notApplicable)
  }

  @Test func allAlikeInOneWord() {
    let found = WellServer.findings(GPUDriverCheck.self) { inventory in
      for index in inventory.gpus.indices { inventory.gpus[index].driver = nil }
    }
    #expect(Set(found.map(\.summary)) == ["no kernel driver"])
  }

  @Test func aLinkThatCouldNotBeRead() {
    #expect(
      WellServer.verdicts(GPUDriverCheck.self) { inventory in
        inventory.gpus[0].driver = nil
        inventory.pci[0].unknown = [note("driver")]
      } == [.unknown, .pass])
  }

  @Test func userSpaceHoldsIt() {
    #expect(
      verdict(GPUDriverCheck.self) { gpu in
        gpu.driver = nil
        gpu.processes = [
          GPU.GPUProcess(pid: 7, name: "python", evidence: "/tmp/am_0000:21:00.0.lock")
        ]
      } == .notApplicable)
    func locked(_ holders: [Int]) -> [Verdict] {
      WellServer.verdicts(GPUDriverCheck.self) { inventory in
        inventory.gpus[0].driver = nil
        inventory.system.runtimeLocks = [
          RuntimeLock(
            path: "/tmp/am_0000:21:00.0.lock", gpu: WellServer.gpus[0], holders: holders,
            holdersKnown: true)
        ]
      }
    }
    #expect(locked([7]) == [.notApplicable, .pass])
    // A lock that nobody holds holds nothing.
    #expect(locked([]) == [.warn, .pass])
  }
}

@Suite struct GPUCountTests {
  private func findings(
    _ profile: Profile? = WellServer.profile, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Finding] {
    WellServer.findings(GPUCountCheck.self, profile: profile, change)
  }

  @Test func everyVerdict() {
    #expect(findings(nil).map(\.verdict) == [.notApplicable])
    #expect(findings().map(\.verdict) == [.pass])
    var one = WellServer.profile
    one.gpus?[0].count = 1
    #expect(findings(one).map(\.verdict) == [.pass])
  }

  @Test func theMissingOneIsNamedByItsSlot() {
    let found = findings { $0.gpus.removeLast() }
    #expect(found.map(\.verdict) == [.fail])
    #expect(found.first?.summary == "1 of 2 missing: 41:00.0 (slot SLOT 3)")
  }

  @Test func allAreMissing() {
    let none: (inout Inventory) -> Void = { inventory in
      inventory.gpus = []
      inventory.collectors = [CollectorReport(name: "GPU", outcome: .nothing)]
    }
    #expect(findings(WellServer.profile, none).map(\.verdict) == [.fail])
    #expect(findings { $0.gpus = [] }.map(\.verdict) == [.unknown])
  }

  @Test func anotherKindIsNotTheSame() {
    #expect(findings { $0.pci[1].identity.deviceID = 0x7550 }.map(\.verdict) == [.fail])
    #expect(findings { $0.pci[1].identity.deviceID = nil }.map(\.verdict) == [.unknown])
  }

  @Test func cardsWithoutAnID() {
    var any = WellServer.profile
    any.gpus = [Profile.ExpectedGPU(count: 2)]
    #expect(findings(any).map(\.verdict) == [.pass])
    #expect(findings(any) { $0.gpus[0].name = nil }.map(\.verdict) == [.unknown])
    #expect(findings(any) { $0.gpus[0].name = "Raphael" }.map(\.verdict) == [.fail])
  }
}

@Suite struct GPUMemorySizeTests {
  @Test func everyVerdict() {
    let check = GPUMemorySizeCheck.self
    #expect(WellServer.verdicts(check) == [.notApplicable])
    #expect(verdict(check, profile: WellServer.profile) == .pass)
    #expect(verdict(check, profile: WellServer.profile) { $0.memoryTotalBytes = 20 << 30 } == .fail)
    #expect(verdict(check, profile: WellServer.profile) { $0.memoryTotalBytes = nil } == .unknown)
    #expect(
      WellServer.verdicts(check, profile: WellServer.profile) { $0.pci[0].identity.deviceID = nil }
        == [.unknown, .pass])
    #expect(
      WellServer.verdicts(check, profile: WellServer.profile) { $0.pci[0].identity.deviceID = 1 }
        == [.notApplicable, .pass])
  }
}

@Suite struct GPUErrorTests {
  private func ecc(_ blocks: [String: GPU.ECCCount]) -> Verdict? {
    verdict(GPUECCCheck.self) { $0.ecc = blocks }
  }

  @Test func memoryErrors() {
    let none = GPU.ECCCount(corrected: 0, uncorrected: 0)
    #expect(ecc(["umc": none]) == .pass)
    #expect(ecc(["umc": GPU.ECCCount(corrected: 1, uncorrected: 0)]) == .warn)
    #expect(ecc(["gfx": none, "umc": GPU.ECCCount(corrected: 0, uncorrected: 1)]) == .fail)
    #expect(ecc(["umc": GPU.ECCCount(corrected: nil, uncorrected: 0)]) == .unknown)
    #expect(ecc(["umc": GPU.ECCCount(corrected: .max, uncorrected: .max)]) == .fail)
    // NVIDIA's counts for life cannot be cleared.
    #expect(
      ecc(["volatile": none, "aggregate": GPU.ECCCount(corrected: 9, uncorrected: 0)]) == .pass)
    #expect(
      ecc(["volatile": none, "aggregate": GPU.ECCCount(corrected: 9, uncorrected: 1)]) == .warn)
  }

  @Test func replays() {
    let check = GPUReplaysCheck.self
    #expect(verdict(check) == .pass)
    #expect(verdict(check) { $0.pcieReplays = 3 } == .warn)
    var samples = GPUSamples(address: WellServer.gpus[0])
    samples.replays = 30
    var all = Samples(seconds: 60, count: 2)
    all.gpus = [samples]
    let found = WellServer.findings(check, samples: all).first
    #expect(found?.verdict == .warn)
    #expect(found?.consequence?.hasPrefix("30 a minute now") == true)
  }
}

@Suite struct GPUPowerTests {
  private let check = GPUPowerCapCheck.self

  @Test func againstTheCardsDefault() {
    #expect(verdict(check) == .pass)
    let low = WellServer.findings(check) { $0.gpus[0].powerCap?.watts = 169.5 }.first
    #expect(low?.verdict == .warn)
    #expect(low?.consequence?.hasPrefix("50 %") == true)
    #expect(verdict(check) { $0.powerCap?.defaultWatts = nil } == .unknown)
    #expect(verdict(check) { $0.powerCap?.defaultWatts = 0 } == .unknown)
  }

  @Test func againstTheProfile() {
    var capped = WellServer.profile
    capped.gpus?[0].powerCapWatts = 150
    #expect(verdict(check, profile: capped) == .warn)
    #expect(verdict(check, profile: capped) { $0.powerCap?.watts = 150 } == .pass)
    #expect(verdict(check, profile: capped) { $0.powerCap?.watts = 100 } == .warn)
    #expect(
      WellServer.verdicts(check, profile: capped) { $0.pci[0].identity.deviceID = nil }
        == [.unknown, .warn])
  }

  @Test(arguments: [
    ("GpuIdle", Verdict.pass), ("SwPowerCap", .pass), ("ApplicationsClocksSetting", .pass),
    ("SwThermalSlowdown", .warn), ("HwThermalSlowdown", .fail), ("HwPowerBrakeSlowdown", .fail),
    ("HwSlowdown", .fail),
  ])
  func throttling(reason: String, expected: Verdict) {
    #expect(verdict(GPUThrottleCheck.self) { $0.throttleReasons = [reason] } == expected)
    var samples = GPUSamples(address: WellServer.gpus[0])
    samples.throttleReasons = [reason: 3]
    #expect(verdict(GPUThrottleCheck.self, samples: samples) == expected)
  }

  @Test func aLaptopBrakesOnItsBattery() {
    #expect(
      WellServer.verdicts(GPUThrottleCheck.self) { inventory in
        inventory.machine.formFactor = .portable
        inventory.gpus[0].throttleReasons = ["HwPowerBrakeSlowdown"]
      } == [.warn, .pass])
  }
}

@Suite struct GPUTemperatureTests {
  private let check = GPUTemperatureCheck.self

  @Test func againstEachSensorsOwnLimit() {
    #expect(verdict(check) == .pass)
    #expect(verdict(check) { $0.temperatures[0].celsius = 96 } == .warn)
    #expect(verdict(check) { $0.temperatures[1].celsius = 104 } == .pass)
    #expect(verdict(check) { $0.temperatures[1].celsius = 110 } == .fail)
    #expect(verdict(check) { $0.temperatures[1].criticalCelsius = nil } == .unknown)
    #expect(
      verdict(check) { gpu in
        gpu.temperatures = [Temperature(label: "edge", celsius: 40)]
      } == .notApplicable)
    #expect(verdict(check) { $0.unknown = [note("temperatures")] } == .unknown)
  }

  @Test func theHottestUnderLoadCounts() {
    var samples = GPUSamples(address: WellServer.gpus[0])
    samples.highestCelsius = ["junction": 107]
    #expect(verdict(check, samples: samples) == .warn)
    samples.highestCelsius = ["junction": 111]
    #expect(verdict(check, samples: samples) == .fail)
    samples.highestCelsius = ["junction": 20]
    #expect(verdict(check, samples: samples) == .pass)
  }
}

@Suite struct GPUHolderTests {
  private let check = GPUHolderCheck.self
  private let ghost = GPU.GPUProcess(pid: 9, name: nil, memoryBytes: 1 << 30, evidence: "kfd")

  @Test func everyVerdict() {
    #expect(verdict(check) == .pass)
    #expect(verdict(check) { $0.processes = [] } == .notApplicable)
    #expect(verdict(check) { $0.processes.append(ghost) } == .fail)
    #expect(verdict(check) { $0.unknown = [note("processes")] } == .unknown)
  }

  @Test func onlyWhoSeesAllProcessesKnowsThatOneIsGone() {
    let changes: [(inout Inventory) -> Void] = [
      { $0.system.processesListed = nil },
      { $0.machine.virtualization = nil },
      {
        $0.machine.virtualization = Virtualization(
          kind: .container, name: "podman", evidence: "test")
      },
    ]
    for change in changes {
      #expect(
        WellServer.verdicts(check) { inventory in
          inventory.gpus[0].processes = [ghost]
          change(&inventory)
        } == [.unknown, .pass])
    }
  }

  @Test func memoryThatNobodyHolds() {
    func taken(_ gibibytes: Int, busy: Double?) -> Verdict? {
      verdict(check) { gpu in
        gpu.processes = []
        gpu.memoryUsedBytes = gibibytes << 30
        gpu.busyShare = busy
      }
    }
    #expect(taken(20, busy: 0) == .warn)
    #expect(taken(20, busy: 0.5) == .notApplicable)
    #expect(taken(20, busy: nil) == .notApplicable)
    #expect(taken(8, busy: 0) == .notApplicable)
  }
}

@Suite struct GPURuntimeTests {
  private let check = GPURuntimeCheck.self

  @Test func everyVerdict() {
    #expect(verdict(check) == .pass)
    #expect(verdict(check) { $0.kfd = nil } == .notApplicable)
    #expect(verdict(check) { $0.hsa = nil } == .notApplicable)
    let old = WellServer.findings(check) { inventory in
      inventory.gpus[0].hsa = nil
      inventory.gpus[0].unknown = [note("hsa")]
    }.first
    #expect(old?.verdict == .warn)
    #expect(old?.advice.first?.text.contains("ROCm 5.3") == true)
  }

  @Test(arguments: [
    (
      "HSA: libhsa-runtime64.so.1: cannot open shared object file: No such file or directory",
      Verdict.notApplicable
    ),
    ("NVML: x; HSA: no answer within 10 s", .unknown),
  ])
  func aRuntimeThatDidNotAnswer(text: String, expected: Verdict) {
    #expect(
      WellServer.verdicts(check) { inventory in
        inventory.gpus[0].hsa = nil
        inventory.collectors = [CollectorReport(name: "GPU", outcome: .found, note: text)]
      } == [expected, .pass])
  }
}
