import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// Verdicts where the owner of a place, or its processor, is another than an EPYC's on bare metal.
@Suite struct PlaceTests {
  @Test func aContainerIsWarnedOfNothingThatIsItsHosts() {
    var inventory = WellServer.inventory
    inventory.machine.virtualization = Virtualization(kind: .container, name: nil, evidence: "test")
    inventory.memory.numaBalancing = 1
    inventory.memory.transparentHugePages = "never"
    inventory.processors.frequency?.boost = false
    inventory.gpus[0].powerCap = GPU.PowerCap(watts: 100, defaultWatts: 300)
    let report = HealthReport(Box(inventory))
    let bad = report.findings.filter { $0.verdict == .warn || $0.verdict == .fail }
    #expect(bad.isEmpty, "\(bad.map { "\($0.check): \($0.summary)" })")
    let balancing = report.findings.first { $0.check == "numa-balancing" }
    #expect(balancing?.verdict == .notApplicable)
    #expect(balancing?.summary.hasSuffix("(a container: decided by its host)") == true)
    #expect(balancing?.evidence.isEmpty == false)
  }

  /// Firmware and modules of the kernel are nothing a container can set.
  @Test func memoryThatNobodyCountsErrorsOf() {
    let found = { (kind: Virtualization.Kind) in
      WellServer.findings(EDACCheck.self) {
        $0.memory.controllers = []
        $0.machine.virtualization = guest(kind)
      }.first
    }
    #expect(found(.none)?.verdict == .unknown && found(.none)?.advice.isEmpty == false)
    let container = found(.container)
    #expect(container?.verdict == .notApplicable)
    #expect(container?.summary == "a container: decided by its host")
    #expect(container?.advice.isEmpty == true && container?.evidence.isEmpty == false)
    #expect(found(.vm)?.verdict == .notApplicable)
  }

  /// The slots that a guest shows are made up: whoever reads advice about them is told whose they are.
  @Test func advisingAGuestNamesTheHypervisor() {
    func advice(_ kind: Virtualization.Kind) -> [Advice] {
      var inventory = WellServer.linked
      inventory.machine.virtualization = guest(kind)
      inventory.pci[1].aer?.fatalTotal = 1
      let report = HealthReport(Box(inventory), checks: [AERCheck.self])
      return report.findings.first { $0.verdict == .fail }?.advice ?? []
    }
    #expect(advice(.vm).first?.text.contains("hypervisor") == true)
    #expect(advice(.vm).count == advice(.none).count + 1)
    #expect(advice(.none).contains { $0.text.contains("hypervisor") } == false)
  }

  @Test func aContainersOwnSpaceIsItsOwn() {
    var inventory = WellServer.inventory
    inventory.machine.virtualization = guest(.container)
    var state = FileSystemState(
      mountPoint: "/", device: "overlay", type: "overlay", isReadOnly: false)
    (state.totalBytes, state.freeBytes, state.totalFiles) = (100 << 30, 1 << 20, 0)
    inventory.system.fileSystems = [state]
    let report = HealthReport(Box(inventory))
    #expect(report.findings.first { $0.check == "disk-space" }?.verdict == .fail)
  }

  @Test func domainZeroIsTheHostWithoutItsMemory() {
    let dom0: (inout Inventory) -> Void = {
      $0.machine.virtualization = guest(.controlDomain)
      $0.memory.totalBytes = 4 << 30
    }
    #expect(WellServer.verdicts(MemorySizeCheck.self, dom0) == [.notApplicable])
    #expect(WellServer.verdicts(MemoryChannelsCheck.self, dom0) == [.pass])
  }

