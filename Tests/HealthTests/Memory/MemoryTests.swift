import Base
import Inventory
import TestMachines
import Testing

@testable import Health

@Suite struct MemoryChannelTests {
  private func channels(_ labels: [(String, String?)]) -> [String]? {
    MemoryChannels(labels.map { WellServer.module($0.0, $0.1) })?.channels.map {
      $0.socket + "/" + $0.name
    }
  }

  @Test func labelsOfSeveralMakers() {
    #expect(
      channels([("DIMM 0", "P0 CHANNEL A"), ("DIMM 0", "P1 CHANNEL A")]) == ["P0/A", "P1/A"])
    #expect(
      channels([("DIMMA1", "P0_Node0_Channel0_Dimm0"), ("DIMMB1", "P0_Node1_Channel0_Dimm0")])
        == ["P0/NODE00", "P0/NODE10"])
    #expect(
      channels([("ChannelA-DIMM0", "BANK 0"), ("ChannelB-DIMM0", "BANK 2")]) == ["/A", "/B"])
    #expect(channels([("P1-DIMMA1", nil), ("P1-DIMMA2", nil)]) == ["P1/A"])
    #expect(channels([("CPU1_DIMM_A1", nil), ("CPU2_DIMM_A1", nil)]) == ["CPU1/A", "CPU2/A"])
    #expect(channels([("DIMM_P0_C0", nil)]) == ["P0/C"])
  }

  @Test func whatCouldBeEitherIsNotUnderstood() {
    // The letter is the socket, the number the channel.
    #expect(channels([("DIMM_A1", nil), ("DIMM_A12", nil)]) == nil)
    #expect(channels([("DIMM_A1", nil), ("DIMM_A4", nil)]) == nil)
    #expect(channels([("DIMM A1", nil), ("DIMM A1", nil)]) == nil)
    #expect(channels([("DIMM 0", nil)]) == nil)
    #expect(channels([("DIMM A1", "P0 CHANNEL A"), ("DIMM B1", nil)]) == nil)
    #expect(channels([]) == nil)
  }

  private func verdicts(
    _ profile: Profile? = nil, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    WellServer.verdicts(MemoryChannelsCheck.self, profile: profile, change)
  }

  @Test func againstTheProfile() {
    #expect(verdicts(WellServer.profile) == [.pass])
    let finding = WellServer.findings(MemoryChannelsCheck.self, profile: WellServer.profile) {
      $0.memory.modules[2].isPopulated = false
    }.first
    #expect(finding?.verdict == .fail)
    #expect(finding?.consequence == "179.2 of 204.8 GB/s of memory bandwidth")
    var two = WellServer.profile
    two.memoryChannels = 2
    #expect(verdicts(two) == [.warn])
    // Without names of channels, fewer modules than channels are too few all the same.
    #expect(
      verdicts(WellServer.profile) { $0.memory.modules = [WellServer.module("DIMM 0", nil)] } == [
        .fail
      ])
  }

  @Test func evenChannels() {
    #expect(verdicts() == [.pass])
    #expect(verdicts { $0.memory.modules[2].isPopulated = false } == [.warn])
    #expect(verdicts { $0.memory.modules[2].sizeBytes = 8 << 30 } == [.warn])
    #expect(
      verdicts { inventory in
        inventory.memory.modules[2].sizeBytes = 8 << 30
        WellServer.makeDesktop(&inventory)
      } == [.notApplicable])
  }

  @Test func aSocketWithoutModules() {
    let empty: (inout Inventory) -> Void = { inventory in
      for letter in "ABCDEFGH" {
        var module = WellServer.module("DIMM \(letter)1", "P1 CHANNEL \(letter)")
        module.isPopulated = false
        inventory.memory.modules.append(module)
      }
    }
    // There is one processor only.
    #expect(verdicts(nil, empty) == [.pass])
    #expect(
      verdicts { inventory in
        empty(&inventory)
        inventory.processors.packages.append(
          Processors.Package(id: 1, cpus: NumberSet([8]), coreCount: 1))
      } == [.warn])
    #expect(
      verdicts { inventory in
        empty(&inventory)
        inventory.processors.packages = []
      } == [.unknown])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.memory.modules = [] } == [.unknown])
    #expect(verdicts { $0.memory.modules[0].sizeBytes = nil } == [.unknown])
    #expect(verdicts { $0.memory.modules[0].bank = nil } == [.unknown])
  }
}

