import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// The plan for drives: what is measured, and where nothing is written.
struct NVMePlanTests {
  /// Two drives on two nodes; the first carries `/data`, the second nothing.
  static var inventory: Inventory {
    var inventory = PCIeCeilingTests.box()
    inventory.memory.nodes = [WellServer.node(0, 0...3), WellServer.node(1, 4...7)]
    var other = inventory.pci[1]
    other.address = MadeUp.at("02:00.0")
    inventory.pci.append(other)
    inventory.nvme = [
      drive("nvme0", "01:00.0", "S1", node: 0), drive("nvme1", "02:00.0", "S2", node: 1),
    ]
    inventory.nvme[0].namespaces[0].uses = [
      .init(
        device: "nvme0n1p1", kind: .mount, target: "/data", detail: "xfs", freeBytes: 1 << 40,
        sizeBytes: 1 << 40)
    ]
    inventory.nvme[1].namespaces[0].uses = [.init(device: "nvme1n1", kind: .idle)]
    return inventory
  }

  static func drive(_ name: String, _ address: String, _ serial: String?, node: Int)
    -> NVMeController
  {
    var drive = NVMeController(name: name)
    drive.address = MadeUp.at(address)
    drive.model = "Fast 2TB"
    drive.serial = serial
    drive.state = "live"
    drive.numaNode = node
    var namespace = NVMeController.Namespace(name: name + "n1")
    namespace.id = 1
    namespace.sizeBytes = 2_000_000_000_000
    drive.namespaces = [namespace]
    return drive
  }

  func plan(
    _ inventory: Inventory = inventory, _ budget: WriteBudget? = nil,
    _ change: (inout BenchmarkOptions) -> Void = { _ in }
  ) -> [PlannedMeasurement] {
    var options = BenchmarkOptions()
    change(&options)
    var box = BenchmarkBox(inventory, options)
    box.writeBudget = budget
    return NVMePlan.measurements(box)
  }

  func planned(_ plan: [PlannedMeasurement], _ key: String) throws -> PlannedMeasurement {
    try #require(plan.first { $0.series.key == "nvme.\(key)" })
  }

  func reason(_ planned: PlannedMeasurement) -> String? {
    if case .skipped(let reason) = planned.obstacle { return reason }
    return nil
  }

  func load(_ planned: PlannedMeasurement) throws -> FioParameters {
    try FioParameters(planned.parameters)
  }

  // MARK: reading

