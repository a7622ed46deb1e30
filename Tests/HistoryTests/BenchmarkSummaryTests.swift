import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

@Suite struct BenchmarkSummaryTests {
  private func store(_ store: BenchmarkStore, weeks: Range<Int>) throws {
    for week in weeks {
      var run = MadeUpRuns.weekly(week)
      run.state = .done
      var figure = MadeUpRuns.measured(0, 100 + Double(week))
      figure.ceiling = BenchmarkCeiling([.init("made up", 200 + Double(week), "")])
      // The second series has a few figures, without a ceiling.
      run.results = [figure] + (week < 3 ? [MadeUpRuns.measured(1, 5)] : [])
      _ = try store.insert(run)
    }
  }

  @Test func `a summary has the newest figures, ceilings and open changes`() throws {
    let folder = try Folder()
    let store = try folder.open()
    #expect(try store.summary() == BenchmarkSummary())
    try self.store(store, weeks: 0..<12)
    let seen = try store.append(
      BenchmarkChange(series: "s", time: "t", foundAt: "t", verdict: .decline))
    try store.append(BenchmarkChange(series: "s", time: "u", foundAt: "u", verdict: .suspicion))
    try store.acknowledge(seen.id)
    let summary = try store.summary()
    let byKey = Dictionary(uniqueKeysWithValues: summary.series.map { ($0.series.key, $0) })
    let first = try #require(byKey[MadeUpRuns.series(0).key])
    #expect(first.lastValue == 111 && first.lastCeiling == 211 && first.count == 12)
    let second = try #require(byKey[MadeUpRuns.series(1).key])
    #expect(second.lastValue == 5 && second.lastCeiling == nil && second.count == 3)
    #expect(summary.newestRun == MadeUpRuns.week(11))
    #expect(summary.changes.map(\.verdict) == [.suspicion])
    #expect(summary.document.seriesCount == 2 && summary.document.judgedCount == 1)
  }

  @Test func `the list of series has what each history has`() throws {
    let store = try Folder().open()
    try self.store(store, weeks: 0..<30)
    let list = try store.seriesDocument()
    #expect(list.series.count == 2)
    for entry in list.series {
      let history = try store.document(of: entry.series.key)
      #expect(entry == BenchmarkSeriesDocument.Entry(history))
      #expect(entry.ceiling == history.ceiling)
    }
    #expect(try store.document(of: MadeUpRuns.series(0).key).leastChange != nil)
  }

  @Test func `any change gives another version, reading gives none`() throws {
    let folder = try Folder()
    let store = try folder.open()
    let other = try folder.open()
    var last = try store.version()
    func isNew() throws -> Bool {
      let now = try store.version()
      defer { last = now }
      return now != last
    }
    _ = try store.summary()
    #expect(try !isNew())
    try self.store(store, weeks: 0..<1)
    #expect(try isNew(), "this connection wrote")
    try self.store(other, weeks: 1..<2)
    #expect(try isNew(), "another connection wrote")
    let change = try other.append(
      BenchmarkChange(series: "s", time: "t", foundAt: "t", verdict: .decline))
    #expect(try isNew())
    try store.acknowledge(change.id)
    #expect(try isNew())
    _ = try (store.summary(), other.summary())
    #expect(try !isNew())
  }
}
