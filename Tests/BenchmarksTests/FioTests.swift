import Base
import Benchmarks
import TestSupport
import Testing

/// fio as a value: its arguments, its report, its samples.
@Suite(.seeded) struct FioTests {
  /// A report of fio 3.33, shortened.
  static let report = """
    {
      "fio version" : "fio-3.33",
      "jobs" : [
        {
          "jobname" : "job1",
          "error" : 0,
          "read" : {
            "io_bytes" : 72772222976,
            "bw_bytes" : 72699523452,
            "iops" : 69331.668332,
            "runtime" : 1001,
            "short_ios" : 0,
            "clat_ns" : { "percentile" : { "50.000000" : 358400, "99.000000" : 831488 } }
          },
          "write" : { "io_bytes" : 0, "bw_bytes" : 0, "iops" : 0.0, "runtime" : 0 },
          "usr_cpu" : 4.7,
          "sys_cpu" : 79.4
        }
      ],
      "disk_util" : []
    }
    """

  private func job(_ pattern: FioJob.Pattern, _ targets: [FioJob.Target]) -> FioJob {
    FioJob(pattern, blockBytes: 1 << 20, depth: 32, targets: targets, seconds: 8)
  }

  private func read(_ text: String) throws -> FioReport {
    try FioReport(output: Array(text.utf8))
  }

  // MARK: arguments

