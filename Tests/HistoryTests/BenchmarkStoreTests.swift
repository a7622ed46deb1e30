import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

@Suite(.seeded) struct BenchmarkStoreTests {
  private let now = "2026-11-24T10:00:00.000Z"

  /// The run with samples of nine digits, as the C library writes them.
  private func stored(_ run: BenchmarkRun) -> BenchmarkRun {
    var run = run
    for index in run.results.indices {
      run.results[index].samples = run.results[index].samples.map { sample in
        // Where powers of ten are not exact all digits stay.
        sample < 1e-13 || sample > 1e30 ? sample : Double(String(format: "%.9g", sample)) ?? .nan
      }
    }
    return run
  }

  @Test func `every run comes back as it went in`() throws {
    let folder = try Folder()
    let store = try folder.open()
    var made = MadeUpRuns(generator: SeededGenerator())
    let runs = (0..<40).map { made.run($0) }
    for run in runs { #expect(try store.insert(run)) }
    // Also from the file, by another connection.
    for store in [store, try folder.open()] {
      #expect(try store.runIDs() == runs.map(\.id))
      for run in runs { #expect(try store.run(run.id) == stored(run)) }
    }
    #expect(try store.run("nobody's") == nil)
    #expect(try store.insert(runs[0]) == false)
    #expect(throws: Failure.self) { try store.begin(runs[0]) }
    let summaries = try store.runs(limit: 10)
    #expect(summaries.map(\.run.id) == runs.suffix(10).reversed().map(\.id))
    for summary in summaries {
      let run = try #require(runs.first { $0.id == summary.run.id })
      #expect(
        summary.verdicts
          == Dictionary(grouping: run.results) { $0.verdict.rawValue }.mapValues(\.count))
    }
  }

  @Test func `a run grows by one result after the other, and ends once`() throws {
    let store = try Folder().open()
    var run = MadeUpRuns.weekly(0)
    try store.begin(run)
    for index in 0..<5 {
      let result = MadeUpRuns.measured(index, Double(index) + 0.5)
      try store.append(result, to: run.id, time: now)
      run.results.append(result)
      #expect(try store.run(run.id) == run)
    }
    var failure = #expect(throws: Failure.self) {
      try store.append(MadeUpRuns.measured(3, 1), to: run.id, time: now)
    }
    #expect(failure?.code == .conflict)
    failure = #expect(throws: Failure.self) {
      try store.discard(run.id, now: "2026-11-24T10:00:00.000Z")
    }
    #expect(failure?.code == .conflict)
    try store.finish(run.id, .done, finished: now)
    run.state = .done
    run.finished = now
    #expect(try store.run(run.id) == run)
    failure = #expect(throws: Failure.self) { try store.finish(run.id, .done, finished: now) }
    #expect(failure?.code == .conflict)
    failure = #expect(throws: Failure.self) {
      try store.append(MadeUpRuns.measured(9, 1), to: run.id, time: now)
    }
    #expect(failure?.code == .conflict)
    failure = #expect(throws: Failure.self) {
      try store.append(MadeUpRuns.measured(9, 1), to: "another", time: now)
    }
    #expect(failure?.code == .notFound)
    #expect(failure?.reason == "there is none of this id")
    try store.discard(run.id, now: "2026-11-24T10:00:00.000Z")
    #expect(try store.run(run.id)?.state == .discarded)
  }

  @Test func `a figure that is no number is unknown, and samples that are none are refused`() throws
  {
    let store = try Folder().open()
    try store.begin(MadeUpRuns.weekly(0))
    var result = MadeUpRuns.measured(0, .nan)
    try store.append(result, to: "weekly-0", time: now)
    #expect(try store.run("weekly-0")?.results[0].value == nil)
    #expect(try store.history(result.series.key, limit: 10).isEmpty)
    result = MadeUpRuns.measured(1, 1)
    result.samples = [.nan]
    #expect(throws: Failure.self) { try store.append(result, to: "weekly-0", time: now) }
    #expect(try store.run("weekly-0")?.results.count == 1)
  }

  @Test func `a series does not change its unit, but its name for people`() throws {
    let store = try Folder().open()
    try store.begin(MadeUpRuns.weekly(0))
    try store.append(MadeUpRuns.measured(0, 1), to: "weekly-0", time: now)
    try store.finish("weekly-0", .done, finished: nil)
    try store.begin(MadeUpRuns.weekly(1))
    var other = MadeUpRuns.measured(0, 1)
    other.series.unit = .seconds
    let failure = #expect(throws: Failure.self) {
      try store.append(other, to: "weekly-1", time: now)
    }
    #expect(failure?.reason.contains("seconds") == true, "\(String(describing: failure))")
    other = MadeUpRuns.measured(0, 1)
    other.series.subject = "the near node"
    try store.append(other, to: "weekly-1", time: now)
    #expect(try store.series().map(\.series.subject) == ["the near node"])
  }

  @Test func `runs that nobody makes any more are aborted, and their figures count`() throws {
    let store = try Folder().open()
    for (index, boot) in ["old", "now", "now", nil].enumerated() {
      var run = MadeUpRuns.weekly(index)
      run.boot = boot
      run.results = [MadeUpRuns.measured(0, Double(index))]
      try store.begin(run)
    }
    var asked: [String] = []
    let aborted = try store.markAborted(boot: "now") { id in
      asked.append(id)
      return id == "weekly-2"
    }
    #expect(aborted == ["weekly-0", "weekly-1", "weekly-3"])
    #expect(asked == ["weekly-1", "weekly-2"], "what is of another boot is not asked for")
    #expect(try store.run("weekly-2")?.state == .running)
    #expect(try store.run("weekly-3")?.state == .aborted)
    let key = MadeUpRuns.series(0).key
    #expect(try store.history(key, limit: 10).map(\.value) == [0, 1, 2, 3])
    #expect(try store.markAborted(boot: "now") { _ in true } == [])
  }

  @Test func `changes and trials come back, and changes are acknowledged`() throws {
    let folder = try Folder()
    let store = try folder.open()
    var stored: [BenchmarkChange] = []
    for (index, verdict) in BenchmarkChange.Verdict.allCases.enumerated() {
      let isContext = verdict == .contextChange
      stored.append(
        try store.append(
          BenchmarkChange(
            series: "gpu.copy/slot\(index % 2)", time: MadeUpRuns.week(index), foundAt: now,
            before: isContext ? nil : 2.5e10, after: isContext ? nil : 1.25e10,
            z: isContext ? nil : 6.5, verdict: verdict, explanation: ["a 'link'", "x\n"])))
    }
    #expect(stored.map(\.id) == [1, 2, 3, 4, 5])
    try store.acknowledge(2)
    stored[1].acknowledged = true
    stored[0].verdict = .decline
    stored[0].z = 9
    try store.update(stored[0])
    var trials: [BenchmarkTrial] = []
    for (index, verdict) in BenchmarkTrial.Verdict.allCases.enumerated() {
      trials.append(
        try store.append(
          BenchmarkTrial(
            time: now, device: "nvme \(index)", series: "nvme.read/x", plan: "CPUs 0-3",
            pairs: [.init(off: 1, on: 1.5), .init(off: 0.1, on: 0.2)], ratio: 1.5, low: 1.2,
            high: 1.75, looks: 2, verdict: verdict,
            conditions: index == 0
              ? nil
              : .init(
                identity: index == 1 ? "S 1/é" : nil,
                address: PCIAddress(domain: 0, bus: 1, device: 0, function: 0),
                kernel: index == 1 ? "6.12.1" : nil))))
    }
    for store in [store, try folder.open()] {
      #expect(try store.changes() == stored)
      #expect(try store.changes(openOnly: true).map(\.id) == [1, 3, 4, 5])
      #expect(try store.changes(openOnly: true, series: "gpu.copy/slot1").map(\.id) == [4])
      #expect(try store.trials() == trials)
      #expect(try store.trials(device: "nvme 1") == [trials[1]])
      #expect(try store.trials(onlyLast: true) == [trials[2]])
      #expect(try store.trials(device: "nvme 1", onlyLast: true) == [])
    }
    for act in [{ try store.acknowledge(77) }, { try store.update(BenchmarkChange.none) }] {
      let failure = #expect(throws: Failure.self) { try act() }
      #expect(failure?.code == .notFound)
    }
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "no sqlite3"))
  func `the program sqlite3 reads it`() throws {
    let folder = try Folder()
    let store = try folder.open()
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 12.5), MadeUpRuns.measured(1, 0.25)]
    try store.begin(run)
    let query =
      "SELECT run, series, value, unit, json_extract(context, '$.kernel') FROM figure ORDER BY value"
    let sqlite = try TestSupport.run(
      URL(fileURLWithPath: "/usr/bin/sqlite3"), ["-readonly", folder.database, query])
    let keys = [1, 0].map { MadeUpRuns.series($0) }
    #expect(
      sqlite.output == """
        weekly-0|\(keys[0].key)|0.25|operationsPerSecond|6.12.1
        weekly-0|\(keys[1].key)|12.5|bytesPerSecond|6.12.1

        """, "\(sqlite.errors)")
  }
}

extension BenchmarkChange {
  /// One that is not in any database.
  fileprivate static let none = BenchmarkChange(
    series: "a.b/c", time: "", foundAt: "", verdict: .drift)
}
