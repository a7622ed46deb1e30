internal import Benchmarks

/// What the box delivered when it was last measured.
///
/// Figures and ceilings have the names and labels of `tinyboxctl benchmark export --format openmetrics`, so
/// that a history that was imported from there is the same series.
enum BenchmarkMetrics {
  private static let metric = MetricFamily.Label("metric", "what a benchmark measures: `triad`")
  private static let series = MetricFamily.Label("series", "key of a series of benchmarks")
  private static let suite = MetricFamily.Label("suite", "suite of benchmarks: `memory`")

  static let families: [MetricFamily] =
    BenchmarkSeries.Unit.allCases.map { unit in
      figures(
        "benchmark", unit, help: "The newest figure of a series of benchmarks; no quick runs."
      ) { $0.lastValue }
    }
    + BenchmarkSeries.Unit.allCases.map { unit in
      figures(
        "benchmark_ceiling", unit,
        help: "The most that physics allows for a series of benchmarks, where it is known."
      ) { $0.lastCeiling }
    } + [
      MetricFamily(
        "benchmark_series", .info, help: "What a series of benchmarks measures.",
        labels: [
          series, suite, metric, .init("subject", "what it is measured on, for people"),
          .init("unit", "unit of its figures"), .init("better", "`higher` or `lower`"),
        ], bound: "one a series of benchmarks"
      ) { input in
        (input.benchmarks?.series ?? []).map(\.series).map {
          .info($0.key, $0.suite, $0.metric, $0.subject, $0.unit.metricName, $0.better.rawValue)
        }
      },
      MetricFamily(
        "benchmark_last_run_timestamp", unit: "seconds",
        help: "When the newest run with a figure began, seconds since 1970; no quick runs."
      ) { input in
        let time = input.benchmarks?.newestRun.flatMap(BenchmarkTime.milliseconds)
        return [Sample(time.map { Double($0) / 1000 })].compactMap { $0 }
      },
      MetricFamily(
        "benchmark_open_changes",
        help: "Changes in the history of benchmarks that nobody has acknowledged.",
        labels: [
          .init(
            "verdict",
            "of a change: `suspicion`, `decline`, `improvement`, `contextChange` or `drift`")
        ], bound: "5"
      ) { input in
        guard let benchmarks = input.benchmarks else { return [] }
        return BenchmarkChange.Verdict.allCases.compactMap { verdict in
          Sample(benchmarks.changes.count { $0.verdict == verdict }, verdict.rawValue)
        }
      },
    ]

  private static func figures(
    _ name: String, _ unit: BenchmarkSeries.Unit, help: String,
    _ figure: @escaping @Sendable (BenchmarkSeriesSummary) -> Double?
  ) -> MetricFamily {
    MetricFamily(
      name, unit: unit.metricName, help: help, labels: [metric, series, suite],
      bound: "one a series of benchmarks"
    ) { input in
      (input.benchmarks?.series ?? []).filter { $0.series.unit == unit }.compactMap {
        Sample(figure($0), $0.series.metric, $0.series.key, $0.series.suite)
      }
    }
  }
}
