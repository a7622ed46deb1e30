internal import Base
package import Benchmarks

/// A run of the benchmarks: figures by suite, each against its ceiling, and what the run was.
package enum BenchmarkTable {
  /// The lines.
  /// - Parameter explain: also write how each ceiling comes about.
  package static func render(
    _ run: BenchmarkRun, _ style: Style, explain: Bool = false
  ) -> [String] {
    var lines: [Line] = []
    for (suite, results) in BenchmarkTable.suites(run.results) {
      lines.append(Line(suite, .strong))
      lines += BenchmarkTable.suite(results, style)
      if explain { lines += ceilings(results, style) }
      lines.append(Line())
    }
    lines += BenchmarkFooter.lines(run, style, explains: explain)
    return lines.texts(style)
  }

  /// The results of each suite, suites in the order of their first result.
  static func suites(_ results: [BenchmarkResult]) -> [(String, [BenchmarkResult])] {
    grouped(results) { $0.series.suite }
  }

  /// Groups by a key, in the order of the first of each.
  static func grouped<Element, Key: Hashable>(
    _ elements: [Element], by key: (Element) -> Key
  ) -> [(Key, [Element])] {
    var index: [Key: Int] = [:]
    var groups: [(Key, [Element])] = []
    for element in elements {
      let key = key(element)
      if let known = index[key] {
        groups[known].1.append(element)
      } else {
        index[key] = groups.count
        groups.append((key, [element]))
      }
    }
    return groups
  }

  private static func suite(_ results: [BenchmarkResult], _ style: Style) -> [Line] {
    var rest = results
    var lines: [Line] = []
    for matrix in BenchmarkMatrix.matrices(results) {
      if !lines.isEmpty { lines.append(Line()) }
      lines += matrix.lines(style)
      let shown = Set(matrix.results.map(\.series.key))
      rest.removeAll { shown.contains($0.series.key) }
    }
    let figures = rest.filter(\.hasFigure)
    if !figures.isEmpty {
      if !lines.isEmpty { lines.append(Line()) }
      lines += BenchmarkRows.lines(figures, style)
    }
    return lines + withoutFigure(rest.filter { !$0.hasFigure }, style)
  }

  /// Results without a figure, once for each verdict and reason.
  private static func withoutFigure(_ results: [BenchmarkResult], _ style: Style) -> [Line] {
    struct Key: Hashable {
      var verdict: BenchmarkResult.Verdict
      var reason: String?
    }
    var lines: [Line] = []
    for (key, alike) in grouped(results, by: { Key(verdict: $0.verdict, reason: $0.reason) }) {
      var line = Line("  ")
      line.add(FigureText.word(key.verdict), FigureText.tone(key.verdict))
      line.add("  " + names(alike))
      line.add(": " + (key.reason ?? "no reason was given"))
      lines += line.wrapped(to: style.columns, indent: 4)
    }
    return lines
  }

  /// `triad (CPUs of node 0)`, `triad and copy of 4 subjects`, `6 measurements`.
  static func names(_ results: [BenchmarkResult]) -> String { names(results.map(\.series)) }

  /// The same for series.
  static func names(_ series: [BenchmarkSeries]) -> String {
    if let first = series.first, series.count == 1 { return "\(first.metric) (\(first.subject))" }
    let metrics = grouped(series, by: \.metric).map(\.0)
    let subjects = grouped(series, by: \.subject).map(\.0)
    var text = Units.count(series.count, "measurement")
    let few = metrics.count <= 4 ? metrics.joined(separator: ", ") : "\(metrics.count) metrics"
    text += " (\(few)"
    text += subjects.count == 1 ? ", \(subjects[0])" : " of \(subjects.count) subjects"
    return text + ")"
  }

  /// How each ceiling comes about, once for all results that have it.
  private static func ceilings(_ results: [BenchmarkResult], _ style: Style) -> [Line] {
    let with = results.filter { $0.hasFigure && $0.ceiling != nil }
    var lines: [Line] = []
    for (ceiling, alike) in grouped(with, by: \.ceiling) {
      guard let ceiling, let series = alike.first?.series else { continue }
      if lines.isEmpty { lines.append(Line("  ceilings", .strong)) }
      var line = Line("    " + (ceiling.value.map { FigureText.text($0, series) } ?? "unknown"))
      line.add("  \(names(alike))", .dim)
      lines += line.wrapped(to: style.columns, indent: 6)
      for limit in ceiling.limits {
        var line = Line("      \(limit.name): ")
        line.add(limit.value.map { FigureText.text($0, series) + " = " } ?? "unknown: ")
        line.add(limit.arithmetic)
        lines += line.wrapped(to: style.columns, indent: 8)
      }
    }
    return lines
  }
}

extension BenchmarkResult {
  /// Whether it was measured, so that there should be a figure.
  var hasFigure: Bool {
    switch verdict {
    case .measured, .low, .invalid: true
    case .failed, .notApplicable, .skipped: false
    }
  }
}
