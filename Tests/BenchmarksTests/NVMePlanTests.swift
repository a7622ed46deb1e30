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

  private func plan(
    _ inventory: Inventory = inventory, _ budget: WriteBudget? = nil,
    _ change: (inout BenchmarkOptions) -> Void = { _ in }
  ) -> [PlannedMeasurement] {
    var options = BenchmarkOptions()
    change(&options)
    var box = BenchmarkBox(inventory, options)
    box.writeBudget = budget
    return NVMePlan.measurements(box)
  }

  private func planned(_ plan: [PlannedMeasurement], _ key: String) throws -> PlannedMeasurement {
    try #require(plan.first { $0.series.key == "nvme.\(key)" })
  }

  private func reason(_ planned: PlannedMeasurement) -> String? {
    if case .skipped(let reason) = planned.obstacle { return reason }
    return nil
  }

  private func load(_ planned: PlannedMeasurement) throws -> FioParameters {
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

  // MARK: writing

  @Test func nothingIsWrittenUnasked() throws {
    for planned in plan() where planned.series.metric.contains("write") {
      #expect(reason(planned)?.contains("--scratch") == true)
      #expect(reason(planned)?.contains("--consent-serial") == true)
    }
    for planned in plan() where planned.obstacle == nil {
      #expect(try !load(planned).pattern.writes)
      #expect(try load(planned).totalWriteBytes == 0)
    }
  }

  @Test func consentCountsForTheNamedEmptyDriveOnly() throws {
    let plan = plan { $0.consentSerials = ["S1", "S2"] }
    #expect(
      reason(try planned(plan, "sequential-write/S1"))
        == "nvme0n1 is not overwritten: nvme0n1p1 is mounted at /data")
    let write = try planned(plan, "sequential-write/S2")
    #expect(write.obstacle == nil)
    #expect(try load(write).consent == "S2")
    #expect(try load(write).kind == .device)
    let other = self.plan { $0.consentSerials = ["S3", ""] }
    #expect(other.filter { $0.series.metric.contains("write") }.allSatisfy { reason($0) != nil })
  }

  @Test(arguments: [NVMeController.Use.Kind.mount, .swap, .raid, .deviceMapper, .other])
  func whateverIsInUseIsNotOverwritten(_ kind: NVMeController.Use.Kind) throws {
    var inventory = Self.inventory
    inventory.nvme[1].namespaces[0].uses = [.init(device: "nvme1n1", kind: kind, target: "x")]
    let plan = plan(inventory) { $0.consentSerials = ["S2"] }
    #expect(reason(try planned(plan, "random-write-depth-32/S2")) != nil)
  }

  @Test func anIdlePartitionOrAnUnknownContentIsNotOverwritten() throws {
    var inventory = Self.inventory
    for uses in [[NVMeController.Use(device: "nvme1n1p1", kind: .idle)], []] {
      inventory.nvme[1].namespaces[0].uses = uses
      let plan = plan(inventory) { $0.consentSerials = ["S2"] }
      #expect(reason(try planned(plan, "sequential-write/S2")) != nil)
    }
    inventory.nvme[1].namespaces[0].uses = [.init(device: "nvme1n1", kind: .idle)]
    inventory.nvme[1].unknown = [UnknownFact(fact: "uses", path: "/x", reason: "ZFS")]
    let plan = plan(inventory) { $0.consentSerials = ["S2"] }
    #expect(
      reason(try planned(plan, "sequential-write/S2"))
        == "nvme1n1 is not overwritten: it is not known what lies on it")
  }

  @Test func aScratchFolderIsMeasuredOnItsDrive() throws {
    let plan = plan { $0.scratch = "/data/some/folder" }
    let write = try planned(plan, "file-sequential-write/S1")
    #expect(write.obstacle == nil)
    #expect(write.devices == [MadeUp.at("01:00.0")])
    #expect(try load(write).mountPoint == "/data")
    #expect(try load(write).kind == .file)
    // Reading a file needs one with content.
    #expect(try load(planned(plan, "file-sequential-read/S1")).totalWriteBytes > 0)
    // The other drive is not written to for that.
    #expect(reason(try planned(plan, "sequential-write/S2")) != nil)
    #expect(!plan.contains { $0.series.key == "nvme.sequential-write/S1" })
  }

  @Test func aScratchFolderOnRAIDIsAFileSystem() throws {
    var inventory = Self.inventory
    for index in inventory.nvme.indices {
      let name = inventory.nvme[index].namespaces[0].name
      inventory.nvme[index].namespaces[0].uses = [
        .init(device: name, kind: .raid, target: "md0", detail: "raid0"),
        .init(
          device: "md0", kind: .mount, target: "/fast data", detail: "ext4", freeBytes: 1 << 40),
      ]
    }
    let plan = plan(inventory) { $0.scratch = "/fast data/x" }
    let write = try planned(plan, "file-sequential-write/mount-_fast_data")
    #expect(write.obstacle == nil)
    #expect(write.devices.count == 2)
    #expect(write.series.subject == "ext4 at /fast data on md0")
  }

  @Test func aScratchPlaceThatDoesNotFitIsSkipped() throws {
    for path in ["data", "/data/../etc", "/elsewhere"] {
      let plan = plan { $0.scratch = path }
      #expect(reason(try planned(plan, "file-sequential-write/scratch")) != nil, "\(path)")
    }
    var full = Self.inventory
    full.nvme[0].namespaces[0].uses[0].freeBytes = 1 << 30
    let plan = plan(full) { $0.scratch = "/data" }
    #expect(
      reason(try planned(plan, "file-sequential-write/S1"))
        == "/data has 1 GiB free; 8 GiB are needed")
  }

  @Test func aWeekHasABound() throws {
    let budget = WriteBudget(bytesPerWeek: 10 << 30, written: ["S2": 1 << 30, "S1": 10 << 30])
    let plan = plan(Self.inventory, budget) { $0.consentSerials = ["S2"] }
    // 1 + 8 GiB fit, another 2 do not.
    #expect(try planned(plan, "sequential-write/S2").obstacle == nil)
    #expect(
      reason(try planned(plan, "random-write-depth-32/S2"))
        == "it would write 2.1 GB, and 9.7 GB of 10.7 GB a week are written or planned")
  }

  @Test func aTimerDoesNotWriteWithoutAHistory() throws {
    func plan(_ trigger: BenchmarkRun.Trigger) -> [PlannedMeasurement] {
      self.plan {
        $0.consentSerials = ["S2"]
        $0.trigger = trigger
      }
    }
    #expect(reason(try planned(plan(.scheduled), "sequential-write/S2")) != nil)
    #expect(reason(try planned(plan(.manual), "sequential-write/S2")) == nil)
  }

  @Test func whatWasWrittenIsCountedFromResults() {
    let series = NVMePlan.series("w", "S1", "x", .sequentialWrite)
    func result(_ details: [String: String]) -> BenchmarkResult {
      var result = BenchmarkResult(series, .measured)
      result.details = details
      return result
    }
    let written = WriteBudget.written(by: [
      result(["drive": "S1", "bytesWritten": "100"]), result(["drive": "S1", "bytesWritten": "5"]),
      result(["drive": "S2", "bytesWritten": "\(Int.max)"]),
      result(["drive": "S2", "bytesWritten": "7"]), result(["drive": "S3", "bytesWritten": "-7"]),
      result(["bytesWritten": "7"]),
    ])
    #expect(written == ["S1": 105, "S2": Int.max])
    var budget = WriteBudget(bytesPerWeek: .max, written: written)
    #expect(budget.take(1, drive: "S2") != nil)
    #expect(budget.take(1, drive: "S1") == nil)
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
