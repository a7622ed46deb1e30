internal import Base
package import Benchmarks

/// Two runs or cards beside each other.
package enum BenchmarkComparisonTable {
  /// Facts or figures that are listed one by one; of more the rest is counted.
  private static let listed = 12

  /// The lines.
  /// - Parameters:
  ///   - a: name of A for people: an id or a file.
  ///   - b: name of B.
  ///   - all: also list figures that show no difference.
  package static func render(
    _ comparison: BenchmarkComparison, a: String, b: String, _ style: Style, all: Bool = false
  ) -> [String] {
    var lines = ["A  \(a)", "B  \(b)"].flatMap { Line($0).wrapped(to: style.columns, indent: 3) }
    for (suite, rows) in BenchmarkTable.grouped(comparison.rows, by: \.a.suite) {
      lines.append(Line())
      lines.append(Line(suite, .strong))
      let shown = all ? rows : rows.filter { $0.verdict != .noDifferenceShown }
      if !shown.isEmpty { lines += table(shown, style) }
      let count = Units.count(rows.count - shown.count, "figure")
      if shown.count < rows.count {
        lines.append(Line("  \(count) without a difference: --all", .dim))
      }
    }
    lines += differences(comparison, style)
    lines += only("only in A", comparison.onlyA, style)
    lines += only("only in B", comparison.onlyB, style)
    lines.append(Line())
    lines += summary(comparison).wrapped(to: style.columns, indent: 2)
    return lines.texts(style)
  }

  private static func table(_ rows: [BenchmarkComparison.Row], _ style: Style) -> [Line] {
    var table = Table([
      .init("", minimum: 14), .init("A", .right),
      .init("B", .right), .init("B/A", .right), .init("interval", drop: 1), .init("B is"),
    ])
    for (subject, rows) in BenchmarkTable.grouped(rows, by: \.a.subject) {
      table.add(note: Line("  " + subject, .dim))
      for row in rows { table.add(cells(row)) }
    }
    return table.lines(style)
  }

  private static func cells(_ row: BenchmarkComparison.Row) -> [Line] {
    let interval = row.low.flatMap { low in row.high.map { "\(ratio(low))..\(ratio($0))" } }
    return [
      Line("    " + row.a.metric), Line(text(row.a)), Line(text(row.b)),
      Line(row.ratio.map(ratio) ?? "unknown", .strong), Line(interval ?? "-", .dim),
      Line(word(row.verdict), row.verdict == .worse ? .warning : .plain),
    ]
  }

  private static func text(_ figure: BenchmarkCard.Figure) -> String {
    FigureText.text(figure.value, figure.series)
  }

  private static func ratio(_ value: Double) -> String {
    value < 1000
      ? Units.decimal(value, places: 2, keepZeros: true) : FigureText.number(value)
  }

  /// The word of a verdict in a row.
  private static func word(_ verdict: BenchmarkComparison.Verdict) -> String {
    switch verdict {
    case .better: "better"
    case .worse: "worse"
    case .noDifferenceShown: "no difference shown"
    case .unknown: "unknown"
    }
  }

  private static func differences(_ comparison: BenchmarkComparison, _ style: Style) -> [Line] {
    let devices = Set(comparison.rows.flatMap(\.context)).sorted { $0.fact < $1.fact }
    let all = comparison.context + devices
    if all.isEmpty { return [] }
    var lines = [Line(), Line("facts that differ", .strong)]
    for difference in all.prefix(listed) {
      var line = Line("  \(difference.fact): ")
      line.add("\(difference.a ?? "unknown") → \(difference.b ?? "unknown")")
      lines += line.wrapped(to: style.columns, indent: 4)
    }
    if all.count > listed { lines.append(Line("  and \(all.count - listed) more", .dim)) }
    return lines
  }

  private static func only(
    _ title: String, _ figures: [BenchmarkCard.Figure], _ style: Style
  ) -> [Line] {
    if figures.isEmpty { return [] }
    var lines = [Line(), Line(title, .strong)]
    for figure in figures.prefix(listed) {
      lines += Line("  \(figure.suite) \(figure.metric), \(figure.subject): \(text(figure))")
        .wrapped(to: style.columns, indent: 4)
    }
    if figures.count > listed { lines.append(Line("  and \(figures.count - listed) more", .dim)) }
    return lines
  }

  private static func summary(_ comparison: BenchmarkComparison) -> Line {
    if comparison.rows.isEmpty { return "They have no figure in common." }
    let words: [(BenchmarkComparison.Verdict, String)] = [
      (.better, "B better"), (.worse, "B worse"),
      (.noDifferenceShown, "without a difference shown (the intervals overlap)"),
      (.unknown, "unknown (too few samples)"),
    ]
    let parts = words.compactMap { verdict, word -> String? in
      let count = comparison.rows.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(Units.count(count)) \(word)"
    }
    return Line(
      "\(Units.count(comparison.rows.count, "figure")): \(parts.joined(separator: ", ")).")
  }
}

extension BenchmarkCard.Figure {
  /// A series for its unit and direction.
  var series: BenchmarkSeries {
    BenchmarkSeries(
      suite: suite, metric: metric, subjectKey: subject, subject: subject, unit: unit,
      better: better)
  }
}
