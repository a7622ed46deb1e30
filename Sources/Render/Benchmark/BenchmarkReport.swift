internal import Base
package import Benchmarks

/// A run with its histories as one HTML file: no script, nothing that is loaded from elsewhere, for
/// screens and for paper.
package enum BenchmarkReport {
  /// The file.
  /// - Parameter histories: the series to show over time; empty for none.
  package static func html(
    _ run: BenchmarkRun, histories: [BenchmarkHistoryDocument] = []
  ) -> String {
    var html = HTMLWriter()
    html.raw("<!DOCTYPE html>\n")
    html.element("html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"]) { html in
      head(&html, run)
      html.element("body") { html in
        header(&html, run)
        html.element("main") { html in
          attention(&html, run, histories)
          for (suite, results) in BenchmarkTable.suites(run.results) {
            ReportSuite.write(&html, suite, results)
          }
          ReportHistory.write(&html, histories)
          ReportCeilings.write(&html, run)
          ReportFacts.write(&html, run)
          words(&html)
        }
      }
    }
    return html.text
  }

  private static func head(_ html: inout HTMLWriter, _ run: BenchmarkRun) {
    html.element("head") { html in
      html.empty("meta", ["charset": "utf-8"])
      // The page has styles of its own and nothing else: whatever a name of a device contains, no script
      // runs and nothing is loaded.
      html.empty(
        "meta",
        [
          "http-equiv": "Content-Security-Policy",
          "content":
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
        ])
      html.empty(
        "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      html.element("title", "Benchmark report, \(FigureText.time(run.started)) UTC")
      html.open("style")
      html.raw("\n" + ReportStyle.text)
      html.close()
    }
  }

  private static func header(_ html: inout HTMLWriter, _ run: BenchmarkRun) {
    html.element("header") { html in
      html.element("h1", "Benchmark report")
      let machine = ["board", "processor", "memory.modules"].compactMap { run.context[$0] }
      if !machine.isEmpty { html.element("p", machine.joined(separator: "; ")) }
      html.element("p", BenchmarkFooter.description(run), ["class": "soft"])
      html.element("p", BenchmarkFooter.machine(run), ["class": "soft"])
      html.element("ul", ["class": "counts"]) { html in
        for verdict in BenchmarkResult.Verdict.allCases {
          let count = run.results.count { $0.verdict == verdict }
          if count == 0 { continue }
          html.element("li") { html in
            html.element("b", Units.count(count), ["class": ReportStyle.kind(verdict)])
            html.add(FigureText.word(verdict))
          }
        }
      }
      if run.results.isEmpty { html.element("p", "No measurement was made.") }
    }
  }

  /// What an owner should look at first.
  private static func attention(
    _ html: inout HTMLWriter, _ run: BenchmarkRun, _ histories: [BenchmarkHistoryDocument]
  ) {
    let changes = histories.flatMap { history in
      history.changes.filter { !$0.acknowledged && $0.verdict != .improvement }
        .map { (history.series, $0) }
    }
    let results = run.results.filter { [.low, .invalid, .failed].contains($0.verdict) }
    html.element("h2", "Needs attention")
    if changes.isEmpty, results.isEmpty {
      html.element(
        "p", "No measurement failed, and no figure is below its mark or above its ceiling.")
      return
    }
    html.element("ul") { html in
      // Many series with one cause are one line.
      let causes = BenchmarkTable.grouped(changes) { series, change in
        [change.verdict.rawValue, series.suite, "\(change.time.prefix(10))"] + change.explanation
      }
      for (_, alike) in causes {
        guard let (series, change) = alike.first else { continue }
        html.element("li") { html in
          html.element(
            "span", BenchmarkHistoryView.word(change.verdict),
            ["class": ReportStyle.kind(change)])
          html.add(" \(series.suite) \(BenchmarkTable.names(alike.map(\.0)))")
          html.add(" since \(change.time.prefix(10))")
          if alike.count == 1 { html.add("," + BenchmarkHistoryView.text(change, series)) }
          html.add(": " + FigureText.explanation(change.explanation))
        }
      }
      // Of many alike one line is enough.
      let groups = BenchmarkTable.grouped(results) {
        [$0.verdict.rawValue, $0.series.suite, why($0)]
      }
      for (_, alike) in groups {
        guard let first = alike.first else { continue }
        html.element("li") { html in
          html.element(
            "span", FigureText.word(first.verdict), ["class": ReportStyle.kind(first.verdict)])
          html.add(" \(first.series.suite) \(BenchmarkTable.names(alike)): \(why(first))")
        }
      }
    }
  }

  private static func why(_ result: BenchmarkResult) -> String {
    switch result.verdict {
    case .low: FigureText.causes(result.causes)
    case .invalid: "above its ceiling: the measurement or the ceiling is wrong"
    default: result.reason ?? "no reason was given"
    }
  }

  private static func words(_ html: inout HTMLWriter) {
    let words = [
      (
        "figure", "the median of the samples that count; warm-up and disturbed samples are left out"
      ),
      ("interval", "the 95 % interval of that median, from order statistics; it needs 6 samples"),
      (
        "ceiling",
        "the least of the physical limits that apply; unknown when one of them is unknown"
      ),
      ("measured", "at or above its mark, or without a mark"),
      ("low", "below the mark that its suite sets against the ceiling"),
      ("invalid", "above its ceiling: the measurement or a fact of the ceiling is wrong"),
      ("suspicion", "the newest figures are worse; runs on the following nights confirm it or not"),
      ("decline", "worse, and confirmed"),
    ]
    html.element("h2", "Words")
    html.element("table") { html in
      html.element("tbody") { html in
        for (word, meaning) in words {
          html.element("tr") { html in
            html.element("th", word, ["scope": "row"])
            html.element("td", meaning)
          }
        }
      }
    }
  }
}

extension ReportStyle {
  /// The class of a verdict.
  static func kind(_ verdict: BenchmarkResult.Verdict) -> String {
    switch FigureText.tone(verdict) {
    case .warning: "low"
    case .bad: "bad"
    default: "fine"
    }
  }

  /// The class of a change.
  static func kind(_ change: BenchmarkChange) -> String {
    switch BenchmarkHistoryView.tone(change) {
    case .warning: "low"
    case .bad: "bad"
    default: "soft"
    }
  }
}
