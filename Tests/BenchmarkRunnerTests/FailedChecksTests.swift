import Base
import Benchmarks
import Health
import Inventory
import TestMachines
import Testing

@testable import BenchmarkRunner

/// Which failed checks may be the cause of a low figure.
@Suite struct FailedChecksTests {
  private func planned(_ devices: [PCIAddress]) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: "gpu", metric: "x", subjectKey: "y", subject: "z", unit: .bytesPerSecond),
      devices: devices, seconds: 1, quickSeconds: 1)
  }

  @Test func `each kind of device has the checks of its area`() throws {
    var box = WellServer.linked
    box.nvme = WellServer.inventory.nvme
    let gpu = try #require(box.gpus.first?.address)
    let drive = try #require(box.nvme.compactMap(\.address).first)
    var checks = FailedChecks(box, profile: .success(nil))
    let warn = try #require(HealthReport(Box(box)).findings.first)
    checks.findings = ["gpu-runtime", "raid", "memory-channels"].map { id in
      var finding = warn
      (finding.check, finding.address, finding.verdict) = (id, nil, .warn)
      return finding
    }
    #expect(checks.on(planned([gpu])) == ["gpu-runtime"])
    #expect(checks.on(planned([drive])) == ["raid"])
    #expect(checks.on(planned([])) == ["memory-channels"])
  }

  @Test func `checks that cannot be made are no sign that nothing failed`() {
    let failure = Failure("read the profile /var/lib/tinybox/profile.json", because: "it is empty")
    let causes = FailedChecks(WellServer.linked, profile: .failure(failure)).on(planned([]))
    #expect(causes.last?.hasPrefix("checks not readable: ") == true)
    #expect(causes.last?.contains("profile.json") == true)
    #expect(
      FailedChecks(unread: failure).on(planned([])).last == "checks not readable: \(failure)")
  }
}
