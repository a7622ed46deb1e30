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

  /// Of all four clients of a measurement.
  @Test(.enabled(if: RunnerBench.has("iperf3"), "iperf3 is not installed"))
  func noIperfStays() async throws {
    let port = 42_000 + Int(getpid() % 10_000)
    let servers = try (0..<4).map { index in
      let server = Process()
      server.executableURL = URL(fileURLWithPath: "/usr/bin/iperf3")
      server.arguments = ["--server", "--bind", "127.0.0.1", "--port", "\(port + index)"]
      server.standardOutput = FileHandle.nullDevice
      server.standardError = FileHandle.nullDevice
      try server.run()
      return server
    }
    defer {
      for server in servers {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
      }
    }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let port = 42_000 + Int(getppid() % 10_000)
      let bench = try RunnerBench()
      var job = IperfJob(
        peer: "127.0.0.1", local: "127.0.0.1", streams: 4, isReversed: false, seconds: 60)
      job.port = port
      Thread.detachNewThread {
        _ = eventually { !KilledCallerTests.clients(port).isEmpty }
        kill(getpid(), SIGKILL)
      }
      _ = try NetworkMeasurer.measure(
        job, .init(cpus: nil, memoryNodes: nil), bench.session())
    }
    #expect(eventually { Self.clients(port).isEmpty })
  }

  private static func clients(_ port: Int) -> [Int] {
    RunnerBench.processes(with: "--client\u{0}127.0.0.1\u{0}--port\u{0}\(port)")
  }

  /// As the suite nfs calls fio, whose jobs have sessions of their own.
  @Test(
    .enabled(
      if: RunnerBench.has("fio") && getuid() == 0, "needs fio, and root for a process namespace"))
  func noProcessNamespaceStays() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let mark = "tinybox-killed-\(getppid())"
      let command = [
        "fio", "--name=\(mark)", "--ioengine=null", "--size=1G", "--time_based", "--runtime=60",
        "--rw=read", "--thinktime=1ms", "--numjobs=2",
      ]
      Thread.detachNewThread {
        // unshare, fio and its two jobs.
        _ = eventually { RunnerBench.processes(with: mark).count >= 4 }
        kill(getpid(), SIGKILL)
      }
      _ = try RunnerBench().session().run(NFSMeasurer.namespace + command, deadlineSeconds: 60)
    }
    #expect(eventually { RunnerBench.processes(with: "tinybox-killed-\(getpid())").isEmpty })
  }
}
