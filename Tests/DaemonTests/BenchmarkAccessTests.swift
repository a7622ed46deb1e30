import Base
import Benchmarks
import Foundation
import HTTPService
import Health
import History
import KernelTree
import Metrics
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
}
