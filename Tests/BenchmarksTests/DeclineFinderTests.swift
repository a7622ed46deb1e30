import Base
import TestSupport
import Testing

@testable import Benchmarks

@Suite(.seeded) struct DeclineFinderTests {
  private let series = BenchmarkSeries(
    suite: "gpu", metric: "host-to-device", subjectKey: "GPU-1-slot-3", subject: "GPU0",
    unit: .bytesPerSecond)

  /// Weekly figures with 1 % of noise.
  private func points(
    _ count: Int, round: Int = 0, function: String = #function,
    _ level: (Int) -> Double, facts: (Int) -> [String: String] = { _ in ["driver": "1"] }
  ) -> [DeclineFinder.Point] {
    var generator = SeededGenerator(round: round, function: function)
    return (0..<count).map { week in
      let noise = (0..<12).reduce(-6.0) { sum, _ in
        sum + Double.random(in: 0..<1, using: &generator)
      }
      return DeclineFinder.Point(
        time: time(week), value: level(week) * (1 + 0.01 * noise), facts: facts(week))
    }
  }

  /// A week after the other, from 2026 on.
  private func time(_ week: Int) -> String {
    let day = week * 7
    let month = day / 28 % 12 + 1
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(2026 + day / 336)-\(two(month))-\(two(day % 28 + 1))T03:00:00Z"
  }

  @Test func `a steady series shows nothing`() {
    let outcome = DeclineFinder.judge(series, points(52) { _ in 100 }, now: time(52))
    #expect(outcome.changes.isEmpty)
    #expect(outcome.leastChange.map { $0 < 0.2 } == true)
  }

  @Test func `a drop is a suspicion, and a decline with more runs`() throws {
    let all = points(40) { $0 < 30 ? 100 : 90 }
    let first = (31...40).compactMap { count in
      DeclineFinder.judge(series, Array(all.prefix(count)), now: time(count))
        .changes.first { $0.verdict == .suspicion || $0.verdict == .decline }
    }
    #expect(first.first?.verdict == .suspicion)
    let decline = try #require(
      DeclineFinder.judge(series, all, now: time(40)).changes.first { $0.verdict == .decline })
    #expect(abs(try #require(decline.before) - 100) < 2)
    #expect(abs(try #require(decline.after) - 90) < 2)
    #expect(decline.explanation.isEmpty)
  }

  @Test func `a changed fact is reported at once, and explains the drop`() throws {
    let all = points(40) {
      $0 < 30 ? 100 : 50
    } facts: {
      ["41:00.0 link": $0 < 30 ? "PCIe 4.0 x16" : "PCIe 4.0 x8"]
    }
    let atOnce = DeclineFinder.judge(series, Array(all.prefix(31)), now: time(31)).changes
    let context = try #require(atOnce.first { $0.verdict == .contextChange })
    #expect(context.explanation == ["41:00.0 link: PCIe 4.0 x16 to PCIe 4.0 x8"])
    let later = DeclineFinder.judge(series, all, now: time(40)).changes
    let decline = try #require(later.first { $0.verdict == .decline })
    #expect(decline.explanation == ["41:00.0 link: PCIe 4.0 x16 to PCIe 4.0 x8"])
    // It is no news at the next run.
    #expect(!later.contains { $0.verdict == .contextChange })
  }

  @Test func `changes with one cause are one`() {
    func change(_ series: String, _ why: [String], time: String = "t") -> BenchmarkChange {
      BenchmarkChange(
        series: series, time: time, foundAt: "t", verdict: .decline, explanation: why)
    }
    let groups = [
      change("a", ["cap"]), change("b", ["cap"]), change("c", []), change("d", []),
      change("e", [], time: "u"), change("f", ["link"]),
    ].byCause
    #expect(groups.map { $0.map(\.series) } == [["a", "b"], ["c", "d"], ["e"], ["f"]])
  }

  @Test func `times and figures that cannot be are left out`() {
    var all = points(30) { _ in 100 }
    all[3].time = "yesterday"
    all[4].value = .nan
    all[5].value = .infinity
    let outcome = DeclineFinder.judge(series, all, now: time(30))
    #expect(outcome.changes.isEmpty)
    #expect(DeclineFinder.judge(series, [], now: "").changes.isEmpty)
  }
}