  @Test func everyDriveIsReadAloneNearAndFarAndAllAtOnce() throws {
    let keys = plan().filter { $0.obstacle == nil }.map(\.series.key)
    let alone = ["S1", "S2"].flatMap { serial in
      [
        "sequential-read-near", "sequential-read-far", "random-read-depth-1",
        "random-read-depth-32", "random-read-depth-256",
      ].map { "nvme.\($0)/\(serial)" }
    }
    #expect(
      keys == alone + ["nvme.all-sequential-read/S1+S2", "nvme.all-random-read-depth-32/S1+S2"])
    #expect(Set(keys).count == keys.count)
  }

  @Test func aLoadKeepsToItsNode() throws {
    let far = try load(planned(plan(), "sequential-read-far/S2"))
    #expect(far.targets == [.init("nvme1n1", cpus: NumberSet(range: 0...3), memoryNode: 0)])
    #expect(far.pattern == .sequentialRead)
    #expect(far.blockBytes == 1 << 20)
    let all = try load(planned(plan(), "all-sequential-read/S1+S2"))
    #expect(
      all.targets == [
        .init("nvme0n1", cpus: NumberSet(range: 0...3), memoryNode: 0),
        .init("nvme1n1", cpus: NumberSet(range: 4...7), memoryNode: 1),
      ])
  }

  @Test func theCeilingIsTheLink() throws {
    let raw = 16e9 * 4 * 128 / 130 / 8 as Double
    let read = try planned(plan(), "sequential-read-near/S1")
    #expect(read.ceiling?.value?.rounded() == (raw * 256 / 280).rounded())
    #expect(
      try planned(plan(), "random-read-depth-1/S1").ceiling?.value?.rounded()
        == (raw * 256 / 280 / 4096).rounded())
    #expect(
      try planned(plan(), "sequential-write/S2").ceiling?.value?.rounded()
        == (raw * (256.0 / 276)).rounded())
    #expect(
      try planned(plan(), "all-sequential-read/S1+S2").ceiling?.value?.rounded()
        == (2 * (raw * 256 / 280)).rounded())
    // A virtual drive has no link.
    var virtual = Self.inventory
    virtual.pci = []
    let without = try planned(plan(virtual), "sequential-read-near/S1")
    #expect(without.ceiling?.value == nil)
    #expect(without.ceiling?.arithmetic == "unknown; PCIe link: the device is on no PCI bus")
  }

  @Test func onlyADriveAloneHasAMark() throws {
    #expect(try planned(plan(), "sequential-read-near/S1").mark == 0.4)
    #expect(try planned(plan(), "random-read-depth-256/S1").mark == nil)
    // Drives that share a link further up cannot reach the sum of theirs.
    #expect(try planned(plan(), "all-sequential-read/S1+S2").mark == nil)
  }

  @Test func oneNodeHasNoFarOne() {
    var inventory = Self.inventory
    inventory.memory.nodes.removeLast()
    inventory.nvme.removeLast()
    #expect(!plan(inventory).contains { $0.series.metric.contains("far") })
    #expect(!plan(inventory).contains { $0.series.metric.hasPrefix("all-") })
  }

  @Test func anUnknownNodeIsNotGuessed() throws {
    var inventory = Self.inventory
    inventory.nvme[0].numaNode = nil
    inventory.pci[1].locality.numaNode = nil
    let any = try planned(plan(inventory), "sequential-read-any/S1")
    #expect(try load(any).targets == [.init("nvme0n1", cpus: nil, memoryNode: nil)])
  }

  @Test func keysStayWhenNumbersChange() {
    var inventory = Self.inventory
    let before = Set(plan(inventory).map(\.series.key))
    inventory.nvme.reverse()
    inventory.nvme[0].name = "nvme0"
    inventory.nvme[0].namespaces[0].name = "nvme0n1"
    inventory.nvme[0].namespaces[0].uses = [.init(device: "nvme0n1", kind: .idle)]
    inventory.nvme[1].namespaces[0].name = "nvme1n1"
    let after = Set(plan(inventory).map(\.series.key))
    #expect(before.filter { !$0.contains("all-") } == after.filter { !$0.contains("all-") })
  }

  @Test func drivesWithoutOrWithTheSameSerialStayApart() {
    var inventory = Self.inventory
    inventory.nvme[0].serial = nil
    inventory.nvme[1].serial = nil
    inventory.pci[1].slot = "U.2 3"
    let keys = plan(inventory).map(\.series.key)
    #expect(keys.contains("nvme.random-read-depth-1/Fast_2TB@U.2_3"))
    inventory.nvme[0].serial = "0000"
    inventory.nvme[1].serial = "0000"
    let same = plan(inventory).map(\.series.key)
    #expect(same.contains("nvme.random-read-depth-1/0000@01:00.0"))
    #expect(Set(same).count == same.count)
  }

  @Test func aDeadDriveIsNotMeasuredAndAPathIsNoDrive() {
    var inventory = Self.inventory
    inventory.nvme[0].state = "dead"
    #expect(
      plan(inventory).filter { $0.series.key.hasSuffix("/S1") }.allSatisfy {
        $0.obstacle == .notApplicable("nvme0 is dead")
      })
    inventory.nvme[0].pathOf = "nvme1"
    #expect(!plan(inventory).contains { $0.series.key.hasSuffix("/S1") })
  }

  @Test func onlyTheDevicesThatWereAskedForAreMeasured() {
    let keys = plan { $0.devices = ["nvme1"] }.map(\.series.key)
    #expect(!keys.isEmpty)
    #expect(keys.allSatisfy { $0.hasSuffix("/S2") })
  }

  // MARK: RAID

  @Test func anArrayIsReadByItsMembers() throws {
    var inventory = Self.inventory
    var array = RAIDArray(name: "md127")
    array.level = "raid0"
    array.state = "clean"
    array.members = [
      .init(device: "nvme1n1", state: "in_sync"), .init(device: "nvme0n1p1", state: "in_sync"),
    ]
    inventory.system.arrays = [array]
    var read = try planned(plan(inventory), "raid-sequential-read/raid0-S1+S2")
    #expect(try load(read).targets.map(\.name) == ["md127"])
    #expect(read.obstacle == nil)
    #expect(read.mark == nil)
    let raw = 16e9 * 4 * 128 / 130 / 8 as Double
    #expect(read.ceiling?.value?.rounded() == (2 * (raw * 256 / 280)).rounded())
    inventory.system.arrays[0].syncAction = "resync"
    read = try planned(plan(inventory), "raid-sequential-read/raid0-S1+S2")
    #expect(reason(read) == "md127 is busy: resync")
    inventory.system.arrays[0].members.append(.init(device: "sda", state: "in_sync"))
    read = try planned(plan(inventory), "raid-sequential-read/raid0-S1+S2+sda")
    #expect(read.ceiling?.value == nil)
  }

  @Test func parametersComeBackAsTheyWere() throws {
    for planned in plan(Self.inventory, nil, { $0.scratch = "/data" })
    where planned.obstacle == nil {
      #expect(try load(planned).parameters == planned.parameters)
    }
    #expect(throws: Failure.self) { try FioParameters([:]) }
  }

  @Test func everyMadeUpMachineCanBePlanned() {
    for (name, inventory) in MadeUp.all {
      let plan = SuitePlans.all.flatMap { $0.measurements(BenchmarkBox(inventory, .init())) }
      let keys = plan.map(\.series.key)
      #expect(Set(keys).count == keys.count, "\(name)")
    }
  }
}
