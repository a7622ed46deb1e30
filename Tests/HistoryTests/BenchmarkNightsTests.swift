import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

/// A box that is measured every week, over simulated nights: what the timer runs, what is suspected, when it
/// is a decline.
@Suite(.seeded) struct BenchmarkNightsTests {
  private let series = BenchmarkSeries(
    suite: "nvme", metric: "sequential-read", subjectKey: "S6X-slot-3", subject: "nvme0",
    unit: .bytesPerSecond)

  private func time(_ day: Int) -> String {
    Date(timeIntervalSince1970: 1_700_000_000 + Double(day) * 86_400).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  private func run(
    _ day: Int, _ value: Double, _ trigger: BenchmarkRun.Trigger, link: String = "PCIe 4.0 x4"
  ) -> BenchmarkRun {
    var run = BenchmarkRun(
      id: "run-\(day)", started: time(day), boot: nil, trigger: trigger, program: "0.1.0",
      isQuick: false, suites: ["nvme"], context: ["kernel": "6.12"])
    run.state = .done
    run.finished = time(day)
    var result = BenchmarkResult(series, .measured)
    result.value = value
    result.context = ["01:00.0 link": link]
    run.results = [result]
    return run
  }

  /// Follows the timer for some nights.
  /// - Returns: the day of the first change of each verdict, and nights with confirming runs.
  private func live(
    nights: Int, drop day: Int, to level: Double, link: (Int) -> String = { _ in "PCIe 4.0 x4" },
    function: String = #function
  ) throws -> (found: [BenchmarkChange.Verdict: Int], confirmations: Int, store: BenchmarkStore) {
    try live(nights: nights, link: link, function: function) { $0 < day ? 7e9 : level }
  }

  private func live(
    nights: Int, link: (Int) -> String = { _ in "PCIe 4.0 x4" }, function: String = #function,
    level: (Int) -> Double
  ) throws -> (found: [BenchmarkChange.Verdict: Int], confirmations: Int, store: BenchmarkStore) {
    let store = try Folder().open()
    var generator = SeededGenerator(function: function)
    var found: [BenchmarkChange.Verdict: Int] = [:]
    var confirmations = 0
    for night in 0..<nights {
      let due = try store.scheduledRun(now: time(night))
      guard let options = due.options else { continue }
      if options.trigger == .confirmation {
        #expect(options.suites == ["nvme"])
        confirmations += 1
      }
      let noise = 1 + Double.random(in: -0.015...0.015, using: &generator)
      let run = run(night, level(night) * noise, options.trigger, link: link(night))
      #expect(try store.insert(run))
      for change in try store.judge(run, now: time(night)).changes
      where found[change.verdict] == nil {
        found[change.verdict] = night
      }
    }
    return (found, confirmations, store)
  }

  @Test func `a steady box is measured every week, and nothing is reported`() throws {
    let (found, confirmations, store) = try live(nights: 364, drop: .max, to: 0)
    #expect(found.isEmpty)
    #expect(confirmations <= 10)
    #expect(try store.runs(limit: 1000).count { $0.run.trigger == .scheduled } == 52)
  }

  @Test func `a drop is suspected at the next run, and a decline some nights later`() throws {
    let (found, confirmations, store) = try live(nights: 300, drop: 200, to: 6.1e9)
    let suspected = try #require(found[.suspicion])
    #expect((200...207).contains(suspected))
    let declined = try #require(found[.decline])
    #expect(declined - suspected <= 14)
    #expect(confirmations >= 5)
    let open = try store.changes(openOnly: true)
    // The suspicion became the decline: it is one change.
    #expect(open.map(\.verdict) == [.decline])
    #expect(open.first?.explanation == [])
    #expect(try store.scheduledRun(now: time(301)).options?.trigger != .confirmation)
  }

  @Test func `a halved link is reported at the next run, and is the reason of the decline`() throws
  {
    let (found, _, store) = try live(nights: 300, drop: 200, to: 3.5e9) {
      $0 < 200 ? "PCIe 4.0 x4" : "PCIe 4.0 x2"
    }
    let context = try #require(found[.contextChange])
    #expect((200...207).contains(context))
    let decline = try #require(
      try store.changes(openOnly: true).first { $0.verdict == .decline })
    #expect(decline.explanation == ["01:00.0 link: PCIe 4.0 x4 to PCIe 4.0 x2"])
  }

  @Test func `a suspicion that lapses is gone, and no owner has seen it`() throws {
    // One low run: those of the following nights do not confirm it.
    let (found, _, store) = try live(nights: 240) { $0 == 203 ? 6e9 : 7e9 }
    #expect(found[.suspicion] != nil)
    #expect(found[.decline] == nil)
    #expect(try store.changes().isEmpty)
  }

  @Test func `a decline is closed once the figures came back`() throws {
    let (found, _, store) = try live(nights: 420) { (200..<300).contains($0) ? 5e9 : 7e9 }
    let (declined, better) = (try #require(found[.decline]), try #require(found[.improvement]))
    #expect(declined < 300 && better >= 300)
    let changes = try store.changes()
    let decline = try #require(changes.first { $0.verdict == .decline })
    let improvement = try #require(changes.first { $0.verdict == .improvement })
    #expect(decline.acknowledged)
    #expect(decline.explanation == ["recovered on \(improvement.time.prefix(10))"])
    #expect(try store.changes(openOnly: true).map(\.verdict) == [.improvement])
  }

  @Test func `a decline stays open while the figures came back in part`() throws {
    let (_, _, store) = try live(nights: 420) {
      $0 < 200 ? 7e9 : $0 < 300 ? 4e9 : 5.5e9
    }
    #expect(try store.changes(openOnly: true).contains { $0.verdict == .decline })
  }

  @Test func `what rested on a discarded run goes with it`() throws {
    let store = try Folder().open()
    var generator = SeededGenerator()
    for night in stride(from: 0, through: 210, by: 7) {
      let noise = 1 + Double.random(in: -0.01...0.01, using: &generator)
      let link = night == 210 ? "PCIe 4.0 x2" : "PCIe 4.0 x4"
      let run = run(night, (night == 210 ? 5e9 : 7e9) * noise, .scheduled, link: link)
      #expect(try store.insert(run))
      _ = try store.judge(run, now: time(night))
    }
    #expect(Set(try store.changes().map(\.verdict)) == [.suspicion, .contextChange])
    try store.discard("run-210", now: time(211))
    #expect(try store.changes().isEmpty)
  }

  @Test func `a decline is open again once the runs of its recovery are discarded`() throws {
    let store = try Folder().open()
    var generator = SeededGenerator()
    for week in 0..<90 {
      let noise = 1 + Double.random(in: -0.01...0.01, using: &generator)
      let run = run(week * 7, ((30..<60).contains(week) ? 5e9 : 7e9) * noise, .scheduled)
      #expect(try store.insert(run))
      _ = try store.judge(run, now: time(week * 7))
    }
    func decline() throws -> BenchmarkChange? {
      try store.changes().first { $0.verdict == .decline }
    }
    #expect(try decline()?.acknowledged == true)
    #expect(try decline()?.explanation.count == 1)
    for week in (60..<90).reversed() {
      try store.discard("run-\(week * 7)", now: time(90 * 7))
    }
    #expect(try decline()?.acknowledged == false)
    #expect(try decline()?.explanation == [])
    #expect(try !store.changes().contains { $0.verdict == .improvement })
  }
}
