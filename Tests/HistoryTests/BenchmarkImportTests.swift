import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

@Suite(.seeded) struct BenchmarkImportTests {
  private let now = "2026-11-24T10:00:00.000Z"

  /// Runs that the validation takes: no texts of which it has an opinion.
  private func runs(_ count: Int) throws -> [BenchmarkRun] {
    var made = MadeUpRuns(generator: SeededGenerator())
    return (0..<count).map { made.run($0) }
  }

  private func read(_ text: String) -> [Result<BenchmarkRun, Reason>] {
    var found: [Result<BenchmarkRun, Reason>] = []
    BenchmarkLines.read(Array(text.utf8), now: now) { found.append($1) }
    return found
  }

  @Test func `an export that is imported is the same history`() throws {
    let (one, other) = (try Folder().open(), try Folder().open())
    let runs = try runs(40)
    for run in runs { _ = try one.insert(run) }
    let kept = try runs.map { try #require(try one.run($0.id)) }
    var lines: [UInt8] = []
    for id in try one.runIDs() {
      lines += try BenchmarkLines.line(try #require(try one.run(id)))
    }
    #expect(lines.count { $0 == UInt8(ascii: "\n") } == 40)
    var report = try other.importLines(lines, from: .thisMachine, now: now)
    #expect(report == .init(stored: 40, duplicates: 0, rejected: []))
    for var run in kept {
      if run.state == .running { run.state = .aborted }
      #expect(try other.run(run.id) == run)
    }
    report = try other.importLines(lines + lines, from: .thisMachine, now: now)
    #expect(report == .init(stored: 0, duplicates: 80, rejected: []))
  }

  @Test func `runs of another machine are marked, and no part of this one's history`() throws {
    let store = try Folder().open()
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 1)]
    let line = try BenchmarkLines.line(run)
    #expect(try store.importLines(line, from: .elsewhere, now: now).stored == 1)
    #expect(try store.run(run.id)?.trigger == .imported)
    #expect(try store.run(run.id)?.state == .aborted)
    #expect(try store.history(MadeUpRuns.series(0).key, limit: 9).isEmpty)
    #expect(try store.series() == [])
  }

  @Test func `a series of another unit is refused with its run, the others are taken`() throws {
    let store = try Folder().open()
    var runs = (0..<3).map(MadeUpRuns.weekly)
    for index in 0..<3 { runs[index].results = [MadeUpRuns.measured(0, 1)] }
    runs[1].results.insert(MadeUpRuns.measured(1, 1), at: 0)
    runs[1].results[1].series.unit = .seconds
    let lines = try runs.flatMap { try BenchmarkLines.line($0) }
    let report = try store.importLines(lines, from: .thisMachine, now: now)
    #expect(report.stored == 2)
    #expect(report.rejected.map(\.line) == [2])
    #expect(report.rejected[0].reason.contains("seconds"))
    #expect(try store.runIDs() == ["weekly-0", "weekly-2"], "nothing of it is left")
    #expect(try store.series().count == 1)
  }

  /// What is wrong with a run, and words of the reason.
  private static let wrong: [(String, @Sendable (inout BenchmarkRun) -> Void)] = [
    ("schema", { $0.schema = "tinybox.benchmark/2" }), ("id", { $0.id = "" }),
    ("id", { $0.id = "../x" }), ("id", { $0.id = String(repeating: "a", count: 65) }),
    ("'started'", { $0.started = "yesterday" }),
    ("future", { $0.started = "2026-11-26T10:00:00Z" }),
    ("'finished'", { $0.finished = "" }), ("'suites'", { $0.suites = ["a b"] }),
    ("'suites'", { $0.suites = Array(repeating: "a", count: 257) }),
    ("longer", { $0.program = String(repeating: "a", count: 4097) }),
    ("longer", { $0.context = ["a": String(repeating: "a", count: 4097)] }),
    ("more than", { for index in 0...256 { $0.context["\(index)"] = "" } }),
    ("two results", { $0.results.append($0.results[0]) }),
    ("4096 results", { $0.results = Array(repeating: $0.results[0], count: 4097) }),
    ("key", { $0.results[0].series.key = "memory.copy/x" }),
    ("key", { $0.results[0].series.key = "memory.triad-0/" }),
    ("key", { $0.results[0].series.key += "\n" }),
    ("not a name", { $0.results[0].series.suite = "" }),
    ("not a name", { $0.results[0].series.metric = "a/b" }),
    ("negative", { $0.results[0].value = -1 }), ("negative", { $0.results[0].samples = [1, -1] }),
    ("negative", { $0.results[0].spread = -0.1 }),
    ("interval", { $0.results[0].low = 13 }), ("interval", { $0.results[0].high = 11 }),
    ("without a figure", { $0.results[0].value = nil }),
    ("'dropped'", { $0.results[0].dropped = -1 }),
    ("65536 samples", { $0.results[0].samples = Array(repeating: 1, count: 65_537) }),
    (
      "least of its limits",
      {
        $0.results[0].ceiling = BenchmarkCeiling([.init("a", 1, "")])
        $0.results[0].ceiling?.value = 5
      }
    ),
    (
      "not above zero",
      {
        $0.results[0].ceiling = BenchmarkCeiling([.init("a", 20, "")])
        $0.results[0].ceiling?.limits[0].value = -1
        $0.results[0].ceiling?.value = -1
      }
    ),
    (
      "above its ceiling",
      {
        $0.results[0].series.better = .higher
        $0.results[0].ceiling = BenchmarkCeiling([.init("a", 11.7, "")])
      }
    ),
    (
      "above its ceiling",
      {
        $0.results[0].series.better = .lower
        $0.results[0].verdict = .low
        $0.results[0].ceiling = BenchmarkCeiling([.init("a", 12.3, "")])
      }
    ),
    ("longer", { $0.results[0].reason = String(repeating: "a", count: 4097) }),
    ("longer", { $0.results[0].details = ["": String(repeating: "a", count: 4097)] }),
    ("more than", { $0.results[0].flags = Array(repeating: .quick, count: 257) }),
  ]

