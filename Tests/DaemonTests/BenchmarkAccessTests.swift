import Base
import Benchmarks
import Events
import Foundation
import HTTPService
import Health
@testable import History
import KernelTree
import Linux
import Metrics
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// What tinyboxd knows of the history of benchmarks when it checks.
@Suite struct BenchmarkAccessTests {
  private func decline(_ folder: URL) throws -> BenchmarkChange {
    let store = try BenchmarkStore.open(
      folder.path + "/benchmarks.db", program: "1", time: "2026-11-24T10:00:00.000Z"
    ).store
    return try store.append(
      BenchmarkChange(
        series: "memory.read/n", time: "2026-11-20T03:00:00Z", foundAt: "2026-11-25T03:00:00Z",
        before: 100, after: 80, verdict: .decline))
  }

  @Test func `no database is made by looking`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let access = BenchmarkAccess(folder: folder.path)
    #expect(try access.summary() == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    // What another program stores is there at the next look, and what is acknowledged is gone.
    let change = try decline(folder)
    #expect(try access.summary()?.changes == [change])
    try access.store().acknowledge(change.id)
    #expect(try access.summary() == nil)
  }

  @Test func `checks and metrics have it`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try decline(folder)
    let reader = BoxReader(
      MemoryTreeBuilder().tree(), benchmarks: BenchmarkAccess(folder: folder.path),
      counters: Counters(), thread: EventThread()
    ) { _ in }
    for report in [await reader.full().report, await reader.quick().report] {
      let finding = report.findings.first { $0.check == "benchmark-decline" }
      #expect(finding?.verdict == .warn)
      #expect(finding?.summary == "20 % lower since 2026-11-20: no known cause")
    }
    let text = await reader.metrics(.prometheus, placement: PlacementSnapshot())
    #expect(text.contains("tinybox_benchmark_open_changes{verdict=\"decline\"} 1\n"))
  }

  @Test func `a history that cannot be read is unknown`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // A folder in its place.
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("benchmarks.db"), withIntermediateDirectories: true)
    let reader = BoxReader(
      MemoryTreeBuilder().tree(), benchmarks: BenchmarkAccess(folder: folder.path),
      counters: Counters(), thread: EventThread()
    ) { _ in }
    let snapshot = await reader.full()
    #expect(
      snapshot.report.findings.first { $0.check == "benchmark-decline" }?.verdict == .unknown)
    let text = await reader.metrics(.prometheus, placement: PlacementSnapshot())
    #expect(!text.contains("tinybox_benchmark"))
  }

  @Test func `trials are known where there is a history, and none is made by looking`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let access = BenchmarkAccess(folder: folder.path)
    #expect(try access.trials() == BenchmarkTrialsDocument([], hasHistory: false))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let store = try access.store()
    #expect(try access.trials() == BenchmarkTrialsDocument([]))
    var trials: [BenchmarkTrial] = []
    for verdict in [BenchmarkTrial.Verdict.gain, .worse] {
      trials.append(
        try store.append(
          BenchmarkTrial(
            time: Self.time, device: "S1", series: "nvme.read/S1", plan: "1: x", pairs: [],
            ratio: 1.5, low: 1.2, high: 1.75, looks: 2, verdict: verdict)))
    }
    #expect(try access.trials().trials == trials)
    #expect(try access.trials(onlyLast: true).trials == [trials[1]])
  }

  private static let time = "2026-11-24T10:00:00.000Z"

  @Test func `what another program puts aside is read no more, and the owner is informed`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path + "/benchmarks.db"
    _ = try decline(folder)
    let recorded = Mutex<[EventDraft]>([])
    let access = BenchmarkAccess(folder: folder.path) { drafts in
      recorded.withLock { $0 += drafts }
    }
    #expect(try access.summary()?.changes.count == 1)
    // As the unit does with a damaged one.
    for end in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + end) {
      try FileManager.default.moveItem(atPath: path + end, toPath: path + ".damaged-T" + end)
    }
    let other = try BenchmarkStore.open(path, program: "1", time: Self.time).store
    #expect(try access.summary() == nil)
    let change = try other.append(
      BenchmarkChange(series: "memory.read/n", time: Self.time, foundAt: Self.time, verdict: .drift)
    )
    #expect(try access.summary()?.changes == [change])
    #expect(recorded.withLock { $0.map(\.kind) } == [.benchmarkHistoryPutAside])
    #expect(recorded.withLock { $0.first?.message.contains(path + ".damaged-T, ") } == true)
  }

  @Test func `a history that turns out to be damaged is put aside at the next look`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path + "/benchmarks.db"
    _ = try decline(folder)
    let recorded = Mutex<[EventDraft]>([])
    let access = BenchmarkAccess(folder: folder.path) { drafts in
      recorded.withLock { $0 += drafts }
    }
    _ = try access.store()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.write(contentsOf: Data(repeating: 0xa5, count: 4096))
    try file.close()
    #expect(throws: Failure.self) {
      try access.read { (store) throws(Failure) in
        throw Failure(
          "read", DatabaseError(reason: "malformed", isDamage: true, oldestProgram: nil))
      }
    }
    #expect(try access.summary() == nil)
    #expect(recorded.withLock { $0.map(\.kind) } == [.benchmarkHistoryPutAside])
  }

  @Test func `a run whose process is gone is aborted`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path + "/benchmarks.db"
    let store = try BenchmarkStore.open(path, program: "1", time: Self.time).store
    try store.begin(
      BenchmarkRun(
        id: "run", started: Self.time, boot: nil, trigger: .manual, program: "1", isQuick: false,
        suites: [], context: [:]))
    let access = BenchmarkAccess(folder: folder.path)
    func state() throws -> BenchmarkRun.State? {
      try access.readRuns { (store) throws(Failure) in try store.run("run")?.state }
    }
    let lock = try FileLock(path + ".lock")
    #expect(try state() == .running)
    _ = consume lock
    #expect(try state() == .aborted)
  }
}
