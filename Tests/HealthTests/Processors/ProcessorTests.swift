import Base
import Inventory
import TestMachines
import Testing

@testable import Health

@Suite struct ProcessorTemperatureTests {
  private func verdicts(_ sensors: [Temperature]) -> [Verdict] {
    WellServer.verdicts(ProcessorTemperatureCheck.self) { $0.processors.temperatures = sensors }
  }

  @Test func againstTheSensorsOwnLimit() {
    #expect(WellServer.verdicts(ProcessorTemperatureCheck.self) == [.pass])
    let near = Temperature(label: "Core 1", celsius: 95.5, criticalCelsius: 100)
    let over = Temperature(label: "Core 1", celsius: 100, criticalCelsius: 100)
    #expect(verdicts([near]) == [.warn])
    #expect(verdicts([near, over]) == [.fail])
  }

  @Test func `sensors of one label are told apart by their device`() {
    func summary(_ sensors: [Temperature]) -> String? {
      WellServer.findings(ProcessorTemperatureCheck.self) { $0.processors.temperatures = sensors }
        .first?.summary
    }
    let near = Temperature(
      label: "Core 0", celsius: 97, criticalCelsius: 100, device: "coretemp.1")
    let other = Temperature(
      label: "Core 0", celsius: 50, criticalCelsius: 100, device: "coretemp.0")
    #expect(summary([other, near]) == "Core 0 of coretemp.1 at 97 °C, critical at 100")
    #expect(summary([near]) == "Core 0 at 97 °C, critical at 100")
  }

  @Test func k10tempWithoutALimitIsNotJudged() {
    let control = Temperature(label: "Tctl", celsius: 99)
    #expect(verdicts([control]) == [.notApplicable])
    let limited = Temperature(label: "Tctl", celsius: 50, criticalCelsius: 95)
    #expect(verdicts([limited, Temperature(label: "Tccd1", celsius: 50)]) == [.pass])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts([]) == [.unknown])
    #expect(verdicts([Temperature(label: "Core 1", celsius: 50)]) == [.unknown])
    #expect(
      WellServer.verdicts(ProcessorTemperatureCheck.self) {
        $0.processors.unknown = [UnknownFact(fact: "temperatures", path: "/x", reason: "EIO")]
      } == [.unknown])
    #expect(
      WellServer.verdicts(ProcessorTemperatureCheck.self) { inventory in
        inventory.processors.temperatures = []
        WellServer.makeGuest(&inventory)
      } == [.notApplicable])
  }
}

@Suite struct ProcessorCountTests {
  /// Verdicts by subject: cores, offline CPUs, isolated CPUs.
  private func verdicts(
    _ profile: Profile? = nil, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    WellServer.verdicts(ProcessorCountCheck.self, profile: profile, change)
  }

  @Test func againstTheProfile() {
    #expect(verdicts() == [.notApplicable, .pass, .pass])
    #expect(verdicts(WellServer.profile) == [.pass, .pass, .pass])
    #expect(
      verdicts(WellServer.profile) { $0.processors.packages[0].coreCount = 6 }.first == .fail)
    #expect(
      verdicts(WellServer.profile) { $0.processors.packages[0].coreCount = 16 }.first == .warn)
    #expect(verdicts(WellServer.profile) { $0.processors.packages = [] }.first == .unknown)
    var two = WellServer.profile
    two.packageCount = 2
    #expect(verdicts(two).first == .fail)
  }

  @Test func offlineCPUs() {
    #expect(verdicts { $0.processors.offline = nil }[1] == .unknown)
    #expect(verdicts { $0.processors.offline = NumberSet([3]) }[1] == .warn)
    // SMT off takes one thread of each core.
    let smtOff: (inout Inventory) -> Void = { inventory in
      inventory.processors.smtControl = "off"
      inventory.processors.offline = NumberSet(range: 8...15)
    }
    #expect(verdicts(nil, smtOff)[1] == .notApplicable)
  }

  @Test func isolatedCPUs() {
    #expect(verdicts { $0.processors.isolated = NumberSet() }[2] == .warn)
    #expect(verdicts { $0.processors.isolated = nil }[2] == .unknown)
    #expect(verdicts { $0.machine.kernel.commandLine = nil }[2] == .unknown)
    #expect(verdicts { $0.machine.kernel.commandLine = "quiet" }[2] == .notApplicable)
  }

  @Test func theCommandLine() {
    #expect(ProcessorCountCheck.requested("isolcpus=1-3,6")?.description == "1-3,6")
    #expect(ProcessorCountCheck.requested("isolcpus=nohz,domain,2")?.description == "2")
    #expect(ProcessorCountCheck.requested("isolcpus=managed_irq,2") == nil)
    #expect(ProcessorCountCheck.requested("quiet") == nil)
    #expect(ProcessorCountCheck.requested("isolcpus=what") == nil)
  }
}