  @Test(arguments: BenchmarkImportTests.wrong.indices) func `a run that cannot be is refused`(
    index: Int
  ) throws {
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 12)]
    #expect(BenchmarkValidation.problem(run, now: now) == nil)
    let (words, change) = BenchmarkImportTests.wrong[index]
    change(&run)
    let problem = try #require(BenchmarkValidation.problem(run, now: now))
    #expect(problem.contains(words), "\(problem)")
    let read = read(String(decoding: try BenchmarkLines.line(run), as: UTF8.self))
    guard case .failure(let reason) = read.first else {
      Issue.record("taken")
      return
    }
    #expect(reason.reason == problem)
  }

  @Test func `the share of the ceiling is computed, not believed`() throws {
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 12), MadeUpRuns.measured(1, 12)]
    run.results[0].ceiling = BenchmarkCeiling([.init("a", 16, "")])
    run.results[0].series.better = .higher
    run.results[0].ceilingShare = 0.99
    run.results[1].ceilingShare = 0.99
    let lines = String(decoding: try BenchmarkLines.line(run), as: UTF8.self)
    #expect(try read(lines).first?.get().results.map(\.ceilingShare) == [0.75, nil])
  }

  @Test func `lines that are no runs are refused with the place, and cost the others nothing`()
    throws
  {
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 12)]
    let line = String(decoding: try BenchmarkLines.line(run).dropLast(), as: UTF8.self)
    let nested = String(repeating: "[", count: 200_000)
    let bad = [
      "x": "it is not JSON", "[]": "the run is of another type", "{}": "there is no",
      "null": "the run is of another",
      nested: "it is not JSON", "{\"a\":" + nested: "it is not JSON", "\u{0}": "it is not JSON",
      line.replacingOccurrences(of: ":12", with: ":1e999"): "too large",
      line.replacingOccurrences(of: ":12", with: ":NaN"): "it is not JSON",
      line.replacingOccurrences(of: ":12", with: ":\"12\""): ".results[0].value is of another type",
      line.replacingOccurrences(of: "scheduled", with: "by-magic"): ".trigger has a value",
      line.replacingOccurrences(of: "\"dropped\":0", with: "\"dropped\":1e30"): "too large",
    ]
    for (text, words) in bad {
      let found = read(text + "\n\n \r\n" + line + "\r\n")
      #expect(found.count == 2, "\(text.prefix(80))")
      guard case .failure(let reason) = found.first else {
        Issue.record("taken: \(text.prefix(80))")
        continue
      }
      #expect(reason.reason.contains(words), "\(reason.reason): \(text.prefix(80))")
      #expect(try found.last?.get() == run, "the good line was not taken")
    }
    #expect(read(String(repeating: "a", count: BenchmarkLines.lineLimit + 1)).count == 1)
  }

  @Test func `files that were made at random never crash it`() throws {
    var generator = SeededGenerator()
    let store = try Folder().open()
    let whole = try runs(3).flatMap { try BenchmarkLines.line($0) }
    var refused = 0
    for _ in 0..<150 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...20, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[place] = generator.pick(Array("{}[]\",:-0e\\\n".utf8))
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        }
      }
      let report = try store.importLines(bytes, from: .elsewhere, now: now)
      refused += report.rejected.count
    }
    #expect(refused > 100)
    for id in try store.runIDs() {
      let run = try #require(try store.run(id))
      #expect(BenchmarkValidation.problem(run, now: now) == nil)
    }
  }
}
