internal import Base
internal import Benchmarks

/// A matrix as a picture: the stronger the colour of a cell, the better its figure; each cell has its
/// number.
enum ReportHeatMap {
  private static let cell = (width: 62.0, height: 28.0)

  static func write(_ html: inout HTMLWriter, _ matrix: BenchmarkMatrix) {
    let names = matrix.rows.map { SVGWriter.cut($0, size: 11, room: 110) }
    let left = Double(names.map { SVGWriter.width($0, size: 11) }.max() ?? 0) + 12
    let top = 40.0
    let width = max(left + cell.width * Double(matrix.columns.count) + 2, 200)
    let height = top + cell.height * Double(matrix.rows.count) + 2
    let pair = matrix.series.pair
    let unit = matrix.scale.name.drop { $0 == " " }
    let axes = "\(pair?.fromKind ?? "") in rows, \(pair?.toKind ?? "") in columns"
    html.element("figure") { html in
      html.element("figcaption") { html in
        html.element("b", matrix.series.metric)
        html.add(", \(unit)")
      }
      html.picture(
        "matrix", width: width, height: height,
        title: "\(matrix.series.metric) in \(unit), \(axes)", description: description(matrix)
      ) { svg in
        text(&svg, 0, 12, axes, "soft")
        for (index, column) in matrix.columns.enumerated() {
          let shown = SVGWriter.cut(column, size: 11, room: Int(cell.width))
          text(&svg, left + (Double(index) + 0.5) * cell.width, 32, shown, "soft", "middle")
        }
        for (index, name) in names.enumerated() {
          let y = top + Double(index) * cell.height
          text(&svg, left - 8, y + cell.height / 2 + 4, name, "soft", "end")
          for (number, column) in matrix.columns.enumerated() {
            write(
              &svg, matrix, matrix.cell(matrix.rows[index], column),
              x: left + Double(number) * cell.width, y: y)
          }
        }
      }
    }
  }

  private static func write(
    _ svg: inout HTMLWriter, _ matrix: BenchmarkMatrix, _ result: BenchmarkResult?, x: Double,
    y: Double
  ) {
    guard let result else { return }
    let (width, height) = (HTMLWriter.number(cell.width - 2), HTMLWriter.number(cell.height - 2))
    let (left, top) = (HTMLWriter.number(x + 1), HTMLWriter.number(y + 1))
    svg.element("g") { svg in
      svg.element("title", title(matrix, result))
      if let strength = strength(matrix, result) {
        // At most 0.55, so that the text of the page stays readable on it, on light and dark pages.
        let opacity = Units.decimal(0.06 + 0.49 * strength, places: 3)
        svg.empty(
          "rect",
          [
            "class": "heat", "x": left, "y": top, "width": width, "height": height,
            "fill-opacity": opacity,
          ])
      }
      let kind = ReportStyle.kind(result.verdict)
      svg.empty(
        "rect",
        [
          "class": kind == "fine" ? "frame" : "frame \(kind)", "x": left, "y": top, "width": width,
          "height": height,
        ])
      let shown = matrix.text(result).split(separator: " ").joined(separator: " ")
      text(
        &svg, x + cell.width / 2, y + cell.height / 2 + 4,
        SVGWriter.cut(shown, size: 11, room: Int(cell.width)), "", "middle")
    }
  }

  /// How good a figure is between the worst and the best of the matrix: 0 to 1; nil without a figure.
  /// Where all are alike within 2 % none is better.
  private static func strength(_ matrix: BenchmarkMatrix, _ result: BenchmarkResult) -> Double? {
    guard result.hasFigure, let value = result.value, value.isFinite else { return nil }
    let all = matrix.results.filter(\.hasFigure).compactMap(\.value).filter(\.isFinite)
    guard let least = all.min(), let most = all.max(), most - least > most * 0.02 else {
      return 0.5
    }
    let place = (value - least) / (most - least)
    guard place.isFinite else { return 0.5 }
    return matrix.series.better == .higher ? place : 1 - place
  }

  private static func title(_ matrix: BenchmarkMatrix, _ result: BenchmarkResult) -> String {
    var text = result.series.subject + ": "
    text +=
      result.hasFigure
      ? FigureText.text(result.value, result.series) : result.reason ?? "no reason was given"
    let interval = FigureText.interval(result.value, result.low, result.high, matrix.scale)
    if result.hasFigure, !interval.isEmpty { text += " \(interval)" }
    if result.verdict != .measured { text += ", \(FigureText.word(result.verdict))" }
    return text
  }

  /// The numbers, row by row, for who cannot see the picture.
  private static func description(_ matrix: BenchmarkMatrix) -> String {
    matrix.rows.map { row in
      "\(row): "
        + matrix.columns.map { column in
          matrix.text(matrix.cell(row, column)).split(separator: " ").joined(separator: " ")
        }.joined(separator: ", ")
    }.joined(separator: "; ")
  }

  private static func text(
    _ svg: inout HTMLWriter, _ x: Double, _ y: Double, _ text: String, _ kind: String,
    _ anchor: String = "start"
  ) {
    svg.element(
      "text", text,
      ["class": kind, "x": HTMLWriter.number(x), "y": HTMLWriter.number(y), "text-anchor": anchor])
  }
}
