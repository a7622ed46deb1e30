import Benchmarks
import TestMachines
import TestSupport
import Testing

@testable import Render

@Suite(.seeded) struct BenchmarkHistoryViewTests {
  @Test func `a plot marks its changes at their times`() throws {
    let lines = BenchmarkHistoryView.render(BenchmarkRuns.history(), Style())
    #expect(lines[0] == "gpu host to device  GPU0 41:00.0 from node 0")
    #expect(lines[1] == "  GB/s")
    // The highest of figures with noise, rounded.
    #expect(["   26 │", "   27 │"].contains { lines[2].hasPrefix($0) })
    #expect(lines[11].hasPrefix("   20 │"))
    let marks = lines[12]
    // 72 columns for 103 weeks, from column 7 on: the 40th and the 70th.
    #expect(
      marks.firstIndex(of: "1").map { marks.distance(from: marks.startIndex, to: $0) } == 7 + 28)
    #expect(
      marks.firstIndex(of: "2").map { marks.distance(from: marks.startIndex, to: $0) } == 7 + 48)
    #expect(
      lines.suffix(4) == [
        "  1 2025-09-06 facts changed: driver 570.1 → 575.2 (acknowledged)",
        "  2 2026-04-04 decline 25.4 GB/s → 21.1 GB/s (-17 %): pcie.link",
        "c: facts changed; last on 2025-09-06: driver, kernel",
        "least change that it can show: 2.1 %",
      ])
  }

  @Test func `a plot in ASCII has a mark for each figure`() {
    var history = BenchmarkRuns.history()
    history.points = (0..<5).map {
      .init(time: "2026-11-0\($0 + 1)T00:00:00Z", value: Double($0 + 1) * 1e9, run: "\($0)")
    }
    history.changes = []
    history.leastChange = nil
    history.ceiling = nil
    let lines = BenchmarkHistoryView.render(history, Style(width: 30, unicode: false), rows: 5)
    #expect(
      lines == [
        "gpu host to device  GPU0",
        "  41:00.0 from node 0", "  GB/s",
        "    6 |",
        "      |                *    *",
        "    3 |           *",
        "      |*    *",
        "    0 |",
        "       2026-11-01  2026-11-05",
        "last 5 GB/s on 2026-11-05",
        "  00:00 UTC; 5 figures",
        "least change that it can show:",
        "  unknown, too few figures",
      ])
  }

  @Test func `quick and unusable figures are left out and counted`() {
    var history = BenchmarkRuns.history()
    for index in 0..<3 { history.points[index].isQuick = true }
    history.points[50].value = .nan
    let lines = BenchmarkHistoryView.render(history, Style())
    #expect(lines.contains("3 figures of quick runs not shown"))
    #expect(lines.contains("1 figure without a number"))
    #expect(lines.contains { $0.hasSuffix("100 figures") })
  }

  @Test func `without figures there is no plot`() {
    let lines = BenchmarkHistoryView.render(BenchmarkRuns.history(weeks: 0), Style())
    #expect(lines[1] == "  no figures yet")
  }

  @Test func `the list has a small plot of each series`() {
    let document = BenchmarkSeriesDocument([
      BenchmarkRuns.history(), BenchmarkRuns.history(weeks: 8),
    ])
    let lines = BenchmarkSeriesTable.render(document, Style(unicode: false))
    #expect(lines.count == 7)
    #expect(lines[3].hasSuffix("  decline"))
    #expect(lines[3].contains(" 104  "))
    #expect(lines[4].contains("  -  "))
    #expect(BenchmarkSeriesTable.render(BenchmarkSeriesDocument([]), Style()).count == 1)
  }

  @Test(arguments: [
    ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▅▆▇"), ([5, 5, 5], "▄▄▄"), ([], ""),
    ([.nan, 1, .infinity], " ▄ "),
  ])
  func `a sparkline shows levels`(_ values: [Double], _ text: String) {
    #expect(Sparkline.text(values, unicode: true) == text)
  }

  @Test func `an axis encloses its values, whatever they are`() throws {
    for round in 0..<500 {
      var random = SeededGenerator(round: round)
      let values = (0..<Int.random(in: 1...20, using: &random)).map { _ in
        Double(
          sign: random.chance(30) ? .minus : .plus,
          exponent: .random(in: -1000...600, using: &random),
          significand: .random(in: 1..<2, using: &random))
      }
      let scale = try #require(PlotScale(values))
      for value in values {
        #expect(scale.low <= value && value <= scale.high)
        #expect((0...1).contains(scale.position(value)))
      }
    }
    #expect(PlotScale([]) == nil)
    #expect(PlotScale([.nan, .infinity, 1e300]) == nil)
  }
}

@Suite struct BenchmarkComparisonTableTests {
  @Test func `differences are listed, and what one lacks`() {
    let a = BenchmarkCard(BenchmarkRuns.box())
    var b = a
    b.machine["kernel"] = "6.13"
    b.figures.removeFirst()
    let faster = b.figures.count - 1
    b.figures[faster].value *= 1.5
    b.figures[faster].low = b.figures[faster].low.map { $0 * 1.5 }
    b.figures[faster].high = b.figures[faster].high.map { $0 * 1.5 }
    let comparison = BenchmarkComparison(a, b)
    let lines = BenchmarkComparisonTable.render(comparison, a: "a.json", b: "b.json", Style())
    #expect(
      lines == [
        "A  a.json", "B  b.json", "", "memory", "  31 figures without a difference: --all", "",
        "gpu", "  4 figures without a difference: --all", "", "nvme",
        "                         A           B   B/A  interval    B is",
        "  nvme0",
        "    random read  812k IOPS  1.22M IOPS  1.50  1.38..1.63  better", "",
        "facts that differ", "  kernel: 6.12.43+deb13-amd64 → 6.13", "", "only in A",
        "  memory triad, CPUs of node 0, memory of node 0: 43.1 GB/s", "",
        "36 figures: 1 B better, 35 without a difference shown (the intervals overlap).",
      ])
    let all = BenchmarkComparisonTable.render(comparison, a: "a", b: "b", Style(), all: true)
    #expect(all.count(where: { $0.hasSuffix("no difference shown") }) == 35)
  }

  @Test func `cards without a figure in common say so`() {
    let comparison = BenchmarkComparison(
      BenchmarkCard(BenchmarkRuns.box()), BenchmarkCard(BenchmarkRuns.empty()))
    let lines = BenchmarkComparisonTable.render(comparison, a: "a", b: "b", Style())
    #expect(lines.last == "They have no figure in common.")
    #expect(lines.contains("  and 25 more"))
  }
}
