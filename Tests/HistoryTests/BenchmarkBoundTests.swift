import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import History

@Suite(.seeded) struct BenchmarkBoundTests {
  /// A weekly run as a box has it: 24 samples a figure, facts and ceilings that rarely change, readings that
  /// always do.
  private func weekly(_ week: Int, series: Int, _ generator: inout SeededGenerator) -> BenchmarkRun
  {
    var run = MadeUpRuns.weekly(week)
    run.suites = ["memory", "gpu", "nvme", "network"]
    run.context = [
      "kernel": "6.12.\(week / 13)-amd64", "bios": "2.\(week / 52)", "board": "H13SSL-N",
      "iommu": "on", "processor": "AMD EPYC 9354 32-Core Processor",
      "processor.governor": "performance", "processor.boost": "on", "memory.bytes": "405874106368",
      "kernel.commandLine": "BOOT_IMAGE=/boot/vmlinuz root=/dev/nvme0n1p2 ro iommu=pt quiet",
      "memory.modules": "12 x DDR5 4800 MT/s",
    ]
    for index in 0..<series {
      var result = BenchmarkResult(
        BenchmarkSeries(
          suite: "suite-\(index % 6)", metric: "metric-\(index % 11)",
          subjectKey: "GPU-5e0e7d5b-\(index)", subject: "GPU of slot \(index), memory of node 1",
          unit: .bytesPerSecond), .measured)
      let level = Double(index + 1) * 1e9
      result.samples = (0..<24).map { _ in level * Double.random(in: 0.97...1.03, using: &generator)
      }
      let sorted = result.samples.sorted()
      result.value = (sorted[11] + sorted[12]) / 2
      result.low = sorted[6]
      result.high = sorted[17]
      result.spread = Double.random(in: 0.001...0.03, using: &generator)
      result.dropped = Int.random(in: 0...3, using: &generator)
      result.ceiling = BenchmarkCeiling([
        .init("memory channels", level * 1.3, "12 channels x 4800 MT/s x 8 bytes"),
        .init("PCIe link", level * 1.2, "16 lanes x 16 GT/s x 128/130 x MPS 256/(256 + 24)"),
      ])
      result.ceilingShare = (result.value ?? 0) / (level * 1.2)
      result.details = [
        "variant": "avx2, non-temporal", "page size": "2 MiB",
        "bytes": "\(Int.random(in: 1...1_000_000_000_000, using: &generator))",
        "processor.temperatureCelsius": "\(Int.random(in: 40...80, using: &generator))",
      ]
      if index % 2 == 0 {
        let address = "0000:\(41 + index):00.0"
        result.context = [
          "\(address) driver": "amdgpu", "\(address) link": "16.0 GT/s x16",
          "\(address) powerCapWatts": "300", "\(address) driverVersion": "6.\(week / 40)",
          "\(address) slot": "\(index)", "\(address) mps": "256",
        ]
        result.details["\(address) temperatureCelsius"] =
          "\(Int.random(in: 40...80, using: &generator))"
      }
      run.results.append(result)
    }
    run.state = .done
    run.finished = run.started
    return run
  }

