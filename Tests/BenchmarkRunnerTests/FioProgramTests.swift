import Base
import Benchmarks
import Foundation
import Inventory
import Linux
import LoadKernels
import TestSupport
import Testing

@testable import BenchmarkRunner

/// Real fio on scratch files.
@Suite(.enabled(if: RunnerBench.has("fio"), "fio is not installed"), .serialized)
struct FioProgramTests {
  private func number(_ observation: Observation, _ name: String) throws -> Double {
    try #require(observation.details[name].flatMap(Double.init), "\(name)")
  }

  @Test func aFileIsWrittenAndReadAndLeavesNothing() throws {
    let bench = try RunnerBench()
    for pattern in FioJob.Pattern.allCases {
      let planned = bench.planned(bench.load(pattern))
      let observation = try NVMeMeasurer.measure(planned, bench.session())
      #expect(observation.samples.allSatisfy { $0 > 0 })
      #expect(try number(observation, "bytes") > 0)
      let command = try #require(observation.details["command"])
      #expect(command.contains("--rw=\(pattern.rawValue)"))
      #expect(command.contains("--allow_file_create=0"))
      #expect(command.contains("--readonly") == !pattern.writes)
      #expect(observation.details["program"]?.hasPrefix("fio-") == true)
      #expect(observation.settings == ["program"])
      // Reading fills the file, so it writes as well.
      #expect(try number(observation, "bytesWritten") >= Double(8 << 20))
      #expect(observation.details["drive"] == "D")
      #expect(bench.left == [])
    }
  }

  @Test func samplesAgreeWithTheReport() throws {
    let bench = try RunnerBench()
    let planned = bench.planned(bench.load(.randomRead), .operationsPerSecond)
    let observation = try NVMeMeasurer.measure(planned, bench.session())
    #expect(observation.samples.count >= 2)
    // The samples are means over 250 ms each, the report one over all of it: fio's own log.
    let mean = observation.samples.reduce(0, +) / Double(observation.samples.count)
    let whole = try number(observation, "operationsPerSecond")
    #expect(mean / whole > 0.5 && mean / whole < 2, "\(mean) \(whole)")
    #expect(try number(observation, "completionMicroseconds.50") > 0)
    #expect(try number(observation, "cpuSeconds") > 0)
  }

