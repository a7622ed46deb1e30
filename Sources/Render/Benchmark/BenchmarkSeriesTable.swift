internal import Base
package import Benchmarks

/// All series: newest figure, change against the figures before it, a small plot.
package enum BenchmarkSeriesTable {
  /// The lines.
  package static func render(_ document: BenchmarkSeriesDocument, _ style: Style) -> [String] {
    if document.series.isEmpty {
      return [Line("No figures yet. Measure: tinyboxctl benchmark run", .dim)].texts(style)
    }
    var lines: [Line] = []
    for (suite, entries) in BenchmarkTable.grouped(document.series, by: \.series.suite) {
      if !lines.isEmpty { lines.append(Line()) }
      lines.append(Line(suite, .strong))
      lines += table(entries, style)
    }
    lines.append(Line())
    lines += Line(
      "change: the last figure against the median of the 8 before it; - with fewer", .dim
    ).wrapped(to: style.columns, indent: 2)
    return lines.texts(style)
  }

  private static func table(_ entries: [BenchmarkSeriesDocument.Entry], _ style: Style) -> [Line] {
    var table = Table([
      .init("", minimum: 14), .init("last", .right),
      .init("change", .right), .init("figures", .right, drop: 1), .init("history", drop: 2),
      .init(""),
    ])
    // Entries of a subject stand together, below its name.
    let groups = BenchmarkTable.grouped(entries, by: \.series.subject)
    for (subject, entries) in groups {
      table.add(note: Line("  " + subject, .dim))
      for entry in entries { table.add(cells(entry, style)) }
    }
    return table.lines(style)
  }

  private static func cells(
    _ entry: BenchmarkSeriesDocument.Entry, _ style: Style
  ) -> [Line] {
    let change = entry.changeFromMedian
    let isWorse = change.map { (entry.series.better == .higher) == ($0 < 0) && $0 != 0 } ?? false
    return [
      Line("    " + entry.series.metric),
      Line(entry.latest.map { FigureText.text($0.value, entry.series) } ?? "-", .strong),
      Line(change.map(FigureText.change) ?? "-", isWorse ? .plain : .dim),
      Line(Units.count(entry.count), .dim),
      Line(Sparkline.text(entry.recent.suffix(16).map(\.value), unicode: style.unicode)),
      entry.change.map {
        Line(BenchmarkHistoryView.word($0.verdict), BenchmarkHistoryView.tone($0))
      }
        ?? Line(),
    ]
  }
}
