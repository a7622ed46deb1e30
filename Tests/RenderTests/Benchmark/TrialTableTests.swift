import Base
import Benchmarks
import TestMachines
import Testing

@testable import Render

@Suite struct TrialTableTests {
  private let style = Style(color: false, width: 100, unicode: true)
  private let series = BenchmarkRuns.device(
    "nvme", "random-read-depth-32", "nvme0n1", key: "S1", .operationsPerSecond)

  private func trial(_ verdict: BenchmarkTrial.Verdict) -> BenchmarkTrial {
    BenchmarkTrial(
      time: "2026-11-30T02:14:05Z", device: "S1", series: series.key,
      plan: "00c0ffee00c0ffee: 1 setting of nvme0",
      pairs: (0..<8).map { .init(off: 100_000 + Double($0), on: 112_000) }, ratio: 1.12, low: 1.08,
      high: 1.16, looks: 1, verdict: verdict)
  }

  private func device(
    _ verdict: BenchmarkTrial.Verdict?, _ outcome: BenchmarkTrialDocument.Outcome
  ) -> BenchmarkTrialDocument.Device {
    let planned = TrialLoad(
      name: "random-read",
      on: PlannedMeasurement(series, seconds: 2, quickSeconds: 2, parameters: ["cpus": "0-3"]),
      off: PlannedMeasurement(series, seconds: 2, quickSeconds: 2))
    var device = BenchmarkTrialDocument.Device(
      device: "nvme0", address: MadeUp.at("01:00.0"), plan: "00c0ffee00c0ffee", outcome: outcome)
    device.settings = [
      .init(name: "/proc/irq/30/smp_affinity_list", detail: "nvme0q0", off: "0-7", on: "2")
    ]
    device.leftAlone = ["interrupts 31-38: managed by the kernel"]
    device.loads = [planned.planned]
    device.loads[0].trial = verdict.map(trial)
    return device
  }

  private func lines(_ devices: [BenchmarkTrialDocument.Device]) -> [String] {
    TrialTable.render(BenchmarkTrialDocument(devices), style)
  }

  @Test func `a planned trial says what it would switch and how long it takes`() {
    #expect(
      lines([device(nil, .planned)]) == [
        "nvme0  01:00.0  plan 00c0ffee00c0ffee",
        "  /proc/irq/30/smp_affinity_list (nvme0q0): off 0-7, on 2",
        "  left alone: interrupts 31-38: managed by the kernel",
        "  random-read: moved to its node; 8 to 24 pairs, 32 s to 1 min 36 s",
        "nothing was changed: this is what a trial would do",
      ])
  }

  @Test func `many settings are counted`() {
    var many = device(nil, .planned)
    many.settings = Array(repeating: many.settings[0], count: 40)
    let text = lines([many])
    #expect(text.contains("  and 28 more settings"))
    #expect(text.count { $0.contains("/proc/irq/30/") } == 12)
  }

  @Test func `a verdict stands with its interval and both figures`() {
    let text = lines([device(.gain, .putBack)])
    #expect(text.contains("  random-read: gain, on over off 1.12 (1.08 to 1.16), 8 pairs"))
    #expect(text.contains("    nvme0n1: 100k IOPS off, 112k IOPS on"))
    #expect(text.last == "every setting is as it was found")
    #expect(lines([device(.gain, .kept)]).last == "the placement is kept")
    var worse = device(.worse, .putBack)
    worse.loads[0].tailRatio = 0.6
    worse.loads[0].isTailWorse = true
    worse.refused = ["/proc/irq/9/smp_affinity_list: EIO"]
    let reason = lines([worse]).joined(separator: "\n")
    #expect(reason.contains("worse"))
    #expect(reason.contains("tail 0.6: the tail loses more than"))
    #expect(reason.contains("refused: /proc/irq/9/smp_affinity_list: EIO"))
  }

  @Test func `what was not tried has its reason, and nothing is nothing`() {
    var device = BenchmarkTrialDocument.Device(
      device: "system", address: nil, plan: nil, outcome: .notTried)
    device.reason = "it belongs to no device that can be measured"
    #expect(
      lines([device]) == [
        "system",
        "not tried, and nothing changed: it belongs to no device that can be measured",
      ])
    #expect(lines([]) == ["nothing to change"])
  }

  @Test func `trials are listed, the newest first`() {
    #expect(TrialTable.render(BenchmarkTrialsDocument([]), style).count == 1)
    let text = TrialTable.render(
      BenchmarkTrialsDocument([trial(.noGainShown), trial(.gain)]), style)
    #expect(text.count == 3)
    #expect(text[1].contains("gain") && !text[1].contains("no gain shown"))
    #expect(text[2].contains("no gain shown") && text[2].contains("2026-11-30 02:14"))
  }
}