@Suite struct MemorySpeedTests {
  private func finding(
    _ speed: Int?, rated: Int? = 3200, profile: Profile? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> Finding? {
    WellServer.findings(MemorySpeedCheck.self, profile: profile) { inventory in
      for index in inventory.memory.modules.indices {
        inventory.memory.modules[index].configuredMegatransfersPerSecond = speed
        inventory.memory.modules[index].ratedMegatransfersPerSecond = rated
      }
      change(&inventory)
    }.first
  }

  @Test func againstTheModulesRating() {
    #expect(finding(3200)?.verdict == .pass)
    #expect(finding(2933)?.verdict == .warn)
    #expect(finding(2400)?.consequence == "153.6 of 204.8 GB/s of memory bandwidth")
    #expect(finding(2933, WellServer.makeDesktop)?.verdict == .notApplicable)
  }

  @Test func theProcessorMayBeTheLimit() {
    // Modules of 3600 MT/s cannot run faster than an EPYC 7002 takes.
    #expect(finding(3200, rated: 3600)?.verdict == .pass)
    #expect(finding(3200, rated: 3600) { $0.processors.family = nil }?.verdict == .unknown)
  }

  @Test func againstTheProfile() {
    #expect(finding(3200, profile: WellServer.profile)?.verdict == .pass)
    #expect(finding(2933, profile: WellServer.profile)?.verdict == .warn)
    #expect(finding(2933, profile: WellServer.profile, WellServer.makeDesktop)?.verdict == .warn)
    #expect(finding(nil, profile: WellServer.profile)?.verdict == .unknown)
  }

  @Test func mixedSpeeds() {
    let mixed = finding(3200) { $0.memory.modules[0].configuredMegatransfersPerSecond = 2666 }
    #expect(mixed?.verdict == .warn)
  }

  @Test func missingIsUnknown() {
    #expect(finding(nil)?.verdict == .unknown)
    #expect(finding(3200, rated: nil)?.verdict == .unknown)
    #expect(finding(3200) { $0.memory.modules = [] }?.verdict == .unknown)
    #expect(
      finding(3200) { $0.memory.modules[0].configuredMegatransfersPerSecond = nil }?.verdict
        == .unknown)
  }
}

@Suite struct MemorySizeTests {
  private func verdicts(
    _ profile: Profile? = nil, _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    WellServer.verdicts(MemorySizeCheck.self, profile: profile, change)
  }

  @Test func everyVerdict() {
    #expect(verdicts() == [.pass])
    #expect(verdicts(WellServer.profile) == [.pass])
    #expect(verdicts(WellServer.profile) { $0.memory.modules.removeLast() } == [.fail])
    #expect(verdicts(WellServer.profile) { $0.memory.modules[0].sizeBytes = 64 << 30 } == [.warn])
    #expect(verdicts { $0.memory.totalBytes = 100 << 30 } == [.warn])
    #expect(
      verdicts { inventory in
        inventory.memory.totalBytes = 100 << 30
        WellServer.makeDesktop(&inventory)
      } == [.notApplicable])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.memory.totalBytes = nil } == [.unknown])
    #expect(verdicts { $0.memory.modules = [] } == [.unknown])
    #expect(verdicts(WellServer.profile) { $0.memory.modules = [] } == [.unknown])
    #expect(verdicts { $0.memory.modules[0].sizeBytes = nil } == [.unknown])
    // Half the memory is missing, whatever the modules say.
    #expect(
      verdicts(WellServer.profile) { inventory in
        inventory.memory.modules = []
        inventory.memory.totalBytes = 63 << 30
      } == [.fail])
  }
}

@Suite struct HugePagesTests {
  private func verdicts(_ change: (inout Inventory) -> Void = { _ in }) -> [Verdict] {
    WellServer.verdicts(HugePagesCheck.self, change)
  }

  private func pools(_ totals: [Int], free: [Int]) -> [Verdict] {
    verdicts { inventory in
      for index in totals.indices {
        inventory.memory.nodes[index].hugePages = [
          NUMANode.HugePagePool(pageBytes: 2 << 20, total: totals[index], free: free[index])
        ]
      }
    }
  }

  @Test func everyVerdict() {
    #expect(verdicts() == [.pass])
    #expect(pools([0, 0], free: [0, 0]) == [.pass])
    #expect(pools([1024, 1024], free: [1024, 1024]) == [.warn])
    #expect(pools([100, 100], free: [100, 100]) == [.pass])
    #expect(pools([1024, 2], free: [0, 0]) == [.warn])
    #expect(pools([513, 512], free: [0, 0]) == [.pass])
  }

  /// Both nodes with these pools, by size.
  private func finding(
    _ pools: [NUMANode.HugePagePool], _ change: (inout Inventory) -> Void = { _ in }
  ) -> Finding? {
    WellServer.findings(HugePagesCheck.self) { inventory in
      for index in inventory.memory.nodes.indices {
        inventory.memory.nodes[index].hugePages = pools
      }
      change(&inventory)
    }.first
  }

