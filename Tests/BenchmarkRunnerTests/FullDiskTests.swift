import Base
import Benchmarks
import Foundation
import History
import Inventory
import LoadKernels
import Operations
import Synchronization
import TestSupport
import Testing

@testable import BenchmarkRunner

/// A disk that is full by RLIMIT_FSIZE: a file may not grow, as on a disk without room. In a process of its
/// own, since the limit is that of a process and of those it starts.
@Suite(.serialized) struct FullDiskTests {
  /// The real database, on a disk that fills after the run began.
  private final class FillingSink: BenchmarkSink {
    let store: BenchmarkStore
    let database: String
    let refused = Mutex<BenchmarkResult.Verdict?>(nil)

    init(_ store: BenchmarkStore, _ database: String) {
      self.store = store
      self.database = database
    }

    func begin(_ run: BenchmarkRun) throws(Failure) {
      try store.begin(run)
      FullDiskTests.limitFiles(to: FullDiskTests.size(database + "-wal"))
    }

    func append(_ result: BenchmarkResult, to run: String) throws(Failure) {
      refused.withLock { $0 = result.verdict }
      try store.append(result, to: run, time: "2026-11-30T10:00:00.000Z")
    }

    func finish(_ run: BenchmarkRun) throws(Failure) {
      try store.finish(run.id, run.state, finished: "2026-11-30T10:00:00.000Z")
    }
  }

  /// No file of this process and its children may be larger from here on.
  private static func limitFiles(to bytes: Int) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    limit.rlim_cur = bytes < 0 ? limit.rlim_max : rlim_t(bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  }

  private static func size(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  @Test(arguments: Measurers.all.map { $0.plan.info.name })
  func `a result that finds no room ends the run, and the database is whole`(
    _ suite: String
  ) async throws {
    await #expect(processExitsWith: .success) { [suite = suite as String] in
      let bench = try RunnerBench()
      let database = bench.folder + "/benchmarks.db"
      let time = "2026-11-30T10:00:00.000Z"
      let store = try BenchmarkStore.open(database, program: "0.1.0", time: time).store
      var options = BenchmarkOptions()
      options.isQuick = true
      options.suites = [suite]
      options.scratch = bench.scratch
      let sink = FillingSink(store, database)
      var runner = BenchmarkRunner(
        options: options, program: "0.1.0", sink: sink,
        readMachine: { () throws(Failure) in
          let reader = MachineReader()
          return try reader.inventory([.processors, .memory, .nvme], of: try reader.tree())
        })
      runner.leaseFolder = bench.folder + "/leases"
      var failure: Failure?
      do throws(Failure) { _ = try runner.run() } catch { failure = error }
      FullDiskTests.limitFiles(to: -1)
      // A suite with nothing to measure here has no result, and its end finds no room.
      #expect(failure?.step.contains(database) == true, "\(suite): \(String(describing: failure))")
      #expect(failure?.isDamage == false)
      #expect(bench.left == [])
      // What needs no device is measured for real.
      if ["cpu", "memory"].contains(suite) {
        #expect(sink.refused.withLock { $0 } == .measured, "\(suite)")
      }
      let id = try #require(try store.runIDs().first)
      #expect(try store.run(id)?.state == .running)
      #expect(try store.run(id)?.results.isEmpty == true)
      #expect(try store.markAborted(boot: "another") { _ in false } == [id])
    }
  }

  @Test(
    .enabled(if: RunnerBench.has("fio"), "fio is not installed"),
    arguments: [FioJob.Pattern.randomRead, .sequentialWrite])
  func `a scratch file that finds no room is a failure, and goes`(
    _ pattern: FioJob.Pattern
  ) async throws {
    await #expect(processExitsWith: .success) { [writes = pattern.writes as Bool] in
      let bench = try RunnerBench()
      FullDiskTests.limitFiles(to: 1 << 20)
      defer { FullDiskTests.limitFiles(to: -1) }
      let load = bench.load(writes ? .sequentialWrite : .randomRead)
      #expect {
        _ = try NVMeMeasurer.measure(
          bench.planned(load, writes ? .bytesPerSecond : .operationsPerSecond), bench.session())
      } throws: {
        ($0 as? Failure)?.reason.lowercased().contains("file too large") == true
      }
      #expect(bench.left == [])
      #expect(RunnerBench.processes(with: bench.scratch).isEmpty)
    }
  }
}
