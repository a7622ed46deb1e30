/// The history as OpenMetrics with timestamps (https://prometheus.io/docs/specs/om/open_metrics_spec/), for
/// `promtool tsdb create-blocks-from openmetrics`.
///
/// Runs are added in any order; only figures are kept, so that years of runs need little memory.
package struct BenchmarkOpenMetrics: Sendable {
  private struct Point {
    var time: Int64
    var figures: [Double?]
  }

  private struct Line {
    var series: BenchmarkSeries
    var points: [Point] = []
  }

  /// What each family shows; its name ends with the unit.
  private static let families = [
    ("", "Median of the samples of a benchmark."),
    ("low_", "Lower end of the 95 % interval of the median of a benchmark."),
    ("high_", "Upper end of the 95 % interval of the median of a benchmark."),
    ("ceiling_", "The most that physics allows for a benchmark."),
  ]

  private let selection: BenchmarkSelection
  private var lines: [String: Line] = [:]

  /// An export without runs.
  package init(_ selection: BenchmarkSelection = BenchmarkSelection()) {
    self.selection = selection
  }

  /// Adds the figures of a run; a run whose start is no time has none.
  package mutating func add(_ run: BenchmarkRun) {
    guard let time = BenchmarkTime.milliseconds(run.started) else { return }
    for result in run.results where selection.includes(result, of: run) {
      let figures = [result.value, result.low, result.high, result.ceiling?.value]
      lines[result.series.key, default: Line(series: result.series)].points.append(
        Point(time: time, figures: figures))
    }
  }

  /// The whole text.
  package func text() -> String {
    var text = ""
    for unit in BenchmarkSeries.Unit.allCases {
      let sorted = lines.values.filter { $0.series.unit == unit }
        .sorted { $0.series.key < $1.series.key }
        .map { Line(series: $0.series, points: BenchmarkOpenMetrics.ordered($0.points)) }
      for (index, family) in BenchmarkOpenMetrics.families.enumerated() {
        text += BenchmarkOpenMetrics.family(family.0, family.1, unit, sorted) { $0[index] }
      }
    }
    return text + "# EOF\n"
  }

  /// One point a moment, in the order of time: the one that was added last.
  private static func ordered(_ points: [Point]) -> [Point] {
    var ordered: [Point] = []
    // The sort of Swift keeps the order of equals.
    for point in points.sorted(by: { $0.time < $1.time }) {
      if ordered.last?.time == point.time { ordered.removeLast() }
      ordered.append(point)
    }
    return ordered
  }

  private static func family(
    _ prefix: String, _ help: String, _ unit: BenchmarkSeries.Unit, _ lines: [Line],
    _ figure: ([Double?]) -> Double?
  ) -> String {
    let unit = unit.metricName
    let name = "tinybox_benchmark_\(prefix)\(unit)"
    var samples = ""
    for line in lines {
      let series = line.series
      let labels = [("metric", series.metric), ("series", series.key), ("suite", series.suite)]
        .map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
      for point in line.points {
        guard let value = figure(point.figures), value.isFinite else { continue }
        samples += "\(name){\(labels)} \(value) \(seconds(point.time))\n"
      }
    }
    if samples.isEmpty { return "" }
    return "# HELP \(name) \(help)\n# TYPE \(name) gauge\n# UNIT \(name) \(unit)\n" + samples
  }

  /// Milliseconds as seconds, without a way through binary fractions.
  private static func seconds(_ milliseconds: Int64) -> String {
    let fraction = String(milliseconds.magnitude % 1000)
    let sign = milliseconds < 0 ? "-" : ""
    return "\(sign)\(milliseconds.magnitude / 1000)."
      + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
