import Base
import Benchmarks
import Inventory
import TestMachines
import Testing

@testable import Render

@Suite struct SoakTableTests {
  /// A soak with something of each kind.
  private func report() -> SoakReport {
    var report = SoakReport(
      started: "2026-11-24T07:09:13Z", finished: "2026-11-24T08:09:13Z", program: "1",
      plannedSeconds: 3600, seconds: 3600, end: .deadline, looks: 3601)
    var cpu = SoakLoadReport("cpu", .ran)
    cpu.seconds = 3600
    cpu.operations = 3.6e15
    cpu.checkedResults = 1_234_567
    var memory = SoakLoadReport("memory of node 0", .ran)
    memory.seconds = 3600
    memory.bytes = 7.2e13
    memory.wrongResults = 2
    report.loads = [cpu, memory, SoakLoadReport("drive nvme0", .skipped, reason: "in use by fio")]
    report.counters = [
      SoakCounter(subject: "0000:01:00.0", kind: .aerCorrectable, name: "BadTLP", growth: 12)
    ]
    report.lost = [SoakLoss(subject: "nvme1", seconds: 75)]
    report.throttling = [
      SoakThrottling(subject: "0000:01:00.0", reason: "HwSlowdown", share: 0.25)
    ]
    report.unknown = [
      SoakUnknown("power of A", "no sensor"), SoakUnknown("power of B", "no sensor"),
    ]
    report.watched = [SoakWatched("links", 3)]
    report.verdict = .fail
    report.reasons = [SoakReason(.fail, "memory of node 0: 2 results were wrong")]
    return report
  }

  @Test func `it says everything that a person decides by`() {
    let text = SoakTable.render(report(), Style(width: 100)).joined(separator: "\n")
    for part in [
      "fail  1 h 0 min of 1 h 0 min", "memory of node 0: 2 results were wrong", "1000 Gop/s",
      "20 GB/s", "1,234,567", "drive nvme0: left out: in use by fio",
      "correctable PCIe errors (BadTLP): 12 more", "nvme1  lost after 1 min 15 s",
      "HwSlowdown in 25 % of looks", "power of A, power of B: no sensor",
    ] {
      #expect(text.contains(part), "\(part) in:\n\(text)")
    }
  }

  @Test(arguments: [20, 40, 80])
  func `lines keep to the width`(width: Int) {
    for line in SoakTable.render(report(), Style(width: width)) {
      #expect(DisplayText.width(line) <= width)
    }
  }
}
