import Base
import Inventory
import TestMachines
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

  @Test func `a fact that could not be read did not change`() throws {
    func judged(_ last: Int) -> [BenchmarkChange] {
      let all = points(last) {
        $0 < 30 ? 100 : 50
      } facts: {
        // Not read with figure 20, nor with 30, with which the other value begins.
        $0 == 20 || $0 == 30 ? ["driver": "1"] : ["driver": "1", "link": $0 < 30 ? "x16" : "x8"]
      }
      return DeclineFinder.judge(series, all, now: time(last)).changes
    }
    for last in [21, 22, 31] { #expect(!judged(last).contains { $0.verdict == .contextChange }) }
    let context = try #require(judged(32).first { $0.verdict == .contextChange })
    #expect(context.explanation == ["link: x16 to x8"])
    let decline = try #require(judged(40).first { $0.verdict == .decline })
    #expect(decline.explanation == ["link: x16 to x8"])
  }

  @Test func `a device at another address is a change`() {
    let box = BenchmarkBox(GPUPlanTests.server, BenchmarkOptions())
    let facts = ["21:00.0", "41:00.0"].map {
      BenchmarkContext.devices([MadeUp.at($0)], box)
    }
    #expect(
      ContextChange.changes(in: facts) == [
        [], [ContextChange(fact: "devices", before: "21:00.0", now: "41:00.0")],
      ])
    #expect(BenchmarkContext.devices([], box).isEmpty)
  }

  /// What inventory reads of a card, through to what is reported: a stand-in where no card is.
  @Test func `a halved link and a lowered power cap are reported at the next run`() throws {
    let well = FullMachine.inventory
    var other = well
    other.gpus[0].powerCap?.watts = 200
    let index = try #require(other.pci.firstIndex { $0.address == FullMachine.gpu })
    other.pci[index].path?.hops[0].current?.width = 8
    func facts(_ inventory: Inventory) -> [String: String] {
      BenchmarkContext.devices(
        [FullMachine.gpu], BenchmarkBox(inventory, BenchmarkOptions()))
    }
    let all = points(14) { _ in
      100
    } facts: {
      facts($0 < 13 ? well : other)
    }
    let changes = DeclineFinder.judge(series, all, now: time(14)).changes
    #expect(changes.map(\.verdict) == [.contextChange])
    let texts = try #require(changes.first).explanation
    #expect(texts.contains("21:00.0 powerCapWatts: 327 to 200"), "\(texts)")
    #expect(
      texts.contains { $0.hasPrefix("21:00.0 link: ") && $0.contains("x16 to ") }, "\(texts)")
    #expect(texts.count == 2)
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
    // Without chance: one series of many shows a change that is none.
    for index in all.indices { all[index].value = [100, 101, 99, 100.5, 99.5][index % 5] }
    all[3].time = "yesterday"
    all[4].value = .nan
    all[5].value = .infinity
    let outcome = DeclineFinder.judge(series, all, now: time(30))
    #expect(outcome.changes.isEmpty)
    #expect(DeclineFinder.judge(series, [], now: "").changes.isEmpty)
  }

  @Test func `a drift began with the last change of level`() throws {
    // Better from week 30 on, then 8 % a year less.
    let all = points(84) { $0 < 30 ? 100 : 130 * (1 - 0.08 * Double($0 - 30) / 52) }
    let changes = DeclineFinder.judge(series, all, now: time(84)).changes
    let drift = try #require(changes.first { $0.verdict == .drift })
    let better = try #require(changes.last { $0.verdict == .improvement })
    #expect(better.time > time(25))
    #expect(drift.time == better.time)
  }

  @Test func `a drift that an owner has seen is silent for a year`() {
    func drift(_ foundAt: String, acknowledged: Bool = false) -> BenchmarkChange {
      var change = BenchmarkChange(
        series: "s", time: "2026-01-01T00:00:00Z", foundAt: foundAt, verdict: .drift)
      change.acknowledged = acknowledged
      return change
    }
    let open = drift("2026-07-01T00:00:00Z")
    let seen = drift("2026-07-01T00:00:00Z", acknowledged: true)
    #expect(DeclineFinder.isKnown(drift("2027-05-01T00:00:00Z"), as: seen))
    #expect(!DeclineFinder.isKnown(drift("2027-08-01T00:00:00Z"), as: seen))
    #expect(DeclineFinder.isKnown(drift("2027-08-01T00:00:00Z"), as: open))
  }

  @Test func `a decline of a time has recovered when it is short again`() {
    var series = series
    series.better = .lower
    func change(_ verdict: BenchmarkChange.Verdict, _ month: Int, _ before: Double, _ after: Double)
      -> BenchmarkChange
    {
      BenchmarkChange(
        series: series.key, time: "2026-0\(month)-01T00:00:00Z", foundAt: "", before: before,
        after: after, verdict: verdict)
    }
    let decline = change(.decline, 3, 100, 140)
    var outcome = DeclineFinder.Outcome()
    outcome.leastChange = 0.05
    outcome.changes = [
      change(.improvement, 2, 120, 100), decline, change(.improvement, 5, 140, 106),
    ]
    #expect(outcome.recovery(from: decline, of: series) == nil)
    outcome.changes[2].after = 104
    #expect(outcome.recovery(from: decline, of: series) == outcome.changes[2])
    #expect(outcome.recovery(from: outcome.changes[2], of: series) == nil)
  }
}
