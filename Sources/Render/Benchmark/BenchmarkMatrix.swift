internal import Base
internal import Benchmarks

/// Figures between places as a matrix: the first place in rows, the second in columns.
struct BenchmarkMatrix {
  /// Its results, in the order of the run. Each has a pair.
  let results: [BenchmarkResult]
  /// Names of the rows and columns, in the order of numbers in names.
  let rows: [String]
  let columns: [String]
  private var cells: [[String]: BenchmarkResult] = [:]

  /// A matrix for each metric of a suite that has more than one pair; results of pairs that are measured
  /// once, or on one node only, are rows.
  static func matrices(_ results: [BenchmarkResult]) -> [BenchmarkMatrix] {
    struct Key: Hashable {
      var metric: String
      var fromKind: String
      var toKind: String
      var unit: BenchmarkSeries.Unit
    }
    let pairs = results.filter { $0.series.pair != nil }
    let groups = BenchmarkTable.grouped(pairs) {
      Key(
        metric: $0.series.metric, fromKind: $0.series.pair?.fromKind ?? "",
        toKind: $0.series.pair?.toKind ?? "", unit: $0.series.unit)
    }
    return groups.compactMap { BenchmarkMatrix($0.1) }
  }

  private init?(_ results: [BenchmarkResult]) {
    self.results = results
    let pairs = results.compactMap(\.series.pair)
    rows = Set(pairs.map(\.from)).sorted(by: NaturalOrder.precedes)
    columns = Set(pairs.map(\.to)).sorted(by: NaturalOrder.precedes)
    for (pair, result) in zip(pairs, results) { cells[[pair.from, pair.to]] = result }
    // Two figures of one cell would hide one of the two.
    guard cells.count == results.count, rows.count * columns.count > 1,
      results.contains(where: \.hasFigure)
    else { return nil }
  }

  /// The result of a cell.
  func cell(_ row: String, _ column: String) -> BenchmarkResult? { cells[[row, column]] }

  /// The series of one of its results, for unit and names.
  var series: BenchmarkSeries { results[0].series }

  /// The scale of its greatest figure.
  var scale: FigureScale {
    let values = results.filter(\.hasFigure).compactMap(\.value).filter(\.isFinite)
    return FigureScale(series, values.map(abs).max() ?? .nan)
  }

  /// What stands for a cell: its figure with a mark, a letter, or nothing.
  func text(_ result: BenchmarkResult?) -> String {
    guard let result else { return "" }
    switch result.verdict {
    case .measured: return scaled(result) + " "
    case .low: return scaled(result) + "!"
    case .invalid: return scaled(result) + "?"
    case .failed: return "failed "
    case .notApplicable, .skipped: return "- "
    }
  }

  private func scaled(_ result: BenchmarkResult) -> String {
    guard let value = result.value, value.isFinite else { return "unknown" }
    return scale.number(value)
  }

  /// Heading, matrix, what its marks mean, and the causes.
  func lines(_ style: Style) -> [Line] {
    var title = Line("  " + series.metric, .strong)
    title.add(",\(scale.name.hasPrefix(" ") ? "" : " ")\(scale.name)")
    if let pair = series.pair {
      title.add("; \(pair.fromKind) in rows, \(pair.toKind) in columns", .dim)
    }
    var lines = title.wrapped(to: style.columns, indent: 4)
    let names = rows.map { DisplayText.cut(DisplayText.clean($0), to: 16) }
    let first = names.map(DisplayText.width).max() ?? 0
    for block in blocks(room: style.columns - first - 4) {
      var heading = Line()
      heading.pad(to: 4 + first)
      for (column, width) in block {
        let name = Line(column, .dim).cut(to: width)
        heading.pad(to: heading.width + 2 + width - name.width - 1)
        heading.add(name)
        heading.add(" ")
      }
      lines.append(heading)
      for (row, name) in zip(rows, names) {
        var line = Line()
        line.pad(to: 4 + first - DisplayText.width(name))
        line.add(name, .dim)
        for (column, width) in block {
          let result = cell(row, column)
          let text = text(result)
          line.pad(to: line.width + 2 + width - DisplayText.width(text))
          line.add(text, result.map { FigureText.tone($0.verdict) } ?? .plain)
        }
        lines.append(line)
      }
    }
    return lines + notes(style)
  }

  /// The columns that fit beside each other, with their widths.
  private func blocks(room: Int) -> [[(String, Int)]] {
    var blocks: [[(String, Int)]] = []
    var used = 0
    for column in columns {
      let widest = rows.map { DisplayText.width(text(cell($0, column))) }.max() ?? 0
      let width = max(widest, min(10, DisplayText.width(DisplayText.clean(column)) + 1))
      if blocks.isEmpty || used + width + 2 > room {
        blocks.append([])
        used = 0
      }
      blocks[blocks.count - 1].append((column, width))
      used += width + 2
    }
    return blocks
  }

  private func notes(_ style: Style) -> [Line] {
    var lines: [Line] = []
    if let best = bestShare {
      var line = Line("    best: ", .dim)
      line.add(FigureText.ceiling(best))
      lines.append(line)
    }
    let low = results.filter { $0.verdict == .low }
    for (causes, alike) in BenchmarkTable.grouped(low, by: \.causes) {
      lines += Line(
        "    ! below its mark: \(pairs(alike)): \(FigureText.causes(causes))", .warning
      ).wrapped(to: style.columns, indent: 6)
    }
    let invalid = results.filter { $0.verdict == .invalid }
    if !invalid.isEmpty {
      lines += Line(
        "    ? above its ceiling: \(pairs(invalid)): the measurement or the ceiling is wrong", .bad
      ).wrapped(to: style.columns, indent: 6)
    }
    let flags: [BenchmarkResult.Flag] = [.didNotSettle, .fewSamples, .standIn]
    for flag in flags {
      let alike = results.filter { $0.hasFigure && $0.flags.contains(flag) }
      guard let first = alike.first else { continue }
      let words =
        flag == .fewSamples ? "too few samples for an interval" : FigureText.words(flag, first)
      lines += Line("    \(words): \(pairs(alike))", .dim).wrapped(to: style.columns, indent: 6)
    }
    let missing = BenchmarkTable.grouped(results.filter { !$0.hasFigure }) {
      "\(FigureText.word($0.verdict)): \($0.reason ?? "no reason was given")"
    }
    for (reason, alike) in missing {
      lines += Line("    \(pairs(alike)) \(reason)", .dim).wrapped(to: style.columns, indent: 6)
    }
    return lines
  }

  /// The result nearest to its ceiling.
  private var bestShare: BenchmarkResult? {
    results.filter { $0.hasFigure && $0.ceilingShare?.isFinite == true }
      .max { ($0.ceilingShare ?? 0) < ($1.ceilingShare ?? 0) }
  }

  /// `0-1, 0-2`; the count of all, where there are many.
  private func pairs(_ results: [BenchmarkResult]) -> String {
    if results.count == self.results.count, results.count > 1 { return "all" }
    let names = results.prefix(8).compactMap(\.series.pair).map { "\($0.from)-\($0.to)" }
    let more = results.count - names.count
    return names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
