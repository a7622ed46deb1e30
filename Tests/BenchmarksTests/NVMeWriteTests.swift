import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// Where drives are written to, and where not.
extension NVMePlanTests {
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

  @Test func aSerialThatNamesSeveralIsNoConsent() throws {
    var inventory = Self.inventory
    inventory.nvme[0].serial = "S2"
    var plan = plan(inventory) { $0.consentSerials = ["S2"] }
    let several = "the serial number S2 names 2 drives or namespaces, and consent has to name one"
    let writes = plan.filter { $0.series.metric.contains("write") }
    #expect(writes.count == 4)
    #expect(writes.allSatisfy { reason($0) == several })
    inventory = Self.inventory
    var second = inventory.nvme[1].namespaces[0]
    second.name = "nvme1n2"
    second.id = 2
    inventory.nvme[1].namespaces.append(second)
    plan = self.plan(inventory) { $0.consentSerials = ["S2"] }
    #expect(reason(try planned(plan, "sequential-write/S2")) == several)
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
    let written = WriteBudget.written(by: [
      ["drive": "S1", "bytesWritten": "100"], ["drive": "S1", "bytesWritten": "5"],
      ["drive": "S2", "bytesWritten": "\(Int.max)"], ["drive": "S2", "bytesWritten": "7"],
      ["drive": "S3", "bytesWritten": "-7"], ["bytesWritten": "7"],
    ])
    #expect(written == ["S1": 105, "S2": Int.max])
    var budget = WriteBudget(bytesPerWeek: .max, written: written)
    #expect(budget.take(1, drive: "S2") != nil)
    #expect(budget.take(1, drive: "S1") == nil)
  }
}
