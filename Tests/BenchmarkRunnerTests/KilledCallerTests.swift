import Base
import Benchmarks
import Foundation
import Inventory
import LoadKernels
import TestSupport
import Testing

@testable import BenchmarkRunner

/// What stays when the program that measures is killed: nothing.
@Suite(.serialized) struct KilledCallerTests {
  /// Where both processes find the folder: made of the id of the process that tests.
  private static func folder(_ process: Int32) -> String {
    Project.root.appendingPathComponent(".build/benchmark-killed-\(process)").path
  }

  @Test(.enabled(if: RunnerBench.has("fio"), "fio is not installed"))
  func neitherFioNorAScratchFileStays() async throws {
    let folder = Self.folder(getpid())
    try FileManager.default.createDirectory(
      atPath: folder + "/scratch", withIntermediateDirectories: true)
    defer { removeFolder(folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let folder = KilledCallerTests.folder(getppid())
      var options = BenchmarkOptions()
      options.scratch = folder + "/scratch"
      let session = MeasuringSession(
        box: BenchmarkBox(Inventory(origin: "test"), options), folder: folder, stop: StopFlag())
      var load = FioParameters(
        .file, .randomRead, blockBytes: 4096, depth: 4,
        targets: [.init("", cpus: nil, memoryNode: nil)])
      load.mountPoint = options.scratch
      load.fileBytes = 4 << 20
      let planned = PlannedMeasurement(
        BenchmarkSeries(
          suite: "nvme", metric: "m", subjectKey: "k", subject: "s", unit: .operationsPerSecond),
        seconds: 60, quickSeconds: 60, parameters: load.parameters)
      Thread.detachNewThread {
        _ = eventually {
          !RunnerBench.processes(with: "--write_bw_log=\(folder)/fio").isEmpty
        }
        kill(getpid(), SIGKILL)
      }
      _ = try NVMeMeasurer.measure(planned, session)
    }
    #expect(eventually { RunnerBench.processes(with: "--write_bw_log=\(folder)/fio").isEmpty })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/scratch") == [])
  }
}
