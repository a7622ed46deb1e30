import Benchmarks
import Foundation
import TestSupport

@testable import History

/// A folder that goes with the test.
final class Folder {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("tinybox-\(UUID().uuidString)")
  var database: String { path.appendingPathComponent("benchmarks.db").path }

  init() throws {
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: path) }

  func open(limit: Int = BenchmarkStore.defaultLimit, program: String = "0.1.0") throws
    -> BenchmarkStore
  {
    let opened = try BenchmarkStore.open(
      database, program: program, limit: limit, time: "2026-11-24T10:00:00.000Z")
    if let putAside = opened.putAside { throw putAside.failure }
    return opened.store
  }
}

/// Runs with every kind of content that the model allows.
struct MadeUpRuns {
  var generator: SeededGenerator
  private static let texts = [
    "", "plain", "a 'quoted' \"text\"", "comma, and\r\nline", "\u{1f4a9} e\u{301} \u{0} zero",
    "back\\slash; DROP TABLE run", "=1+1",
  ]

  static func series(_ index: Int) -> BenchmarkSeries {
    let units = BenchmarkSeries.Unit.allCases
    return BenchmarkSeries(
      suite: "memory", metric: "triad-\(index % 7)", subjectKey: "node\(index), \"far\"\\",
      subject: "CPUs of node \(index)", unit: units[index % units.count],
      better: index % 5 == 0 ? .lower : .higher)
  }

  /// The start of week `index`, in UTC.
  static func week(_ index: Int) -> String {
    let date = Date(timeIntervalSince1970: 1_600_000_000 + Double(index) * 604_800)
    return date.formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  mutating func text() -> String { generator.pick(MadeUpRuns.texts) }

  mutating func facts() -> [String: String] {
    var facts: [String: String] = [:]
    let names = [
      "driver", "gpu.temperatureCelsius", "powerCapWatts", "a \"b\"", "coreClockHertz", "bytes",
    ]
    for name in names where generator.chance(50) {
      facts[name] =
        generator.chance(50) ? text() : "\(UInt32.random(in: 0...99, using: &generator))"
    }
    return facts
  }

  mutating func figure() -> Double? {
    if generator.chance(20) { return nil }
    return generator.chance(10)
      ? generator.pick([0, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e21])
      : Double.random(in: 1e-9...1e12, using: &generator)
  }

  mutating func result(_ series: BenchmarkSeries) -> BenchmarkResult {
    var result = BenchmarkResult(
      series, generator.pick(BenchmarkResult.Verdict.allCases),
      reason: generator.chance(50) ? text() : nil)
    result.value = figure()
    if result.value == nil, [.measured, .low, .invalid].contains(result.verdict) {
      result.value = 3.25
    }
    if let value = result.value, generator.chance(70) {
      result.low = value * 0.5
      result.high = value * 1
    }
    result.spread = figure()
    result.samples = (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in figure() }
    result.dropped = Int.random(in: 0...9, using: &generator)
    if generator.chance(60) {
      let limits = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
        BenchmarkCeiling.Limit(text(), figure(), text())
      }
      result.ceiling = BenchmarkCeiling(limits)
    }
    if let value = result.value, let most = result.ceiling?.value {
      let share = result.series.better == .higher ? value / most : most / value
      result.ceilingShare = share.isFinite ? share : nil
      if share > 1.02, [.measured, .low].contains(result.verdict) { result.verdict = .invalid }
    }
    result.causes = (0..<Int.random(in: 0...2, using: &generator)).map { _ in text() }
    result.flags = BenchmarkResult.Flag.allCases.filter { _ in generator.chance(20) }
    result.details = facts()
    result.context = facts()
    return result
  }

  mutating func run(_ index: Int, results: Int = 12) -> BenchmarkRun {
    var run = BenchmarkRun(
      id: "run-\(index)", started: MadeUpRuns.week(index),
      boot: generator.chance(80) ? "boot-\(index / 4)" : nil,
      trigger: generator.pick(BenchmarkRun.Trigger.allCases), program: "0.\(index).0",
      isQuick: generator.chance(20), suites: generator.chance(50) ? ["memory", "gpu"] : [],
      context: facts())
    run.state = generator.pick(BenchmarkRun.State.allCases)
    run.finished = generator.chance(50) ? MadeUpRuns.week(index + 1) : nil
    for index in 0..<results where generator.chance(80) {
      run.results.append(result(MadeUpRuns.series(index)))
    }
    return run
  }

  /// A run of this machine as the timer makes one, which counts.
  static func weekly(_ index: Int) -> BenchmarkRun {
    BenchmarkRun(
      id: "weekly-\(index)", started: week(index), boot: "boot", trigger: .scheduled,
      program: "0.1.0", isQuick: false, suites: ["memory"], context: ["kernel": "6.12.1"])
  }

  /// A figure that counts.
  static func measured(_ index: Int, _ value: Double) -> BenchmarkResult {
    var result = BenchmarkResult(series(index), .measured)
    result.value = value
    return result
  }
}