  @Test func `pages promised to a program are not lost`() {
    let pools = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 512, free: 512)]
    #expect(finding(pools)?.verdict == .warn)
    #expect(
      finding(pools) { $0.memory.hugePagePromises = [.init(pageBytes: 2 << 20, pages: 0)] }?
        .verdict == .warn)
    let promised = finding(pools) {
      $0.memory.hugePagePromises = [.init(pageBytes: 2 << 20, pages: 1024)]
    }
    #expect(promised?.verdict == .pass)
    #expect(promised?.summary == "promised to a program, even over the nodes")
    #expect(promised?.evidence.contains { $0.path.hasSuffix("resv_hugepages") } == true)
    // A count that was not read decides nothing.
    let path = "/sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages"
    let gap = [UnknownFact(fact: "hugePagePromises.2097152", path: path, reason: "EIO")]
    let unread = finding(pools) { $0.memory.unknown = gap }
    #expect(unread?.verdict == .unknown)
    #expect(unread?.evidence.last?.path == path)
    // Nor does it matter for less than what is told of.
    let few = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 8, free: 8)]
    #expect(finding(few) { $0.memory.unknown = gap }?.verdict == .pass)
  }

  @Test func `unused pools of all sizes are one sum`() {
    let pools = [
      NUMANode.HugePagePool(pageBytes: 2 << 20, total: 512, free: 512),
      NUMANode.HugePagePool(pageBytes: 1 << 30, total: 1, free: 1),
    ]
    let found = finding(pools)
    #expect(
      found?.summary == "4 GiB reserved, none in use (1024 of 2 MiB, 2 of 1 GiB)")
    #expect(found?.advice.first?.commands.count == 4)
    let promised = finding(pools) {
      $0.memory.hugePagePromises = [.init(pageBytes: 1 << 30, pages: 2)]
    }
    #expect(promised?.summary == "2 GiB reserved, none in use")
    // A size that is uneven is told of beside one that nobody uses.
    let both = finding(pools) {
      $0.memory.nodes[1].hugePages[0] = .init(pageBytes: 2 << 20, total: 2, free: 0)
    }
    #expect(
      both?.summary == "2 GiB reserved, none in use; uneven over the nodes: 2 to 512 of 2 MiB")
    #expect(both?.advice.count == 2)
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes[1].hugePages = [] } == [.unknown])
    #expect(
      verdicts { inventory in
        inventory.memory.nodes[1].hugePages = []
        inventory.memory.nodes[1].kind = .memoryless
      } == [.pass])
  }

  @Test(arguments: [
    ("always", Verdict.pass), ("madvise", .pass), ("never", .warn), ("x", .unknown),
  ])
  func transparent(mode: String, verdict: Verdict) {
    let found = WellServer.verdicts(TransparentHugePagesCheck.self) {
      $0.memory.transparentHugePages = mode
    }
    #expect(found == [verdict])
  }

  @Test func transparentElsewhere() {
    #expect(
      WellServer.verdicts(TransparentHugePagesCheck.self) { $0.memory.transparentHugePages = nil }
        == [.unknown])
    #expect(
      WellServer.verdicts(TransparentHugePagesCheck.self) { inventory in
        inventory.memory.transparentHugePages = "never"
        WellServer.makeDesktop(&inventory)
      } == [.notApplicable])
  }
}

@Suite struct MemoryNodesTests {
  private func verdicts(_ change: (inout Inventory) -> Void = { _ in }) -> [Verdict] {
    WellServer.verdicts(MemoryNodesCheck.self, change)
  }

  @Test func everyVerdict() {
    #expect(verdicts() == [.pass])
    #expect(verdicts { $0.memory.nodes[1].kind = .memoryless } == [.warn])
    #expect(verdicts { $0.memory.nodes[1].totalBytes = 40 << 30 } == [.warn])
    #expect(verdicts { $0.memory.nodes[1].totalBytes = 50 << 30 } == [.pass])
    // Memory without CPUs is meant to be so.
    #expect(verdicts { $0.memory.nodes[1].kind = .cpuless } == [.pass])
    #expect(verdicts { $0.memory.nodes.removeLast() } == [.notApplicable])
    #expect(
      verdicts { inventory in
        inventory.memory.nodes[1].kind = .memoryless
        WellServer.makeGuest(&inventory)
      } == [.notApplicable])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.memory.nodes = [] } == [.unknown])
    #expect(verdicts { $0.memory.nodes[0].kind = nil } == [.unknown])
    #expect(verdicts { $0.memory.nodes[0].totalBytes = nil } == [.unknown])
  }
}