  @Test func aReadOfADeviceIsWhatAUserWouldWrite() {
    var job = job(
      .sequentialRead, [.init("/dev/nvme0n1", cpus: NumberSet(range: 0...3), memoryNode: 0)])
    job.rampSeconds = 1.5
    job.logPrefix = "/tmp/x/fio"
    job.bindsMemory = true
    #expect(
      job.command.joined(separator: " ")
        == "fio --output-format=json --thread --group_reporting --ioengine=io_uring --direct=1 "
        + "--allow_file_create=0 --readonly --rw=read --bs=1048576 --iodepth=32 --time_based "
        + "--runtime=8000ms --ramp_time=1500ms --write_bw_log=/tmp/x/fio --log_avg_msec=250 "
        + "--name=job1 --filename=/dev/nvme0n1 --cpus_allowed=0-3 --numa_mem_policy=bind:0")
    #expect(job.logPath(0) == "/tmp/x/fio_bw.1.log")
  }

  @Test func aWriteEndsWithItsBytesAndIsNotReadOnly() {
    var job = job(.randomWrite, [.init("/data/a:b")])
    job.writeLimitBytes = 4096
    job.sizeBytes = 1024
    let command = job.command
    #expect(command.contains("--io_size=4096"))
    #expect(command.contains("--size=1024"))
    #expect(command.contains("--norandommap"))
    #expect(command.contains("--filename=/data/a\\:b"))
    #expect(!command.contains("--readonly"))
    #expect(!command.contains("--time_based"))
    #expect(!command.contains { $0.hasPrefix("--write_bw_log") })
  }

  @Test func severalTargetsAreGroupsOfTheirOwn() {
    let job = job(.sequentialRead, [.init("/dev/a", memoryNode: 1), .init("/dev/b")])
    #expect(job.command.count { $0 == "--new_group" } == 2)
    #expect(job.command.count { $0.hasPrefix("--name=") } == 2)
    // This fio cannot bind.
    #expect(!job.command.contains { $0.hasPrefix("--numa_mem_policy") })
  }

  @Test func memoryIsBoundWhereFioSaysItCan() {
    let with = "     numa_mem_policy: NUMA memory policy setup\n                type: string"
    let without = "numa_mem_policy: Build fio with libnuma-dev(el) to enable this option"
    #expect(FioJob.bindsMemory(help: Array(with.utf8)))
    #expect(!FioJob.bindsMemory(help: Array(without.utf8)))
    #expect(!FioJob.bindsMemory(help: []))
  }

  // MARK: the report

  @Test func figuresAreThoseOfTheJSON() throws {
    let report = try read(FioTests.report)
    #expect(report.version == "fio-3.33")
    let direction = try #require(
      try report.checked(for: job(.sequentialRead, [.init("/dev/a")])).first)
    #expect(direction.bytes == 72_772_222_976)
    #expect(direction.bytesPerSecond == 72_699_523_452)
    #expect(direction.operationsPerSecond == 69331.668332)
    #expect(direction.seconds == 1.001)
    #expect(direction.completionSeconds == [50: 0.0003584, 99: 0.000831488])
    #expect(report.jobs[0].userShare == 0.047)
    #expect(report.jobs[0].systemShare == 0.794)
  }

  @Test func bytesDecideAndNotTheExitStatus() throws {
    // It read and was asked to write.
    let report = try read(FioTests.report)
    let failure = #expect(throws: Failure.self) {
      try report.checked(for: job(.sequentialWrite, [.init("/dev/a")]))
    }
    #expect(failure?.reason == "/dev/a: 0 bytes moved")
    #expect(throws: Failure.self) {
      try report.checked(for: job(.sequentialRead, [.init("/dev/a"), .init("/dev/b")]))
    }
  }

  @Test func anErrorIsNamedByFioElseByItsNumber() throws {
    let text = FioTests.report.replacing("\"error\" : 0", with: "\"error\" : 28")
    let report = try read(text)
    let job = job(.sequentialRead, [.init("/data/f")])
    let plain = #expect(throws: Failure.self) { try report.checked(for: job) }
    #expect(plain?.reason == "/data/f: No space left on device")
    let line = "fio: pid=1, err=28/file:io_u.c:1846, func=io_u error, error=No space left"
    let named = #expect(throws: Failure.self) {
      try report.checked(for: job, errors: Array("fio: x\n\(line)\n".utf8))
    }
    #expect(named?.reason == "/data/f: \(line)")
  }

  @Test func theLastOfSeveralDocumentsCountsAndTextIsPassedOver() throws {
    let early = FioTests.report.replacing("72772222976", with: "1")
    let text = "fio: terminating on signal 2\n\(early)\n\(FioTests.report)\nbye {\n"
    #expect(try read(text).jobs.first?.read.bytes == 72_772_222_976)
    // The last one is cut off, as after SIGKILL.
    let cut = "\(early)\n\(FioTests.report.prefix(400))"
    #expect(try read(cut).jobs.first?.read.bytes == 1)
  }

  @Test func withoutAReportTheReasonIsWhatFioWrote() {
    let output = Array("{ }\n".utf8)
    let errors = Array("a: you need to specify size=\nfio: x, error=Invalid argument\n".utf8)
    let failure = #expect(throws: Failure.self) { try FioReport(output: output, errors: errors) }
    #expect(failure?.reason == "fio: x, error=Invalid argument")
    #expect(throws: Failure.self) { try FioReport(output: [], errors: []) }
  }

  @Test(arguments: ["-5", "1e999", "1e300", "\"x\"", "null", "[]", "9999999999999999999999"])
  func aNumberOutOfRangeIsNone(_ number: String) throws {
    let text = FioTests.report.replacing("72772222976", with: number)
    let report = try? read(text)
    #expect((report?.jobs.first?.read.bytes ?? 0) == 0)
    // An error that is no number is one.
    let error = FioTests.report.replacing("\"error\" : 0", with: "\"error\" : \(number)")
    if let report = try? read(error), number != "null" {
      #expect(report.jobs[0].error != 0)
    }
  }

  @Test func noInputCrashes() {
    let deep = String(repeating: "{\"a\":", count: 100_000)
    #expect(throws: Failure.self) { try read(deep) }
    #expect(throws: Failure.self) { try read(String(repeating: "{\n", count: 20_000)) }
    let whole = Array(FioTests.report.utf8)
    var random = SeededGenerator()
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<random.pick(1...20) {
        bytes[random.pick(bytes.indices)] = random.bytes(1)[0]
      }
      let cut = random.pick(0...bytes.count)
      if let report = try? FioReport(output: Array(bytes[..<cut])) {
        for job in report.jobs { #expect(job.read.bytes.isFinite && job.read.bytes >= 0) }
      }
      _ = FioBandwidthLog(random.bytes(100), writes: false)
    }
  }

  // MARK: samples

  private func log(_ text: String, writes: Bool = false) -> FioBandwidthLog {
    FioBandwidthLog(Array(text.utf8), writes: writes)
  }

  @Test func samplesAreInBytesASecond() {
    let text =
      "250, 100, 0, 0, 0\n500, 200, 0, 0, 0\nrubbish\n500, 300, 0, 0, 0\n750, 50, 1, 0, 0\n"
    #expect(FioBandwidthLog.common([log(text)]) == [102_400, 204_800])
    #expect(FioBandwidthLog.common([log(text, writes: true)]) == [51_200])
    #expect(FioBandwidthLog.common([log("-1, 5, 0\n99999999999999999999, 1, 0\n")]) == [])
  }

  @Test func theRateOfSeveralIsBytesInTheCommonWindow() {
    // One ends after 500 ms, the other runs faster once it is alone: that time does not count.
    let first = log("250, 100, 0\n500, 100, 0\n")
    let second = log("250, 100, 0\n500, 100, 0\n750, 900, 0\n1000, 900, 0\n")
    #expect(FioBandwidthLog.common([first, second]) == [204_800, 204_800])
    // Samples that are not at the same times: 500 ms of 100 and then 300 KiB/s, cut at 250 ms.
    let odd = log("300, 100, 0\n500, 300, 0\n")
    let sums = FioBandwidthLog.common([odd, first])
    #expect(sums.count == 2)
    #expect(abs(sums[0] - 204_800) < 1)
    #expect(abs(sums[1] - (102_400 + 102_400 * 0.2 + 307_200 * 0.8)) < 1)
    // The last sample came 6 ms early.
    #expect(FioBandwidthLog.common([first, log("250, 100, 0\n494, 100, 0\n")]).count == 2)
    #expect(FioBandwidthLog.common([first, log("")]) == [])
  }
}
