internal import Base
internal import Benchmarks

/// Figures as rows: what, verdict, figure, interval, share of the ceiling; below a row what is to be said.
enum BenchmarkRows {
  /// The rows of one suite.
  static func lines(_ results: [BenchmarkResult], _ style: Style) -> [Line] {
    let subjects = Set(results.map(\.series.subject))
    let metrics = Set(results.map(\.series.metric))
    let widest = subjects.map { DisplayText.width(DisplayText.clean($0)) }.max() ?? 0
    // Short names of subjects stand in the rows of a metric, so that subjects are compared at a glance.
    let byMetric = metrics.count < subjects.count && widest <= 16
    let groups = BenchmarkTable.grouped(results) {
      byMetric ? $0.series.metric : $0.series.subject
    }
    var table = Table([
      .init("", minimum: 8), .init("", drop: 3), .init("", .right), .init("", drop: 1),
      .init("", drop: 2),
    ])
    // Rows of all groups have the same columns; headings and notes stand between them.
    var between: [[Line]] = []
    var heading: [Line] = []
    for (name, rows) in groups {
      heading = Line("  " + name, .dim).wrapped(to: style.columns, indent: 4)
      for result in rows {
        table.add(cells(result, byMetric ? result.series.subject : result.series.metric))
        between.append(heading)
        between.append(notes(result, style))
        heading = []
      }
    }
    var lines: [Line] = []
    for (index, row) in table.lines(style).dropFirst().enumerated() {
      lines += between[index * 2]
      lines.append(row)
      lines += between[index * 2 + 1]
    }
    return lines
  }

  private static func cells(_ result: BenchmarkResult, _ name: String) -> [Line] {
    let scale = FigureScale(result.series, result.value ?? .nan)
    let interval = FigureText.interval(result.value, result.low, result.high, scale)
    return [
      Line("    " + name), Line(FigureText.word(result.verdict), FigureText.tone(result.verdict)),
      Line(FigureText.text(result.value, result.series), .strong), Line(interval, .dim),
      FigureText.ceiling(result),
    ]
  }

  /// What is to be said of a figure.
  private static func notes(_ result: BenchmarkResult, _ style: Style) -> [Line] {
    var notes: [String] = []
    switch result.verdict {
    case .low: notes.append("below its mark: " + FigureText.causes(result.causes))
    case .invalid: notes.append("above its ceiling: the measurement or the ceiling is wrong")
    default: break
    }
    // A quick run is quick as a whole: the footer says so.
    notes += result.flags.filter { $0 != .quick }.map { FigureText.words($0, result) }
    if let reason = result.reason { notes.append(reason) }
    if notes.isEmpty { return [] }
    return Line("      " + notes.joined(separator: "; "), FigureText.tone(result.verdict))
      .wrapped(to: style.columns, indent: 8)
  }
}
