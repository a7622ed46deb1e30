import Benchmarks
import TestMachines
import TestSupport
import Testing

@Suite(.seeded) struct BenchmarkComparisonTests {
  private func card(_ values: [(String, Double, Double)], _ unit: BenchmarkSeries.Unit)
    -> BenchmarkCard
  {
    var run = BenchmarkRuns.empty()
    run.results = values.map { subject, value, spread in
      BenchmarkRuns.result(
        BenchmarkRuns.device("gpu", "copy", subject, unit), value, spread: spread)
    }
    return BenchmarkCard(run)
  }

  @Test func `intervals that overlap show no difference`() {
    let a = card([("x", 100, 0.02), ("y", 100, 0.02), ("z", 100, 0.02)], .bytesPerSecond)
    let b = card([("x", 103, 0.02), ("y", 110, 0.02), ("z", 90, 0.02)], .bytesPerSecond)
    let rows = BenchmarkComparison(a, b).rows
    #expect(rows.map(\.verdict) == [.noDifferenceShown, .better, .worse])
    #expect(rows[1].ratio == 1.1)
    #expect(rows[1].low == 107.8 / 102)
    #expect(rows[1].high == 112.2 / 98)
  }

  @Test func `a shorter time is better`() {
    let rows = BenchmarkComparison(
      card([("x", 100, 0.02), ("y", 100, 0.02)], .seconds),
      card([("x", 110, 0.02), ("y", 90, 0.02)], .seconds)
    ).rows
    #expect(rows.map(\.verdict) == [.worse, .better])
  }

  @Test func `few samples show nothing, and what one lacks is listed`() {
    var a = card([("x", 100, 0.01), ("only A", 1, 0.01)], .bytesPerSecond)
    var b = card([("only B", 1, 0.01), ("x", 200, 0.01), ("x", 300, 0.01)], .bytesPerSecond)
    a.figures[0].low = nil
    b.machine["kernel"] = "6.13"
    b.machine["board"] = nil
    b.program = "0.14.0"
    b.figures[1].context = ["41:00.0 link": "PCIe 4.0 x8"]
    let comparison = BenchmarkComparison(a, b)
    #expect(comparison.rows.map(\.verdict) == [.unknown])
    #expect(comparison.rows[0].ratio == 2)
    #expect(comparison.rows[0].high == nil)
    #expect(comparison.rows[0].context.map(\.fact) == ["41:00.0 link"])
    #expect(comparison.onlyA.map(\.subject) == ["only A"])
    #expect(comparison.onlyB.map(\.subject) == ["only B", "x"])
    #expect(comparison.context.map(\.fact) == ["board", "kernel", "program"])
    #expect(comparison.context[0].b == nil)
  }

  @Test
  func `a run compared with itself shows no difference, and the other way round is the opposite`() {
    let whole = BenchmarkCard(BenchmarkRuns.box())
    let same = BenchmarkComparison(whole, whole)
    #expect(same.rows.count == whole.figures.count)
    #expect(same.rows.allSatisfy { $0.verdict == .noDifferenceShown && $0.ratio == 1 })
    #expect(same.context.isEmpty && same.onlyA.isEmpty && same.onlyB.isEmpty)
    let opposite: [BenchmarkComparison.Verdict: BenchmarkComparison.Verdict] = [
      .better: .worse, .worse: .better, .noDifferenceShown: .noDifferenceShown,
    ]
    for round in 0..<200 {
      var random = SeededGenerator(round: round)
      let unit = random.pick(BenchmarkSeries.Unit.allCases)
      func side() -> BenchmarkCard {
        card(
          [("x", .random(in: 1...2, using: &random), .random(in: 0...0.3, using: &random))], unit)
      }
      let (a, b) = (side(), side())
      let (forth, back) = (BenchmarkComparison(a, b).rows[0], BenchmarkComparison(b, a).rows[0])
      #expect(back.verdict == opposite[forth.verdict])
    }
  }

  @Test func `strange numbers make no ratio that is no number`() {
    let hostile = BenchmarkCard(BenchmarkRuns.hostile())
    let rows = BenchmarkComparison(hostile, hostile).rows
    #expect(rows.contains { $0.ratio == nil })
    for row in rows {
      for ratio in [row.ratio, row.low, row.high] { #expect(ratio?.isFinite != false) }
    }
  }
}

@Suite struct BenchmarkHistoryTests {
  @Test func `the list has the newest figures and the median of the 8 before`() throws {
    var history = BenchmarkRuns.history()
    history.points[103].isQuick = true
    let entry = BenchmarkSeriesDocument.Entry(history)
    #expect(entry.count == 103)
    #expect(entry.recent.count == 26)
    #expect(entry.latest == history.points[102])
    let before = history.points[94..<102].map(\.value).sorted()
    #expect(entry.medianBefore == before[3] / 2 + before[4] / 2)
    #expect(try #require(entry.changeFromMedian).magnitude < 0.03)
    #expect(entry.change?.verdict == .decline)
  }

  @Test(arguments: [0, 1, 8, 9])
  func `fewer than 9 figures have no change`(_ count: Int) {
    let entry = BenchmarkSeriesDocument.Entry(BenchmarkRuns.history(weeks: count))
    #expect((entry.changeFromMedian != nil) == (count == 9))
  }
}