  @Test func figuresAreThoseOfFiosOwnFile() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/f"
    try Data(repeating: 7, count: 4 << 20).write(to: URL(fileURLWithPath: path))
    var job = FioJob(
      .sequentialRead, blockBytes: 1 << 20, depth: 4, targets: [.init(path)], seconds: 0.5)
    job.rampSeconds = 0
    let kept = "\(bench.folder)/kept.json"
    var program = FioProgram(bench.session())
    program.prefix = [try bench.script("tee", "\"$@\" | tee \(kept)")]
    let observation = try program.measure(job)
    let parsed = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: kept)))
    let jobs = try #require((parsed as? [String: Any])?["jobs"] as? [[String: Any]])
    let read = try #require(jobs.first?["read"] as? [String: Any])
    #expect(try number(observation, "bytes") == (read["io_bytes"] as? Double))
    #expect(try number(observation, "bytesPerSecond") == (read["bw_bytes"] as? Double))
    // Given with one decimal.
    let iops = try #require(read["iops"] as? Double)
    #expect(abs(try number(observation, "operationsPerSecond") - iops) <= 0.05)
  }

  @Test func severalTargetsAreMeasuredInTheirCommonTime() throws {
    let bench = try RunnerBench()
    let paths = ["a", "b"].map { "\(bench.scratch)/\($0)" }
    for path in paths { try Data(count: 4 << 20).write(to: URL(fileURLWithPath: path)) }
    let job = FioJob(
      .sequentialRead, blockBytes: 1 << 20, depth: 4,
      targets: paths.map { .init($0, cpus: nil, memoryNode: nil) }, seconds: 0.8)
    let observation = try FioProgram(bench.session()).measure(job)
    // 3 windows of 250 ms in 0.8 s; each the sum of both.
    #expect((2...4).contains(observation.samples.count))
    #expect(observation.details["command"]?.contains("--new_group") == true)
  }

  @Test func anExistingFileIsUsedAndStays() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/mine"
    try Data(count: 2 << 20).write(to: URL(fileURLWithPath: path))
    let session = bench.session { $0.scratch = path }
    let observation = try NVMeMeasurer.measure(bench.planned(bench.load(.sequentialRead)), session)
    #expect(observation.details["command"]?.contains("--size=2097152") == true)
    #expect(bench.left == ["mine"])
    try Data(count: 100).write(to: URL(fileURLWithPath: path))
    let failure = #expect(throws: Failure.self) {
      try NVMeMeasurer.measure(bench.planned(bench.load(.sequentialRead)), session)
    }
    #expect(failure?.reason == "it is no file of 1 MiB or more")
  }

  @Test func aLinkIsNotOverwritten() throws {
    let bench = try RunnerBench()
    let files = FileManager.default
    try files.createDirectory(
      atPath: "\(bench.scratch)/folder", withIntermediateDirectories: true)
    let path = "\(bench.scratch)/folder/mine"
    try Data(count: 2 << 20).write(to: URL(fileURLWithPath: path))
    try files.createSymbolicLink(
      atPath: "\(bench.scratch)/link", withDestinationPath: "\(bench.scratch)/folder")
    try files.createSymbolicLink(
      atPath: "\(bench.scratch)/file", withDestinationPath: path)
    func refusal(_ scratch: String) throws -> Failure? {
      let session = bench.session { $0.scratch = scratch }
      return #expect(throws: Failure.self) {
        try NVMeMeasurer.measure(bench.planned(bench.load(.sequentialWrite)), session)
      }
    }
    #expect(try refusal("\(bench.scratch)/file")?.reason == "it is a link")
    #expect(
      try refusal("\(bench.scratch)/link/mine")?.reason.hasPrefix("a link leads to ") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(count: 2 << 20))
  }

  @Test func filesOfTinyboxAreNoScratchFiles() throws {
    let path = "/var/lib/tinybox/benchmarks.db"
    let failure = #expect(throws: Failure.self) { try NVMeMeasurer.checkName(path, path) }
    #expect(failure?.code == .notPermitted)
    try NVMeMeasurer.checkName("/data/file", "//data/./file")
  }

  // MARK: what must fail

  @Test func aMissingPathIsAnErrorAndNothingIsMade() throws {
    let bench = try RunnerBench()
    let session = bench.session { $0.scratch = "\(bench.scratch)/no/folder" }
    for pattern in FioJob.Pattern.allCases {
      #expect(throws: Failure.self) {
        try NVMeMeasurer.measure(bench.planned(bench.load(pattern)), session)
      }
      let job = FioJob(
        pattern, blockBytes: 4096, depth: 1, targets: [.init("\(bench.scratch)/new/f")],
        seconds: 0.25)
      #expect(throws: Failure.self) { try FioProgram(session).measure(job) }
    }
    #expect(bench.left == [])
  }

  @Test func aPlaceOnAnotherFileSystemIsRefused() throws {
    let bench = try RunnerBench()
    let session = bench.session { $0.scratch = "/proc" }
    let failure = #expect(throws: Failure.self) {
      try NVMeMeasurer.measure(bench.planned(bench.load(.sequentialWrite)), session)
    }
    #expect(failure?.reason == "it is not on the file system at \(bench.scratch)")
  }

  @Test func aFolderWithoutWritingIsAnError() throws {
    let bench = try RunnerBench()
    let session = bench.session { $0.scratch = "/sys/kernel" }
    var load = bench.load(.sequentialWrite)
    load.mountPoint = "/sys"
    load.fileBytes = 0
    #expect(throws: Failure.self) { try NVMeMeasurer.measure(bench.planned(load), session) }
  }

  @Test func aDiskWithoutSpaceIsAnError() throws {
    let bench = try RunnerBench()
    let planned = bench.planned(bench.load(.sequentialWrite, bytes: 1 << 55))
    let failure = #expect(throws: Failure.self) {
      try NVMeMeasurer.measure(planned, bench.session())
    }
    #expect(failure?.reason.hasSuffix("128 PiB needed") == true)
    #expect(bench.left == [])
    // It fills up while fio writes.
    let path = "\(bench.scratch)/f"
    try Data(count: 1 << 20).write(to: URL(fileURLWithPath: path))
    var job = FioJob(
      .sequentialWrite, blockBytes: 1 << 20, depth: 4, targets: [.init(path)], seconds: 5)
    job.sizeBytes = 16 << 20
    job.writeLimitBytes = 16 << 20
    var program = FioProgram(bench.session())
    program.prefix = ["prlimit", "--fsize=2097152"]
    #expect(throws: Failure.self) { try program.measure(job) }
  }

  @Test func aStopEndsFioAtOnce() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/stopped"
    try Data(count: 1 << 20).write(to: URL(fileURLWithPath: path))
    let job = FioJob(
      .sequentialRead, blockBytes: 4096, depth: 1, targets: [.init(path)], seconds: 60)
    let session = bench.session()
    let stop = bench.stop
    Thread.detachNewThread {
      _ = eventually { !RunnerBench.processes(with: path).isEmpty }
      stop.stop()
    }
    let failure = #expect(throws: Failure.self) { try FioProgram(session).measure(job) }
    #expect(failure?.reason == "the run was stopped")
    #expect(eventually { RunnerBench.processes(with: path).isEmpty })
  }

  @Test func aBlockDeviceIsTheOneThatWasMeant() throws {
    let bench = try RunnerBench()
    var load = FioParameters(
      .device, .sequentialRead, blockBytes: 4096, depth: 1,
      targets: [.init("nvme99n1", cpus: nil, memoryNode: nil)])
    let missing = #expect(throws: Failure.self) {
      try NVMeMeasurer.measure(bench.planned(load), bench.session())
    }
    #expect(missing?.reason == "the kernel has no block device nvme99n1")
    load.targets[0].name = "../null"
    #expect(throws: Failure.self) {
      try NVMeMeasurer.measure(bench.planned(load), bench.session())
    }
  }

  /// Following fio, without the start of a process, which costs once and more in the large process of
  /// tests than in the program that measures.
  // A figure of time: beside a thousand other tests it is not that of a run.
  @Test(.enabled(if: Project.isNightly, "make nightly measures our own time beside fio's"))
  func ownTimeIsSmall() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/f"
    try Data(count: 4 << 20).write(to: URL(fileURLWithPath: path))
    let job = FioJob(
      .randomRead, blockBytes: 4096, depth: 32, targets: [.init(path)], seconds: 2)
    let session = bench.session()
    func own(_ command: [String]) throws -> (own: Double, program: Double) {
      let before = threadSeconds()
      let outcome = try session.run(command, deadlineSeconds: 20)
      return (threadSeconds() - before, outcome.cpuSeconds)
    }
    #if DEBUG
      // Unoptimised, a look at the pipes takes some ten times as long.
      let bound = 0.02
    #else
      let bound = 0.005
    #endif
    let start = try (0..<3).map { _ in try own(["true"]).own }.min() ?? 0
    let measured = try own(job.command)
    #expect(
      measured.own - start < bound * measured.program,
      "\(measured.own) s, \(start) s of them to start it, of \(measured.program) s")
  }

  private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
