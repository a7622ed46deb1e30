internal import Base
internal import Benchmarks

/// The figures of one suite: heat maps of pairs, and rows with a bar against the ceiling.
enum ReportSuite {
  static func write(_ html: inout HTMLWriter, _ suite: String, _ results: [BenchmarkResult]) {
    html.element("section") { html in
      html.element("h2", suite)
      let matrices = BenchmarkMatrix.matrices(results)
      if !matrices.isEmpty {
        html.element(
          "p", "Stronger colour is better. ! below its mark, ? above its ceiling, - not measured.",
          ["class": "soft lead"])
        html.element("div", ["class": "matrices"]) { html in
          for matrix in matrices { ReportHeatMap.write(&html, matrix) }
        }
      }
      let inMatrices = Set(matrices.flatMap(\.results).map(\.series.key))
      // A heat map has every figure; a row adds the share of the ceiling and what is to be said of it.
      let figures = results.filter { result in
        guard result.hasFigure else { return false }
        return !inMatrices.contains(result.series.key) || result.ceilingShare != nil
          || result.verdict != .measured || !result.flags.allSatisfy { $0 == .quick }
      }
      if !figures.isEmpty { table(&html, figures) }
      let others = results.filter { !$0.hasFigure }
      if !others.isEmpty { without(&html, others) }
    }
  }

  private static func table(_ html: inout HTMLWriter, _ results: [BenchmarkResult]) {
    html.element("table", ["class": "figures"]) { html in
      html.element("thead") { html in
        html.element("tr") { html in
          html.element("th", "metric", ["scope": "col"])
          html.element("th", "figure", ["scope": "col", "class": "number"])
          html.element("th", "interval", ["scope": "col"])
          html.element("th", "share of the ceiling", ["scope": "col", "class": "bar"])
          html.element("td", "", ["class": "share"])
          html.element("th", "verdict", ["scope": "col"])
        }
      }
      for (subject, rows) in BenchmarkTable.grouped(results, by: \.series.subject) {
        html.element("tbody") { html in
          html.element("tr") { html in
            html.element("th", subject, ["scope": "rowgroup", "colspan": "6", "class": "group"])
          }
          for result in rows { row(&html, result) }
        }
      }
    }
  }

  private static func row(_ html: inout HTMLWriter, _ result: BenchmarkResult) {
    let scale = FigureScale(result.series, result.value ?? .nan)
    html.element("tr") { html in
      html.element("th", result.series.metric, ["scope": "row"])
      html.element("td", FigureText.text(result.value, result.series), ["class": "number"])
      html.element(
        "td", FigureText.interval(result.value, result.low, result.high, scale), ["class": "keep"])
      html.element("td", ["class": "bar"]) { html in bar(&html, result) }
      html.element("td", ceiling(result), ["class": "keep"])
      html.element("td") { html in
        html.element(
          "span", FigureText.word(result.verdict), ["class": ReportStyle.kind(result.verdict)])
        var notes = result.flags.filter { $0 != .quick }.map { FigureText.words($0, result) }
        if result.verdict == .low { notes.insert(FigureText.causes(result.causes), at: 0) }
        if !notes.isEmpty { html.add(": " + notes.joined(separator: "; ")) }
      }
    }
  }

  /// `82 % of 38.4 GB/s`.
  private static func ceiling(_ result: BenchmarkResult) -> String {
    guard let ceiling = result.ceiling else { return "no ceiling" }
    guard let value = ceiling.value, let share = result.ceilingShare, share.isFinite else {
      return "ceiling unknown"
    }
    let most =
      (result.series.better == .lower ? "least " : "") + FigureText.text(value, result.series)
    return "\(share < 10 ? Units.percent(share) : FigureText.percent(share)) of \(most)"
  }

  /// The bar of a share with the interval as a line; nothing without a share.
  private static func bar(_ html: inout HTMLWriter, _ result: BenchmarkResult) {
    guard let share = result.ceilingShare, share.isFinite, share >= 0 else { return }
    let width = 160.0
    let title = "\(result.series.metric): \(ceiling(result))"
    html.picture(
      "share", width: width, height: 14, title: title,
      description: "\(result.series.subject): \(FigureText.text(result.value, result.series))"
    ) { svg in
      svg.empty("rect", ["class": "track", "width": "160", "height": "14", "rx": "2"])
      let kind = ReportStyle.kind(result.verdict)
      let filled = HTMLWriter.number(min(1, share) * width)
      svg.empty("rect", ["class": kind, "width": filled, "height": "14", "rx": "2"])
      guard let ends = ends(result, share) else { return }
      let (from, to) = (HTMLWriter.number(ends.0 * width), HTMLWriter.number(ends.1 * width))
      svg.empty("path", ["class": "whisker", "d": "M\(from) 4v6m0 -3H\(to)m0 -3v6"])
    }
  }

  /// Shares of both ends of the interval, in the picture.
  private static func ends(_ result: BenchmarkResult, _ share: Double) -> (Double, Double)? {
    guard let value = result.value, let low = result.low, let high = result.high, low > 0,
      value > 0, high.isFinite, high >= low
    else { return nil }
    let ends =
      result.series.better == .higher
      ? (share * (low / value), share * (high / value))
      : (share * (value / high), share * (value / low))
    guard ends.0.isFinite, ends.1.isFinite else { return nil }
    return (min(1, ends.0), min(1, ends.1))
  }

  private static func without(_ html: inout HTMLWriter, _ results: [BenchmarkResult]) {
    html.element("ul") { html in
      let groups = BenchmarkTable.grouped(results) { [$0.verdict.rawValue, $0.reason ?? ""] }
      for (_, alike) in groups {
        guard let first = alike.first else { continue }
        html.element("li") { html in
          html.element(
            "span", FigureText.word(first.verdict),
            ["class": first.verdict == .failed ? "bad" : "soft"])
          html.add(" \(BenchmarkTable.names(alike)): \(first.reason ?? "no reason was given")")
        }
      }
    }
  }
}
