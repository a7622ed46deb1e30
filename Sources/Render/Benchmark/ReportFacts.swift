internal import Benchmarks

/// How each ceiling comes about.
enum ReportCeilings {
  static func write(_ html: inout HTMLWriter, _ run: BenchmarkRun) {
    let with = run.results.filter { $0.hasFigure && $0.ceiling != nil }
    if with.isEmpty { return }
    struct Key: Hashable {
      var suite: String
      var ceiling: BenchmarkCeiling?
    }
    let groups = BenchmarkTable.grouped(with) { Key(suite: $0.series.suite, ceiling: $0.ceiling) }
    html.element("section") { html in
      html.element("h2", "Ceilings")
      html.element(
        "p", "The ceiling of a figure is the least of its limits.", ["class": "soft lead"])
      html.element("table") { html in
        html.element("thead") { html in
          html.element("tr") { html in
            for title in ["ceiling", "of", "limits"] { html.element("th", title, ["scope": "col"]) }
          }
        }
        html.element("tbody") { html in
          for (key, alike) in groups { row(&html, key.ceiling, alike) }
        }
      }
    }
  }

  private static func row(
    _ html: inout HTMLWriter, _ ceiling: BenchmarkCeiling?, _ alike: [BenchmarkResult]
  ) {
    guard let ceiling, let series = alike.first?.series else { return }
    html.element("tr") { html in
      html.element(
        "td", ceiling.value.map { FigureText.text($0, series) } ?? "unknown", ["class": "keep"])
      html.element("td", "\(series.suite): \(BenchmarkTable.names(alike))")
      html.element("td") { html in
        html.element("ul") { html in
          for limit in ceiling.limits {
            let value = limit.value.map { FigureText.text($0, series) + " = " } ?? "unknown: "
            html.element("li", "\(limit.name): \(value)\(limit.arithmetic)")
          }
        }
      }
    }
  }
}

/// Facts of the machine and its devices at the time of the run, and how it was measured.
enum ReportFacts {
  /// Values of a fact that are listed; of more the rest is counted.
  private static let listed = 4

  static func write(_ html: inout HTMLWriter, _ run: BenchmarkRun) {
    table(&html, "Machine", run.context.map { ($0.key, [$0.value]) })
    table(&html, "Devices", values(run.results.flatMap { Array($0.context) }))
    let details = run.results.flatMap { result in
      result.details.map { (key: "\(result.series.suite) \($0.key)", value: $0.value) }
    }
    table(&html, "How it was measured", values(details))
  }

  /// Every value that a fact had, in the order of the results.
  private static func values(_ facts: [(key: String, value: String)]) -> [(String, [String])] {
    BenchmarkTable.grouped(facts, by: \.key).map { name, facts in
      (name, BenchmarkTable.grouped(facts, by: \.value).map(\.0))
    }
  }

  private static func table(
    _ html: inout HTMLWriter, _ title: String, _ facts: [(String, [String])]
  ) {
    if facts.isEmpty { return }
    html.element("section") { html in
      html.element("h2", title)
      html.element("table") { html in
        html.element("tbody") { html in
          for (name, values) in facts.sorted(by: { $0.0 < $1.0 }) {
            html.element("tr") { html in
              html.element("th", name, ["scope": "row"])
              let more = values.count - listed
              html.element(
                "td",
                values.prefix(listed).joined(separator: "; ")
                  + (more > 0 ? "; and \(more) more" : ""))
            }
          }
        }
      }
    }
  }
}
