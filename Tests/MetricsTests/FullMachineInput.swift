import Benchmarks
import Health
import Metrics
import TestMachines

extension FullMachine {
  /// What the families are made from.
  static var input: MetricsInput {
    let box = inventory
    return MetricsInput(
      version: "1.2.3", inventory: box, report: HealthReport(Box(box, profile: profile)),
      profile: profile, placement: placement, benchmarks: benchmarks,
      collectorSeconds: ["PCI": 0.25, "GPU": 1.5])
  }

  /// A history with a series of each unit.
  static var benchmarks: BenchmarkSummary {
    let series = BenchmarkSeries.Unit.allCases.enumerated().map { index, unit in
      BenchmarkSeriesSummary(
        series: BenchmarkSeries(
          suite: "memory", metric: "m\(index)", subjectKey: "cpu0-memory\(index)",
          subject: "CPUs of node 0", unit: unit, better: unit == .seconds ? .lower : .higher),
        count: 15 - index, lastValue: 20.5 + Double(index), lastTime: "2026-11-2\(index)T03:00:00Z",
        lastCeiling: 38.5)
    }
    let change = BenchmarkChange(
      series: series[0].series.key, time: "2026-11-20T03:00:00Z", foundAt: "2026-11-25T03:00:00Z",
      verdict: .decline)
    return BenchmarkSummary(series: series, changes: [change])
  }
}
