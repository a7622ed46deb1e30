import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// What a trial measures, by kind of device.
struct TrialLoadTests {
  private func loads(
    _ inventory: Inventory, _ device: PCIAddress, moves: Bool = true, names: [String] = [],
    _ change: (inout BenchmarkOptions) -> Void = { _ in }
  ) throws -> [TrialLoad] {
    var options = BenchmarkOptions()
    options.devices = ["\(device)"]
    change(&options)
    var box = BenchmarkBox(inventory, options)
    box.peerInterface = options.networkPeer == nil ? nil : inventory.nics.first?.name
    return try TrialLoads.all(box, device, movesLoad: moves, names: names)
  }

  @Test func `a drive is read at random and in sequence, near and anywhere`() throws {
    let loads = try self.loads(NVMePlanTests.inventory, MadeUp.at("02:00.0"))
    #expect(loads.map(\.name) == ["random-read", "sequential-read"])
    #expect(
      loads.map(\.on.series.key) == [
        "nvme.random-read-depth-32/S2", "nvme.sequential-read-near/S2",
      ])
    for load in loads {
      let on = try FioParameters(load.on.parameters)
      let off = try FioParameters(load.off.parameters)
      #expect(on.targets == [.init("nvme1n1", cpus: NumberSet([4, 5, 6, 7]), memoryNode: 1)])
      #expect(off.targets == [.init("nvme1n1", cpus: nil, memoryNode: nil)])
      #expect((off.pattern, off.depth, off.blockBytes) == (on.pattern, on.depth, on.blockBytes))
      #expect(!on.pattern.writes && on.totalWriteBytes == 0)
      #expect(load.movesLoad && load.on.devices == [MadeUp.at("02:00.0")])
      #expect(load.on.seconds == 2 && load.off.quickSeconds == 2)
      #expect(load.planned.leastSeconds == 32 && load.planned.mostSeconds == 96)
    }
  }

  @Test func `of changes alone the load stays in its place`() throws {
    let loads = try self.loads(NVMePlanTests.inventory, MadeUp.at("01:00.0"), moves: false) {
      $0.isQuick = true
    }
    #expect(loads.allSatisfy { $0.on == $0.off && !$0.movesLoad && $0.seconds == 0.5 })
  }

  @Test func `loads are chosen by name`() throws {
    let drive = MadeUp.at("01:00.0")
    #expect(
      try loads(NVMePlanTests.inventory, drive, names: ["sequential-read"]).map(\.name) == [
        "sequential-read"
      ])
    let failure = #expect(throws: Failure.self) {
      try loads(NVMePlanTests.inventory, drive, names: ["write"])
    }
    #expect(failure?.code == .usage)
    #expect(failure?.hint == "it has random-read, sequential-read")
  }

  @Test func `a dead drive and a bridge have no load`() throws {
    var inventory = NVMePlanTests.inventory
    inventory.nvme[0].state = "dead"
    let dead = #expect(throws: Failure.self) { try self.loads(inventory, MadeUp.at("01:00.0")) }
    #expect(dead?.reason == "nvme0 is dead")
    let other = #expect(throws: Failure.self) { try loads(inventory, inventory.pci[0].address) }
    #expect(other?.code == .notFound)
  }

  @Test func `an interface needs the peer that it leads to`() throws {
    var inventory = NVMePlanTests.inventory
    var nic = NIC(name: "eth0")
    nic.address = MadeUp.at("01:00.0")
    nic.numaNode = 1
    var other = NIC(name: "eth1")
    other.address = MadeUp.at("02:00.0")
    inventory.nics = [nic, other]
    inventory.nvme = []
    let alone = #expect(throws: Failure.self) { try self.loads(inventory, MadeUp.at("01:00.0")) }
    #expect(alone?.code == .usage)
    let loads = try self.loads(inventory, MadeUp.at("01:00.0")) { $0.networkPeer = "10.0.0.2" }
    #expect(loads.map(\.name) == ["receive", "send"])
    #expect(loads.map { $0.on.parameters["cpus"] } == ["4-7", "4-7"])
    #expect(loads.map { $0.on.parameters["memoryNode"] } == ["1", "1"])
    #expect(loads.map { $0.off.parameters["cpus"] } == [nil, nil])
    #expect(loads.map { $0.off.parameters["memoryNode"] } == [nil, nil])
    #expect(loads.map { $0.off.parameters["direction"] } == ["receive", "send"])
    // 2 s are measured after one that does not count.
    #expect(loads.allSatisfy { $0.seconds == 3 })
    let elsewhere = #expect(throws: Failure.self) {
      try self.loads(inventory, MadeUp.at("02:00.0")) { $0.networkPeer = "10.0.0.2" }
    }
    #expect(elsewhere?.reason.contains("over eth0") == true)
  }

  // MARK: evidence

  @Test func `a look is made only after 8 pairs`() {
    var evidence = TrialEvidence(.higher)
    for count in 0..<8 {
      #expect(evidence.verdict == nil && evidence.nextLook == 8)
      #expect(evidence.startsOn == (count % 2 == 1))
      evidence.append(.init(off: 100, on: 120 + Double(count % 2)))
    }
    #expect(evidence.verdict == .gain)
    #expect(
      evidence.trial(BenchmarkRuns.memory("triad", 0, 1), plan: "p", time: "t")?.pairs.count == 8)
  }

  @Test func `lower is better where the series says so`() {
    var evidence = TrialEvidence(.lower)
    for count in 0..<8 { evidence.append(.init(off: 100 + Double(count % 2), on: 120)) }
    #expect(evidence.verdict == .worse)
  }

  @Test func `a figure is a median above 0, and has a tail of 5 samples`() {
    #expect(TrialFigure([], .higher) == nil)
    #expect(TrialFigure([0, 0, 0], .higher) == nil)
    #expect(TrialFigure([3, 1, 2, 4], .higher)?.value == 2.5)
    #expect(TrialFigure([3, 1, 2, 4], .higher)?.tail == nil)
    let samples = (1...11).map(Double.init)
    #expect(TrialFigure(samples, .higher)?.tail == 2)
    #expect(TrialFigure(samples, .lower)?.tail == 10)
  }
}
