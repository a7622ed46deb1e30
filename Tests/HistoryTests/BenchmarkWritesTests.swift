import Base
import Benchmarks
import Testing

@testable import History

/// What the budget of writes counts.
@Suite struct BenchmarkWritesTests {
  private static let now = "2026-11-24T10:00:00.000Z"

  private func run(
    _ id: String, _ started: String, _ metric: String, _ bytes: Int, drive: String = "0123",
    trigger: BenchmarkRun.Trigger = .manual, verdict: BenchmarkResult.Verdict = .measured
  ) -> BenchmarkRun {
    var run = BenchmarkRun(
      id: id, started: started, boot: nil, trigger: trigger, program: "0.1.0", isQuick: false,
      suites: ["nvme"], context: [:])
    run.state = .done
    var result = BenchmarkResult(
      BenchmarkSeries(
        suite: "nvme", metric: metric, subjectKey: drive, subject: "a drive", unit: .bytesPerSecond),
      verdict, reason: verdict == .failed ? "no" : nil)
    result.value = verdict == .failed ? nil : 1e9
    result.details = ["drive": drive, "bytesWritten": "\(bytes)", "fio": "3.39"]
    result.samples = [1e9, 1.1e9]
    run.results = [result]
    return run
  }

  @Test func `the writes of a week are those of this machine, whatever became of the run`() throws {
    let store = try Folder().open()
    let runs = [
      run("a", "2026-11-24T09:00:00.000Z", "sequential-write", 1),
      // Just within the week, and just not.
      run("b", "2026-11-17T10:00:00.000Z", "file-sequential-read", 20),
      run("c", "2026-11-17T09:59:59.999Z", "sequential-write", 300),
      run("d", "2026-11-20T10:00:00.000Z", "random-write-depth-32", 4000, verdict: .failed),
      run("e", "2026-11-20T11:00:00.000Z", "sequential-write", 50_000, trigger: .imported),
      run("f", "2026-11-20T12:00:00.000Z", "sequential-write", 600_000, drive: "S2"),
    ]
    for run in runs { #expect(try store.insert(run)) }
    try store.discard("a")
    #expect(try store.writtenBytes(now: Self.now) == ["0123": 4021, "S2": 600_000])
    // By a result that was stored as it was measured.
    var going = run("g", "2026-11-16T10:00:00.000Z", "sequential-write", 7_000_000)
    let result = going.results[0]
    going.results = []
    going.state = .running
    try store.begin(going)
    try store.append(result, to: "g", time: "2026-11-18T10:00:00.000Z")
    #expect(try store.writtenBytes(now: Self.now) == ["0123": 7_004_021, "S2": 600_000])
  }

  @Test func `what was shortened is not known`() throws {
    let store = try Folder().open()
    #expect(try store.writtenBytes(now: Self.now) == [:])
    #expect(try store.insert(run("a", "2026-11-24T09:00:00.000Z", "sequential-write", 1)))
    try store.write("shorten") { (database) throws(Failure) in
      try database.run("DELETE FROM bulk", "shorten")
      try database.run("UPDATE run SET thinned = 1", "shorten")
    }
    #expect(try store.writtenBytes(now: Self.now) == nil)
  }
}
