internal import Base
internal import Benchmarks

/// Each series over time as a small plot with its changes.
enum ReportHistory {
  private static let size = (width: 314.0, height: 104.0)
  /// The plot without its labels.
  private static let plot = (left: 44.0, top: 8.0, width: 262.0, height: 72.0)

  static func write(_ html: inout HTMLWriter, _ histories: [BenchmarkHistoryDocument]) {
    if histories.isEmpty { return }
    html.element("section") { html in
      html.element("h2", "History")
      html.element(
        "p",
        "A dashed line with a number marks a change; a short line below the plot marks changed facts. "
          + "Quick runs are not shown.",
        ["class": "soft lead"])
      for (suite, alike) in BenchmarkTable.grouped(histories, by: \.series.suite) {
        html.element("h3", suite)
        html.element("div", ["class": "histories"]) { html in
          for history in alike { write(&html, history) }
        }
      }
    }
  }

  private static func write(_ html: inout HTMLWriter, _ history: BenchmarkHistoryDocument) {
    let points = history.points.filter { !$0.isQuick && $0.value.isFinite }
    html.element("figure") { html in
      html.element("figcaption") { html in
        html.element("b", history.series.metric)
        html.add(" \(history.series.subject)")
        if let last = points.last {
          html.add(": \(FigureText.text(last.value, history.series))")
        }
      }
      if let scale = PlotScale(points.map(\.value)), let times = PlotTimes(points.map(\.time)) {
        picture(&html, history, points, scale, times)
      } else {
        html.element("p", "no figures yet", ["class": "soft"])
      }
      if !history.changes.isEmpty {
        html.element("ol") { html in
          for change in history.changes { item(&html, history, change) }
        }
      }
      html.element("p", BenchmarkHistoryView.leastChange(history.leastChange), ["class": "soft"])
    }
  }

  private static func item(
    _ html: inout HTMLWriter, _ history: BenchmarkHistoryDocument, _ change: BenchmarkChange
  ) {
    html.element("li") { html in
      html.add("\(change.time.prefix(10)) ")
      html.element(
        "span", BenchmarkHistoryView.word(change.verdict), ["class": ReportStyle.kind(change)])
      html.add(BenchmarkHistoryView.text(change, history.series))
      if !change.explanation.isEmpty || change.verdict != .improvement {
        html.add(": \(FigureText.explanation(change.explanation))")
      }
      if change.acknowledged { html.add(" (acknowledged)") }
    }
  }

  private static func picture(
    _ html: inout HTMLWriter, _ history: BenchmarkHistoryDocument,
    _ points: [BenchmarkHistoryDocument.Point],
    _ scale: PlotScale, _ times: PlotTimes
  ) {
    let unit = FigureScale(history.series, scale.high)
    func x(_ time: String) -> Double? { times.position(time).map { plot.left + $0 * plot.width } }
    func y(_ value: Double) -> Double {
      plot.top + (1 - scale.position(value)) * plot.height
    }
    let first = points.first.map { "\($0.time.prefix(10))" } ?? ""
    let last = points.last.map { "\($0.time.prefix(10))" } ?? ""
    let changes = history.changes.map {
      "\(BenchmarkHistoryView.word($0.verdict)) on \($0.time.prefix(10))"
    }
    html.picture(
      "history", width: size.width, height: size.height,
      title: "\(history.series.metric), \(history.series.subject), from \(first) to \(last)",
      description: "\(Units.count(points.count, "figure")) between \(unit.number(scale.low)) and "
        + "\(unit.number(scale.high))\(unit.name); "
        + (changes.isEmpty ? "no change" : changes.joined(separator: ", "))
    ) { svg in
      svg.empty(
        "rect",
        [
          "class": "frame", "x": HTMLWriter.number(plot.left), "y": HTMLWriter.number(plot.top),
          "width": HTMLWriter.number(plot.width), "height": HTMLWriter.number(plot.height),
        ])
      label(&svg, plot.left - 5, plot.top + 8, unit.number(scale.high), "end")
      label(&svg, plot.left - 5, plot.top + plot.height, unit.number(scale.low), "end")
      label(
        &svg, plot.left - 5, plot.top + plot.height / 2 + 4,
        unit.name.split(separator: " ").joined(),
        "end")
      label(&svg, plot.left, size.height - 4, first, "start")
      label(&svg, plot.left + plot.width, size.height - 4, last, "end")
      if let ceiling = history.ceiling, ceiling.isFinite, (scale.low...scale.high).contains(ceiling)
      {
        line(&svg, "ceiling", plot.left, y(ceiling), plot.left + plot.width, y(ceiling))
      }
      for point in points where !point.contextChange.isEmpty {
        guard let place = x(point.time) else { continue }
        line(
          &svg, "context", place, plot.top + plot.height, place, plot.top + plot.height + 6,
          title: "\(point.time.prefix(10)): facts changed: "
            + point.contextChange.joined(separator: ", "))
      }
      for (index, change) in history.changes.enumerated() {
        guard let place = x(change.time) else { continue }
        line(
          &svg, "change \(ReportStyle.kind(change))", place, plot.top, place,
          plot.top + plot.height, title: BenchmarkHistoryView.word(change.verdict))
        // Beside its line, and within the frame.
        let isRight = place > plot.left + plot.width - 16
        label(
          &svg, place + (isRight ? -3 : 3), plot.top + 10, "\(index + 1)", isRight ? "end" : "start"
        )
      }
      let places = points.compactMap { point in
        x(point.time).map { "\(HTMLWriter.number($0)),\(HTMLWriter.number(y(point.value)))" }
      }
      svg.empty("polyline", ["class": "series", "points": places.joined(separator: " ")])
      if let last = points.last, let place = x(last.time) {
        svg.empty(
          "circle",
          [
            "class": "fine", "cx": HTMLWriter.number(place), "cy": HTMLWriter.number(y(last.value)),
            "r": "2.5",
          ])
      }
    }
  }

  private static func label(
    _ svg: inout HTMLWriter, _ x: Double, _ y: Double, _ text: String, _ anchor: String
  ) {
    svg.element(
      "text", text,
      [
        "class": "soft", "x": HTMLWriter.number(x), "y": HTMLWriter.number(y),
        "text-anchor": anchor,
      ])
  }

  private static func line(
    _ svg: inout HTMLWriter, _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double,
    title: String? = nil
  ) {
    let (from, to) = ([x1, y1].map(HTMLWriter.number), [x2, y2].map(HTMLWriter.number))
    let way = "M\(from[0]) \(from[1])L\(to[0]) \(to[1])"
    svg.element("path", ["class": kind, "d": way]) { svg in
      if let title { svg.element("title", title) }
    }
  }
}
