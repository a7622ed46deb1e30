import Benchmarks
import TestMachines
import Testing

@testable import Render

/// Every view of benchmarks, on strange names and numbers, at every width.
@Suite struct AnyBenchmarkTests {
  private func views(_ style: Style) -> [(String, [String])] {
    let run = BenchmarkRuns.hostile()
    let card = BenchmarkCard(run)
    var histories = [BenchmarkRuns.history(), BenchmarkRuns.history(weeks: 1)]
    for index in histories[0].points.indices where index % 3 == 0 {
      histories[0].points[index].value = [Double.nan, 1e300, -1e300, 0, .infinity][index % 5]
      histories[0].points[index].time = index % 2 == 0 ? "never" : histories[0].points[index].time
    }
    for result in run.results.suffix(40) {
      var history = BenchmarkHistoryDocument(result.series)
      history.points = [result.value, 1, nil, result.low].compactMap { $0 }.map {
        .init(
          time: result.series.metric, value: $0, run: "x", contextChange: [result.series.metric])
      }
      history.changes = BenchmarkChange.Verdict.allCases.map {
        BenchmarkChange(
          series: result.series.key, time: result.series.subject, foundAt: "", before: result.value,
          after: result.high, z: .nan, verdict: $0, explanation: [result.series.subject])
      }
      history.leastChange = result.value
      history.ceiling = result.value
      histories.append(history)
    }
    let document = BenchmarkSeriesDocument(histories)
    var other = card
    for index in other.figures.indices where index % 3 > 0 { other.figures[index].value *= 3 }
    other.figures.removeLast(9)
    return [
      ("run", BenchmarkTable.render(run, style)),
      ("explain", BenchmarkTable.render(run, style, explain: true)),
      ("history", histories.flatMap { BenchmarkHistoryView.render($0, style) }),
      ("series", BenchmarkSeriesTable.render(document, style)),
      (
        "compare",
        BenchmarkComparisonTable.render(
          BenchmarkComparison(card, other), a: run.id, b: "b", style, all: true)
      ),
      ("plan", BenchmarkPlanTable.render(BenchmarkRuns.plan, style)),
    ]
  }

  @Test(arguments: [20, 40, 80, 81, 200])
  func `no line is wider than asked for, and none has a control character`(_ width: Int) {
    for unicode in [true, false] {
      for (name, lines) in views(Style(width: width, unicode: unicode)) {
        let wide = lines.first { DisplayText.width($0) > width }
        #expect(wide == nil, "\(name) at \(width)")
        let controls = lines.contains {
          $0.unicodeScalars.contains {
            $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.value == 0x202e
          }
        }
        #expect(!controls, "\(name) at \(width)")
        if !unicode { #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "\(name)") }
        #expect(!lines.contains { $0.contains(/\b(nan|inf)\b/) }, "\(name)")
      }
    }
  }

  @Test func `colour adds escapes and no text`() {
    for ((name, plain), (_, colored)) in zip(views(Style()), views(Style(color: true))) {
      let stripped = colored.map { line in
        line.split(separator: "\u{1b}", omittingEmptySubsequences: false).enumerated().map {
          $0.offset == 0 ? $0.element : $0.element.drop { $0 != "m" }.dropFirst()
        }.joined()
      }
      #expect(stripped == plain, "\(name)")
      #expect(name == "series" || name == "plan" || colored != plain, "\(name)")
    }
  }
}
