import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

@testable import BenchmarkRunner

/// NFS: what fio answers when the server fails, from stand-ins, and that nothing of fio stays.
@Suite(.serialized) struct NFSMeasurerTests {
  /// A program in place of fio, which gets its command line.
  private func program(_ bench: RunnerBench, _ script: String) throws -> FioProgram {
    var program = FioProgram(bench.session())
    program.prefix = [try bench.script("fio-\(UUID().uuidString)", script)]
    program.graceSeconds = 0.5
    return program
  }

  private func job(_ pattern: FioJob.Pattern = .sequentialWrite) -> FioJob {
    var job = FioJob(pattern, blockBytes: 1 << 20, depth: 4, targets: [.init("f")], seconds: 0.25)
    job.nfsURL = "nfs://10.0.0.2/e?version=4"
    return job
  }

  private func report(bytes: Int, error: Int = 0) -> String {
    """
    cat <<'END'
    { "fio version": "fio-3.39", "jobs": [ { "jobname": "job1", "error": \(error),
      "write": { "io_bytes": \(bytes), "bw_bytes": \(bytes) } } ] }
    END
    """
  }

  @Test func theClientIsFiosOwn() {
    let command = job().command
    #expect(command.contains("--ioengine=nfs"))
    #expect(command.contains("--nfs_url=nfs://10.0.0.2/e?version=4"))
    #expect(!command.contains { $0.contains("io_uring") })
  }

  /// As fio 3.39 does it: requests that are on their way at the end are lost.
  @Test func aFileIsFilledAlthoughTheLastRequestsAreLost() throws {
    let load = FioParameters(
      .nfs, .sequentialRead, blockBytes: 1 << 20, depth: 16,
      targets: [.init("", cpus: nil, memoryNode: nil)])
    let server = try #require(NFSServer("10.0.0.2:/e"))
    let fill = NFSMeasurer.filling(load, [.init("f")], 64 << 20, server)
    #expect(fill.command.contains("--io_size=\((64 + 16) << 20)"))
    #expect(fill.command.contains("--size=\((64 + 16) << 20)"))
    #expect(!fill.command.contains("--readonly") && !fill.command.contains("--time_based"))
  }

  @Test func aRefusedMountFails() throws {
    let bench = try RunnerBench()
    // As fio 3.39 does it: it exits with 0 and reports 0 bytes.
    let program = try program(
      bench,
      "echo 'nfs: Failed to mount nfs://x with code -13: mount denied' >&2; " + report(bytes: 0))
    let failure = #expect(throws: Failure.self) { try program.measure(job()) }
    #expect(failure?.reason.hasSuffix("mount denied") == true)
  }

  @Test func aFileThatExistsFails() throws {
    let bench = try RunnerBench()
    let program = try program(bench, report(bytes: 0))
    let failure = #expect(throws: Failure.self) { try program.measure(job()) }
    #expect(failure?.reason == "f: 0 bytes moved")
  }

  @Test func aServerThatIsKilledFails() throws {
    let bench = try RunnerBench()
    let program = try program(
      bench,
      "echo 'nfs: socket is in an unrecoverable error state.' >&2; "
        + report(bytes: 4096, error: 5) + "\nexit 1")
    #expect(throws: Failure.self) { try program.measure(job()) }
  }

  @Test func aSilentServerFailsWithinTheDeadline() throws {
    let bench = try RunnerBench()
    let program = try program(bench, "sleep 1000")
    let start = Date()
    let failure = #expect(throws: Failure.self) { try program.measure(job()) }
    #expect(Date().timeIntervalSince(start) < 20)
    // Not what fio was started with.
    #expect(failure?.step == "run fio")
  }

  @Test func withoutTheEngineItDoesNotApply() throws {
    guard RunnerBench.has("fio") else { return }
    let bench = try RunnerBench()
    guard try !FioProgram(bench.session()).hasEngine("nfs") else { return }
    var load = FioParameters(
      .nfs, .sequentialRead, blockBytes: 1 << 20, depth: 4,
      targets: [.init("", cpus: nil, memoryNode: nil)])
    load.fileBytes = 1 << 20
    let failure = #expect(throws: Failure.self) {
      try NFSMeasurer.measure(
        bench.planned(load, suite: "nfs"), bench.session { $0.nfsServer = "127.0.0.1:/e" })
    }
    #expect(failure?.code == .notFound)
    #expect(failure?.reason == "this fio has no nfs engine")
  }

  @Test(.enabled(if: RunnerBench.has("fio"), "fio is not installed"))
  func anEngineIsProbed() throws {
    let program = FioProgram(try RunnerBench().session())
    #expect(try program.hasEngine("io_uring"))
    #expect(try !program.hasEngine("no-such-engine"))
  }

  /// Those that are processes have sessions of their own, as with the nfs engine of fio.
  @Test(
    .enabled(
      if: RunnerBench.has("fio") && getuid() == 0, "needs fio, and root for a process namespace"))
  func jobProcessesEndWithTheDeadline() throws {
    let bench = try RunnerBench()
    let mark = "tinybox-\(UUID().uuidString)"
    let command = [
      "fio", "--name=\(mark)", "--ioengine=null", "--size=1G", "--time_based", "--runtime=60",
      "--rw=read", "--thinktime=1ms",
    ]
    #expect(throws: Failure.self) {
      try bench.session().run(NFSMeasurer.namespace + command, deadlineSeconds: 1.5)
    }
    #expect(eventually { RunnerBench.processes(with: mark).isEmpty })
  }
}
