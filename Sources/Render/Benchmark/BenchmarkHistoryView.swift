internal import Base
package import Benchmarks

/// The history of one series as a plot with its changes.
package enum BenchmarkHistoryView {
  /// Changes that are listed, the newest.
  private static let listed = 12

  /// The lines.
  /// - Parameter rows: rows of the plot.
  package static func render(
    _ history: BenchmarkHistoryDocument, _ style: Style, rows: Int = 10
  ) -> [String] {
    let series = history.series
    var title = Line("\(series.suite) \(series.metric)", .strong)
    title.add("  \(series.subject)")
    var lines = title.wrapped(to: style.columns, indent: 2)
    let points = history.points.filter { !$0.isQuick && $0.value.isFinite }
    lines += plot(history, points, style, rows: rows)
    lines += last(history, points).wrapped(to: style.columns, indent: 2)
    lines += changes(history, style)
    lines += notes(history).flatMap { Line($0, .dim).wrapped(to: style.columns, indent: 2) }
    return lines.texts(style)
  }

  private static func plot(
    _ history: BenchmarkHistoryDocument, _ points: [BenchmarkHistoryDocument.Point], _ style: Style,
    rows: Int
  ) -> [Line] {
    guard let scale = PlotScale(points.map(\.value)), let times = PlotTimes(points.map(\.time))
    else { return [Line("  no figures yet", .dim)] }
    let unit = FigureScale(history.series, scale.high)
    let labels = [scale.high, scale.high / 2 + scale.low / 2, scale.low].map { unit.number($0) }
    let widest = max(labels.map(\.utf8.count).max() ?? 0, 4)
    let columns = max(8, style.columns - widest - 4)
    let rows = max(3, min(rows, 60))
    var grid = DotGrid(columns: columns, rows: rows, unicode: style.unicode)
    var before: (x: Int, y: Int)?
    for point in points {
      guard let x = times.position(point.time) else { continue }
      let dot = grid.dot(x, scale.position(point.value))
      grid.connect(before ?? dot, dot)
      before = dot
    }
    var lines = [Line("  " + unit.name.drop { $0 == " " }, .dim)]
    for row in 0..<rows {
      let label =
        row == 0 ? labels[0] : row == rows / 2 ? labels[1] : row == rows - 1 ? labels[2] : ""
      var line = Line()
      line.pad(to: 1 + widest - label.utf8.count)
      line.add(label, .dim)
      line.add(style.unicode ? " │" : " |", .dim)
      line.add(grid.row(row))
      lines.append(line)
    }
    lines += marks(history, points, times, columns, indent: widest + 3)
    lines.append(dates(points, columns, indent: widest + 3))
    return lines
  }

  /// Below the plot: the number of each change at its time, and `c` where facts changed.
  private static func marks(
    _ history: BenchmarkHistoryDocument, _ points: [BenchmarkHistoryDocument.Point],
    _ times: PlotTimes,
    _ columns: Int, indent: Int
  ) -> [Line] {
    var marks: [Int: (Character, Tone)] = [:]
    func place(_ time: String) -> Int? {
      times.position(time).map { Int(($0 * Double(columns - 1)).rounded()) }
    }
    for point in points where !point.contextChange.isEmpty {
      if let column = place(point.time) { marks[column] = ("c", .dim) }
    }
    for (number, change) in shown(history) {
      guard let column = place(change.time) else { continue }
      marks[column] = (mark(number), tone(change))
    }
    if marks.isEmpty { return [] }
    var line = Line()
    for (column, (mark, tone)) in marks.sorted(by: { $0.key < $1.key }) {
      line.pad(to: indent + column)
      line.add(String(mark), tone)
    }
    return [line]
  }

  /// Changes with their numbers; the newest have the last numbers.
  private static func shown(_ history: BenchmarkHistoryDocument) -> [(Int, BenchmarkChange)] {
    Array(history.changes.suffix(listed).enumerated().map { ($0.offset + 1, $0.element) })
  }

  /// 1 to 9, then A, B.
  private static func mark(_ number: Int) -> Character {
    number < 10 ? Character("\(number)") : number == 10 ? "A" : number == 11 ? "B" : "C"
  }

  private static func dates(_ points: [BenchmarkHistoryDocument.Point], _ columns: Int, indent: Int)
    -> Line
  {
    var line = Line()
    line.pad(to: indent)
    let first = DisplayText.clean(String((points.first?.time ?? "").prefix(10)))
    let last = DisplayText.clean(String((points.last?.time ?? "").prefix(10)))
    line.add(first, .dim)
    line.pad(to: indent + columns - DisplayText.width(last))
    if line.width + DisplayText.width(last) <= indent + columns, first != last {
      line.add(last, .dim)
    }
    return line
  }

  private static func last(
    _ history: BenchmarkHistoryDocument, _ points: [BenchmarkHistoryDocument.Point]
  ) -> Line {
    guard let point = points.last else { return Line() }
    let scale = FigureScale(history.series, point.value)
    var line = Line("last ")
    line.add(FigureText.text(point.value, history.series), .strong)
    let interval = FigureText.interval(point.value, point.low, point.high, scale)
    if !interval.isEmpty { line.add(" \(interval)") }
    line.add(" on \(FigureText.time(point.time)) UTC")
    if let ceiling = history.ceiling, ceiling.isFinite, ceiling > 0 {
      let share = history.series.better == .higher ? point.value / ceiling : ceiling / point.value
      line.add("; \(Units.percent(share)) of \(FigureText.text(ceiling, history.series))")
    }
    line.add("; \(Units.count(points.count, "figure"))")
    return line
  }

  private static func changes(_ history: BenchmarkHistoryDocument, _ style: Style) -> [Line] {
    shown(history).flatMap { number, change -> [Line] in
      var line = Line("  \(mark(number)) ", tone(change))
      line.add("\(change.time.prefix(10)) ")
      line.add(word(change.verdict), tone(change))
      line.add(text(change, history.series))
      if !change.explanation.isEmpty || change.verdict != .improvement {
        line.add(": " + FigureText.explanation(change.explanation))
      }
      if change.acknowledged { line.add(" (acknowledged)", .dim) }
      return line.wrapped(to: style.columns, indent: 4)
    }
  }

  private static func notes(_ history: BenchmarkHistoryDocument) -> [String] {
    var notes: [String] = []
    let quick = history.points.count(where: \.isQuick)
    if quick > 0 { notes.append("\(Units.count(quick, "figure")) of quick runs not shown") }
    let unusable = history.points.count { !$0.isQuick && !$0.value.isFinite }
    if unusable > 0 { notes.append("\(Units.count(unusable, "figure")) without a number") }
    if history.changes.count > listed {
      notes.append("\(Units.count(history.changes.count - listed, "older change")) not listed")
    }
    let contexts = history.points.filter { !$0.isQuick && !$0.contextChange.isEmpty }
    if let newest = contexts.last {
      notes.append(
        "c: facts changed; last on \(newest.time.prefix(10)): "
          + newest.contextChange.joined(separator: ", "))
    }
    notes.append(leastChange(history.leastChange))
    return notes
  }

  /// The least change that a series can show, in words.
  static func leastChange(_ share: Double?) -> String {
    guard let share, share.isFinite, share > 0 else {
      return "least change that it can show: unknown, too few figures"
    }
    return "least change that it can show: \(FigureText.percent(share))"
  }

  /// ` 18.2 GB/s → 15.1 GB/s (-17 %)`, with the blank before it; empty where only facts changed.
  static func text(_ change: BenchmarkChange, _ series: BenchmarkSeries) -> String {
    guard let before = change.before, let after = change.after else { return "" }
    var text = " " + FigureText.text(before, series) + " → " + FigureText.text(after, series)
    let share = after / before - 1
    if share.isFinite { text += " (\(FigureText.change(share)))" }
    return text
  }

  /// The words of a kind of change.
  package static func word(_ verdict: BenchmarkChange.Verdict) -> String {
    switch verdict {
    case .suspicion: "suspicion"
    case .decline: "decline"
    case .improvement: "improvement"
    case .contextChange: "facts changed"
    case .drift: "drift"
    }
  }

  static func tone(_ change: BenchmarkChange) -> Tone {
    if change.acknowledged { return .plain }
    return switch change.verdict {
    case .decline, .drift: .bad
    case .suspicion: .warning
    case .improvement, .contextChange: .plain
    }
  }
}
