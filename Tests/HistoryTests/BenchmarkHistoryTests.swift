import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

@Suite(.seeded) struct BenchmarkHistoryTests {
  /// Every selection there is.
  private var selections: [BenchmarkSelection] {
    (0..<16).map { bits in
      var selection = BenchmarkSelection()
      selection.includesQuick = bits & 1 != 0
      selection.includesDiscarded = bits & 2 != 0
      selection.includesInvalid = bits & 4 != 0
      selection.isImported = bits & 8 != 0
      return selection
    }
  }

  @Test func `the database selects as the rule says`() throws {
    let store = try Folder().open()
    var made = MadeUpRuns(generator: SeededGenerator())
    let runs = (0..<60).map { made.run($0, results: 4) }
    for run in runs { _ = try store.insert(run) }
    var found = 0
    for selection in selections {
      for index in 0..<4 {
        let key = MadeUpRuns.series(index).key
        let expected = runs.flatMap { run in
          run.results.filter { $0.series.key == key && selection.includes($0, of: run) }
            .map { result in (run, result) }
        }
        let points = try store.history(key, limit: 1000, selection)
        #expect(points.map(\.run) == expected.map(\.0.id), "\(selection)")
        #expect(points.map(\.time) == expected.map(\.0.started))
        #expect(points.map(\.value) == expected.compactMap(\.1.value))
        #expect(points.map(\.low) == expected.map(\.1.low))
        #expect(points.map(\.ceiling) == expected.map(\.1.ceiling?.value))
        #expect(points.map(\.flags) == expected.map(\.1.flags))
        #expect(points.map(\.trigger) == expected.map(\.0.trigger))
        for (point, (run, result)) in zip(points, expected) {
          let merged = run.context.merging(result.context) { $1 }
          let facts = try #require(try store.context(point.context))
          #expect(facts == merged.filter { !BenchmarkFacts.isReading($0.key) })
        }
        #expect(try store.history(key, limit: 2, selection) == points.suffix(2))
        found += points.count
        if selection == BenchmarkSelection() {
          let summary = try store.series().first { $0.series.key == key }
          #expect(summary?.count == points.count)
          #expect(summary?.lastValue == points.last?.value)
          #expect(summary?.lastTime == points.last?.time)
        }
      }
    }
    #expect(found > 300, "the made-up runs hold something of each kind")
  }

  @Test func `the same facts have one number, whatever the sensors say`() throws {
    let store = try Folder().open()
    let temperature = "0000:41:00.0 temperatureCelsius"
    for (index, cap) in ["300", "300", "250", "300"].enumerated() {
      var run = MadeUpRuns.weekly(index)
      run.context["processor.temperatureCelsius"] = "\(40 + index)"
      var result = MadeUpRuns.measured(0, 1)
      result.context = ["powerCapWatts": cap, "kernel": "of the result"]
      result.details = [temperature: "\(60 + index)", "page": "4K"]
      run.results = [result]
      try store.begin(run)
    }
    let points = try store.history(MadeUpRuns.series(0).key, limit: 10)
    #expect(points.map { $0.context == points[0].context } == [true, true, false, true])
    #expect(
      points.map(\.readings)
        == (0..<4).map {
          ["processor.temperatureCelsius": "\(40 + $0)", temperature: "\(60 + $0)"]
        })
    #expect(
      try store.context(points[2].context) == ["kernel": "of the result", "powerCapWatts": "250"])
    #expect(try store.context(-1) == nil)
  }

  @Test(arguments: [
    ("processor.temperatureCelsius", true), ("0000:41:00.0 coreClockHertz", true),
    ("powerWatts", true), ("powerCapWatts", false), ("GPU clock limit", false),
    ("kernel.commandLine", false), ("memory.numaBalancing", false), ("link", false),
    ("workload", false),
  ]) func `sensors are known by their names`(name: String, isReading: Bool) {
    #expect(BenchmarkFacts.isReading(name) == isReading)
  }

  @Test func `runs of another machine have a history of their own`() throws {
    let store = try Folder().open()
    var own = MadeUpRuns.weekly(0)
    own.results = [MadeUpRuns.measured(0, 1)]
    try store.begin(own)
    // Of the same key, another unit: no obstacle for what this machine measures.
    var other = MadeUpRuns.weekly(1)
    other.trigger = .imported
    other.results = [MadeUpRuns.measured(0, 2)]
    other.results[0].series.unit = .seconds
    other.results[0].series.subject = "of another"
    #expect(try store.insert(other))
    let key = MadeUpRuns.series(0).key
    var imported = BenchmarkSelection()
    imported.isImported = true
    #expect(try store.history(key, limit: 9).map(\.value) == [1])
    #expect(try store.history(key, limit: 9, imported).map(\.value) == [2])
    #expect(try store.series().map(\.series) == [MadeUpRuns.series(0)])
    #expect(try store.series(isImported: true).map(\.series.unit) == [.seconds])
  }
}