  private func bytes(_ folder: Folder) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.database)
    return try #require(attributes[.size] as? Int)
  }

  /// Sizes are asserted, times are printed: they belong to the machine.
  @Test func `five years of weekly runs of 150 series fit whole`() throws {
    // The ratio of the two is the same: the small one is for every build.
    let series = Project.isNightly ? 150 : 10
    let bound = Project.isNightly ? 30_000_000 : 2_500_000
    let folder = try Folder()
    let clock = ContinuousClock()
    do {
      let store = try folder.open()
      var generator = SeededGenerator()
      let took = try clock.measure {
        for week in 0..<260 { _ = try store.insert(weekly(week, series: series, &generator)) }
      }
      #expect(try store.runs(limit: 1000).count == 260)
      let oldest = try #require(try store.run("weekly-0"))
      #expect(oldest.results.count == series)
      #expect(oldest.results.allSatisfy { $0.samples.count == 24 }, "nothing had to go")
      print("history: 260 runs of \(series) series stored in \(took)")
    }
    let size = try bytes(folder)
    #expect(size <= bound)
    var store: BenchmarkStore?
    let opened = try clock.measure { store = try folder.open() }
    let key = try #require(try store?.series().first).series.key
    var points: [BenchmarkPoint]?
    let read = try clock.measure { points = try store?.history(key, limit: 104) }
    #expect(points?.count == 104)
    print(
      "history: \(size) bytes, \(size / 260 / series) a result; opens in \(opened), reads 104 points "
        + "in \(read)")
  }

  @Test func `beyond the limit the samples of old runs go first, then old runs, never changes`()
    throws
  {
    let folder = try Folder()
    let limit = 400_000
    let store = try folder.open(limit: limit)
    var generator = SeededGenerator()
    try store.append(
      BenchmarkChange(series: "a.b/c", time: "T", foundAt: "T", verdict: .decline))
    var hadThinned = false
    for week in 0..<200 {
      _ = try store.insert(weekly(week, series: 8, &generator))
      let size = try bytes(folder)
      #expect(size <= limit + 4096 * 16, "week \(week)")
      guard week % 20 == 19 else { continue }
      let ids = try store.runIDs()
      let runs = try ids.map { try #require(try store.run($0)) }
      #expect(runs.last?.id == "weekly-\(week)")
      #expect(
        runs.allSatisfy { $0.results.count == 8 && $0.results.allSatisfy { $0.value != nil } })
      let thinned = runs.prefix { $0.results.allSatisfy(\.samples.isEmpty) }.count
      #expect(runs.dropFirst(thinned).allSatisfy { $0.results[0].samples.count == 24 })
      if ids.first != "weekly-0" { #expect(thinned > 0, "runs go after samples") }
      hadThinned = hadThinned || (thinned > 0 && ids.first == "weekly-0")
    }
    #expect(hadThinned)
    #expect(try store.runIDs().first != "weekly-0")
    #expect(try store.changes().count == 1)
    // No facts without a run.
    try store.read { (database) throws(Failure) in
      let unused = try database.number(
        """
        SELECT count(*) FROM context WHERE id NOT IN (SELECT context FROM result) AND id NOT IN
          (SELECT ownContext FROM result WHERE ownContext NOT NULL) AND id NOT IN
          (SELECT context FROM run)
        """, [], "count")
      #expect(unused == 0)
    }
  }

  @Test func `runs of other machines go first`() throws {
    let store = try Folder().open(limit: 400_000)
    var generator = SeededGenerator()
    for week in 0..<20 { _ = try store.insert(weekly(week, series: 8, &generator)) }
    for week in 20..<60 {
      var run = weekly(week, series: 40, &generator)
      run.id = "other-\(week)"
      run.trigger = .imported
      _ = try store.insert(run)
    }
    let ids = try store.runIDs()
    #expect(ids.filter { $0.hasPrefix("weekly") } == (0..<20).map { "weekly-\($0)" })
    #expect(ids.contains("other-59") && !ids.contains("other-20"))
    #expect(try store.run("weekly-19")?.results.allSatisfy { $0.samples.count == 24 } == true)
  }

  @Test func `runs older than five years go, a few at a time`() throws {
    let store = try Folder().open()
    for week in 0..<10 { try store.begin(MadeUpRuns.weekly(week)) }
    for week in 1..<10 { try store.finish("weekly-\(week)", .done, finished: nil) }
    // Five years after the start of week 9, less a day; the run of week 0 is still going on.
    let later = MadeUpRuns.week(9 + 261)
    try store.keepBound(now: later, keeping: "")
    #expect(try store.runIDs() == ["weekly-0"] + (5..<10).map { "weekly-\($0)" })
    try store.keepBound(now: later, keeping: "weekly-5")
    try store.keepBound(now: later, keeping: "weekly-5")
    #expect(try store.runIDs() == ["weekly-0", "weekly-5"])
    try store.keepBound(now: "no time", keeping: "")
    #expect(try store.runIDs() == ["weekly-0", "weekly-5"])
  }
}