  @Test(arguments: [
    (0, Verdict.pass), (1, .warn), (2, .pass), (3, .warn),
  ])
  func balancingModes(mode: Int, expected: Verdict) {
    #expect(
      WellServer.verdicts(NUMABalancingCheck.self) { $0.memory.numaBalancing = mode } == [expected])
  }

  /// Whether pages move between tiers is left as its owner has it.
  @Test func memoryWithoutCPUsKeepsTieringAsItIs() {
    var slow = NUMANode(id: 2)
    slow.kind = .cpuless
    slow.cpus = NumberSet()
    slow.totalBytes = 128 << 30
    for (mode, wanted, hasTiers) in [
      (1, 0, true), (3, 2, true), (1, 0, false), (3, 2, false),
    ] {
      let found = WellServer.findings(NUMABalancingCheck.self) {
        $0.memory.numaBalancing = mode
        if hasTiers { $0.memory.nodes.append(slow) }
      }.first
      #expect(found?.verdict == .warn)
      let advice = found?.advice.first
      #expect(advice?.commands.first == "sysctl -w kernel.numa_balancing=\(wanted)")
      #expect(advice?.text.contains("tiering") == (wanted == 2))
    }
    // One node with CPUs: there is nothing to move between.
    #expect(
      WellServer.verdicts(NUMABalancingCheck.self) {
        $0.memory.numaBalancing = 1
        $0.memory.nodes = [$0.memory.nodes[0], slow]
      } == [.notApplicable])
    // Its empty pool is not held against the others.
    let pool = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 100, free: 0)]
    let pages = WellServer.findings(HugePagesCheck.self) {
      for index in $0.memory.nodes.indices { $0.memory.nodes[index].hugePages = pool }
      slow.hugePages = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 0, free: 0)]
      $0.memory.nodes.append(slow)
    }.first
    #expect(pages?.verdict == .pass)
  }

  @Test func theProcessorsOwnLimitIsKnownForFew() {
    let slower: (inout Inventory) -> Void = {
      for index in $0.memory.modules.indices {
        $0.memory.modules[index].ratedMegatransfersPerSecond = 2400
        $0.memory.modules[index].configuredMegatransfersPerSecond = 2133
      }
    }
    #expect(WellServer.verdicts(MemorySpeedCheck.self, slower) == [.warn])
    let xeon = WellServer.findings(MemorySpeedCheck.self) {
      slower(&$0)
      $0.processors.model = "Intel(R) Xeon(R) CPU E5-2620 v4 @ 2.10GHz"
      $0.processors.vendor = "GenuineIntel"
      ($0.processors.family, $0.processors.modelNumber) = (6, 0x4f)
    }.first
    #expect(xeon?.verdict == .unknown)
    // What was read is cited, and only what was not is missing.
    let model = xeon?.evidence.first { $0.fact == "processors.modelNumber" }
    #expect(model?.value == "79" && model?.isMissing == false)
    let unread = WellServer.findings(MemorySpeedCheck.self) {
      slower(&$0)
      $0.processors.modelNumber = nil
    }.first
    let missing = unread?.evidence.first { $0.fact == "processors.modelNumber" }
    #expect(unread?.verdict == .unknown && missing?.isMissing == true)
  }

  @Test func persistentModulesAreNoMemory() {
    let optane: (inout Inventory) -> Void = {
      for letter in "ABCD" {
        var module = WellServer.module("DIMM \(letter)2", "P0 CHANNEL \(letter)", gibibytes: 128)
        module.type = "Logical non-volatile device"
        module.configuredMegatransfersPerSecond = 2666
        $0.memory.modules.append(module)
      }
    }
    for check: any Check.Type in [
      MemorySizeCheck.self, MemorySpeedCheck.self, MemoryChannelsCheck.self,
    ] {
      #expect(check.evaluate(Box(WellServer.inventory)).map(\.verdict) == [.pass])
      var inventory = WellServer.inventory
      optane(&inventory)
      #expect(check.evaluate(Box(inventory)).map(\.verdict) == [.pass], "\(check.info.id)")
    }
  }

  @Test func deepStatesOfAServerAsDelivered() {
    func verdict(_ name: String, _ latency: Int, amd: Bool) -> [Verdict] {
      WellServer.verdicts(IdleStatesCheck.self) {
        if !amd { $0.processors.vendor = "GenuineIntel" }
        $0.processors.idle = Processors.Idle()
        $0.processors.idle?.states = [
          .init(index: 0, name: "POLL", latencyMicroseconds: 0, disabledCPUs: NumberSet()),
          .init(index: 1, name: name, latencyMicroseconds: latency, disabledCPUs: NumberSet()),
        ]
      }
    }
    #expect(verdict("C2", 400, amd: true) == [.pass])
    #expect(verdict("C3", 1000, amd: true) == [.warn])
    #expect(verdict("C6", 290, amd: false) == [.pass])
    #expect(verdict("C3_ACPI", 1034, amd: false) == [.warn])
  }

  @Test func boostIsHeldAgainstEachCoresOwnHighest() {
    func found(_ gain: Double?, isARM: Bool = false) -> Finding? {
      WellServer.findings(BoostCheck.self) {
        $0.processors.frequency?.boost = false
        $0.processors.frequency?.boostGain = gain
        if isARM {
          ($0.processors.vendor, $0.processors.model) = (nil, "Cortex-A725 + Cortex-X925")
        }
      }.first
    }
    #expect(found(1.03)?.verdict == .pass)
    #expect(found(1.03)?.summary == "off; without it the cores reach 97 % of their highest")
    #expect(found(1.3)?.consequence == "single threads reach 77 % of what the best core can")
    #expect(found(nil)?.verdict == .warn)
    #expect(found(nil, isARM: true)?.verdict == .unknown)
  }

  @Test func nodesOverSocketsByProcessor() {
    func found(_ vendor: String?, _ model: String?, _ family: Int?, _ number: Int?) -> Finding? {
      WellServer.findings(NodesPerSocketCheck.self) {
        $0.processors.packages = [
          Processors.Package(id: 0, cpus: NumberSet(range: 0...1), coreCount: 2),
          Processors.Package(id: 1, cpus: NumberSet(range: 2...7), coreCount: 6),
        ]
        $0.processors.vendor = vendor
        $0.processors.model = model
        $0.processors.family = family
        $0.processors.modelNumber = number
      }.first
    }
    let epyc = found("AuthenticAMD", "AMD EPYC 7532", 23, 0x31)
    #expect(epyc?.advice.first?.text.contains("NPS1") == true)
    let xeon = found("GenuineIntel", "Intel(R) Xeon(R) Gold 6240", 6, 0x55)
    #expect(xeon?.verdict == .warn)
    #expect(xeon?.advice.first?.text.contains("NPS") == false)
    #expect(found("GenuineIntel", "Intel(R) Xeon(R) X7460", 6, 0x1d)?.verdict == .notApplicable)
    #expect(found(nil, nil, nil, nil)?.verdict == .unknown)
  }

  @Test func diesWithoutMemoryChannels() {
    func found(_ model: String) -> Finding? {
      WellServer.findings(MemoryNodesCheck.self) {
        $0.processors.model = model
        var bare = NUMANode(id: 2)
        bare.kind = .memoryless
        bare.totalBytes = 0
        $0.memory.nodes.append(bare)
      }.first
    }
    #expect(found("AMD Ryzen Threadripper 2990WX 32-Core Processor")?.verdict == .pass)
    #expect(found("AMD EPYC 7601 32-Core Processor")?.verdict == .warn)
    #expect(found("Ampere")?.advice.first?.text.contains("NPS") == false)
  }

  @Test func manyCPUsWithoutAnIOMMU() {
    func verdict(_ change: (inout Inventory) -> Void) -> [Verdict] {
      WellServer.verdicts(IOMMUModeCheck.self) {
        $0.machine.iommu.mode = .off
        $0.processors.present = NumberSet(range: 0...255)
        change(&$0)
      }
    }
    #expect(verdict { _ in } == [.fail])
    #expect(verdict { $0.machine.virtualization = guest(.vm) } == [.notApplicable])
    #expect(
      verdict {
        $0.processors.vendor = nil
        $0.processors.model = "Neoverse N1"
      } == [.pass])
    // The vendor taken away makes no pass of a failure.
    #expect(verdict { $0.processors.vendor = nil } == [.fail])
    #expect(
      verdict {
        $0.processors.vendor = nil
        $0.processors.model = nil
      } == [.unknown])
  }

  @Test(arguments: [
    ("external:imsm", "", true), ("external:ddf", "container", true),
    ("external:/md127/0", "", false),
    ("external:-md127/0", "", false), ("1.2", "", false),
  ])
  func containersOfArrays(metadata: String, level: String, isContainer: Bool) {
    var array = RAIDArray(name: "md127")
    array.metadata = metadata
    array.level = level.isEmpty ? nil : level
    array.state = "inactive"
    #expect(array.isContainer == isContainer)
    #expect(
      RAIDCheck.verdicts(box { $0.system.arrays = [array] })
        == [isContainer ? .notApplicable : .fail])
  }
}
