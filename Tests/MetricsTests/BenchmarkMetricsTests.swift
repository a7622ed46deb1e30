import Benchmarks
import Inventory
import TestMachines
import Testing

@testable import Metrics

@Suite struct BenchmarkMetricsTests {
  private func samples(_ benchmarks: BenchmarkSummary?) throws -> [StrictParser.Series: Double] {
    let input = MetricsInput(
      version: "1", inventory: Inventory(origin: ""), benchmarks: benchmarks)
    var found: [StrictParser.Series: Double] = [:]
    for family in try StrictParser.families(Exposition.openmetrics.text(input), .openmetrics)
    where family.name.hasPrefix("tinybox_benchmark") {
      for sample in family.samples { found[sample.series] = sample.value }
    }
    return found
  }

  private func named(_ name: String, _ all: [StrictParser.Series: Double]) -> [[String: String]:
    Double]
  {
    var found: [[String: String]: Double] = [:]
    for (series, value) in all where series.name == name { found[series.labels] = value }
    return found
  }

  @Test func `each series has its newest figure and ceiling in its unit`() throws {
    let all = try samples(FullMachine.benchmarks)
    let labels = ["metric": "m0", "series": "memory.m0/cpu0-memory0", "suite": "memory"]
    #expect(named("tinybox_benchmark_bytes_per_second", all) == [labels: 20.5])
    #expect(named("tinybox_benchmark_ceiling_bytes_per_second", all) == [labels: 38.5])
    #expect(named("tinybox_benchmark_seconds", all).values.map { $0 } == [22.5])
    #expect(named("tinybox_benchmark_series_info", all).count == 3)
    // 2026-11-22T03:00:00Z, by `date -u -d`.
    #expect(named("tinybox_benchmark_last_run_timestamp_seconds", all) == [[:]: 1_795_316_400])
    #expect(
      named("tinybox_benchmark_open_changes", all) == [
        ["verdict": "suspicion"]: 0, ["verdict": "decline"]: 1, ["verdict": "improvement"]: 0,
        ["verdict": "contextChange"]: 0, ["verdict": "drift"]: 0,
      ])
  }

  @Test func `what is not known is left out`() throws {
    #expect(try samples(nil).isEmpty)
    var benchmarks = FullMachine.benchmarks
    for index in benchmarks.series.indices {
      benchmarks.series[index].lastCeiling = nil
      benchmarks.series[index].lastTime = nil
    }
    benchmarks.series[1].lastValue = nil
    let all = try samples(benchmarks)
    #expect(!all.keys.contains { $0.name.contains("ceiling") || $0.name.contains("last_run") })
    #expect(named("tinybox_benchmark_operations_per_second", all).isEmpty)
    #expect(named("tinybox_benchmark_bytes_per_second", all).count == 1)
  }

  @Test func `figures are the series of the export`() throws {
    let summary = FullMachine.benchmarks
    var run = BenchmarkRun(
      id: "r", started: "2026-11-20T03:00:00Z", boot: nil, trigger: .scheduled, program: "1",
      isQuick: false, suites: [], context: [:])
    run.state = .done
    run.results = summary.series.map { series in
      var result = BenchmarkResult(series.series, .measured)
      result.value = series.lastValue
      result.ceiling = BenchmarkCeiling([.init("made up", series.lastCeiling, "")])
      return result
    }
    var export = BenchmarkOpenMetrics()
    export.add(run)
    let live = try samples(summary)
    var compared = 0
    for line in export.text().split(separator: "\n") where !line.hasPrefix("#") {
      // `name{labels} value time`
      let parts = line.split(separator: " ")
      let sample = "\(parts[0]) \(parts[1])"
      let same = live.contains { series, value in
        let labels = series.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return "\(series.name){\(labels.joined(separator: ","))} \(value)" == sample
      }
      #expect(same, "\(sample)")
      compared += 1
    }
    #expect(compared == 6)
  }
}