@Suite struct NodesPerSocketTests {
  private func verdicts(
    _ profile: Profile? = nil, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    WellServer.verdicts(NodesPerSocketCheck.self, profile: profile, change)
  }

  @Test func factsWithoutAProfile() {
    #expect(verdicts() == [.pass])
    #expect(verdicts { $0.processors.nodesPerSocket?.confidence = .unknown } == [.notApplicable])
    #expect(verdicts { $0.processors.nodesPerSocket?.likelyL3AsNUMA = true } == [.warn])
  }

  @Test func againstTheProfile() {
    var four = WellServer.profile
    four.nodesPerSocket = 4
    #expect(verdicts(WellServer.profile) == [.pass])
    #expect(verdicts(four) == [.warn])
  }

  @Test func socketsThatDifferAndNodesThatSpan() {
    let sockets: (inout Inventory) -> Void = { inventory in
      inventory.processors.packages = [
        Processors.Package(id: 0, cpus: NumberSet(range: 0...5), coreCount: 6),
        Processors.Package(id: 1, cpus: NumberSet(range: 6...7), coreCount: 2),
      ]
    }
    #expect(verdicts(nil, sockets) == [.warn])
    #expect(
      verdicts { inventory in
        sockets(&inventory)
        inventory.memory.nodes = [
          WellServer.node(0, 0...1), WellServer.node(1, 2...5), WellServer.node(2, 6...7),
        ]
      } == [.warn])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.processors.nodesPerSocket = nil } == [.unknown])
    #expect(verdicts { $0.processors.nodesPerSocket?.value = nil } == [.unknown])
    #expect(verdicts { $0.processors.packages = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes[1].cpus = nil } == [.unknown])
    func summary(_ change: (inout Inventory) -> Void) -> String {
      var inventory = WellServer.inventory
      change(&inventory)
      return NodesPerSocketCheck.evaluate(Box(inventory)).map(\.summary).joined()
    }
    #expect(summary { $0.processors.packages = [] } == "sockets not known")
    #expect(summary { $0.memory.nodes = [] } == "nodes not known")
    let sets: (inout Inventory) -> Void = { inventory in
      inventory.processors.offline = nil
      inventory.processors.unknown = [UnknownFact(fact: "offline", path: "/p", reason: "no")]
    }
    #expect(summary(sets) == "which CPUs run is not known" && verdicts(nil, sets) == [.unknown])
    #expect(
      verdicts { inventory in
        inventory.memory.nodes = []
        WellServer.makeGuest(&inventory)
      } == [.notApplicable])
  }
}

@Suite struct DeviceNodeTests {
  private func findings(
    _ profile: Profile? = nil, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [String?: Verdict] {
    Dictionary(
      WellServer.findings(DeviceNodeCheck.self, profile: profile, change).map {
        ($0.subject, $0.verdict)
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test func eachDeviceByName() {
    #expect(
      findings(WellServer.profile) == [
        "GPU 21:00.0": .pass, "GPU 41:00.0": .pass, "nvme0": .pass, "eth0": .pass,
      ])
  }

  @Test func anUnknownNodeIsNotNodeZero() {
    #expect(findings { $0.pci[0].locality.numaNode = nil }["GPU 21:00.0"] == .unknown)
    #expect(
      findings { inventory in
        inventory.pci[0].locality.numaNode = nil
        WellServer.makeGuest(&inventory)
      }["GPU 21:00.0"] == .notApplicable)
  }

  @Test func aNodeThatMoved() {
    let moved: (inout Inventory) -> Void = { $0.pci[0].locality.numaNode = 1 }
    #expect(findings(WellServer.profile, moved)["GPU 21:00.0"] == .warn)
    #expect(findings(nil, moved)["GPU 21:00.0"] == .pass)
    // Another device in that place has not moved.
    #expect(
      findings(WellServer.profile) { inventory in
        moved(&inventory)
        inventory.pci[0].identity.deviceID = 1
      }["GPU 21:00.0"] == .pass)
  }

  @Test(arguments: [NUMANode.Kind.memoryless, .cpuless, .empty])
  func aNodeWithNothingToPlaceOn(kind: NUMANode.Kind) {
    let found = WellServer.findings(DeviceNodeCheck.self) { $0.memory.nodes[1].kind = kind }
    let eth = found.first { $0.subject == "eth0" }
    #expect(eth?.verdict == .warn)
    #expect(eth?.consequence?.contains("node 0") == true)
  }

  @Test func missingIsUnknown() {
    #expect(findings { $0.memory.nodes = [] } == [nil: .unknown])
    #expect(findings { $0.memory.nodes[0].kind = nil }["nvme0"] == .unknown)
    #expect(findings { $0.pci[0].locality.numaNode = 5 }["GPU 21:00.0"] == .unknown)
    #expect(findings { $0.memory.nodes.removeLast() } == [nil: .notApplicable])
    #expect(
      findings { inventory in
        inventory.pci = []
        inventory.collectors = []
      } == [nil: .unknown])
  }
}
