internal import Base
internal import Benchmarks
internal import Inventory
internal import Linux
internal import LoadKernels

/// Reads a drive with fio, sequentially and at random in turn. It never writes.
enum SoakDrive {
  /// Seconds of one run of fio: a soak that is stopped loses the count of the last one.
  private static let roundSeconds = 30.0
  /// Seconds that fio takes to start and end beside its time.
  private static let margin = 1.0

  /// One load for each drive.
  static func loads(_ inventory: Inventory, folder: String = "/dev") -> [SoakLoad] {
    let drives = inventory.nvme.filter { $0.pathOf == nil }
    return drives.map { drive in
      let name = "drive \(drive.name)"
      let devices = [drive.address].compactMap(\.self)
      if let obstacle = obstacle(drive, folder) {
        return SoakLoad(name, devices: devices, obstacle: obstacle)
      }
      let path = "\(folder)/\(drive.namespaces.first?.name ?? "")"
      return SoakLoad(name, devices: devices) { time throws(Failure) in
        try read(path, inventory, time)
      }
    }
  }

  private static func obstacle(
    _ drive: NVMeController, _ folder: String
  ) -> PlannedMeasurement.Obstacle? {
    if let state = drive.state, state != "live" { return .notApplicable("it is \(state)") }
    guard let namespace = drive.namespaces.first else { return .notApplicable("no namespace") }
    if ProgramPath.find("fio") == nil { return .skipped("fio is not installed") }
    if let denial = CallingUser.denial("\(folder)/\(namespace.name)", writing: false) {
      return .skipped("\(folder)/\(namespace.name): \(denial)")
    }
    return nil
  }

  /// Reads until the time is over.
  static func read(
    _ path: String, _ inventory: Inventory, _ time: SoakTime
  ) throws(Failure) -> SoakWork {
    let folder = try TemporaryFolder()
    let session = MeasuringSession(
      box: BenchmarkBox(inventory, BenchmarkOptions()), folder: folder.path, stop: time.stop)
    let end = Clock.seconds() + time.seconds
    var work = SoakWork()
    work.bytes = 0
    work.operations = 0
    work.details["path"] = path
    var isRandom = false
    while !time.stop.isStopped {
      let left = end - Clock.seconds() - margin
      if left < 0.5 { break }
      let seconds = min(roundSeconds, left)
      let outcome: ChildProcess.Outcome
      do throws(Failure) {
        outcome = try session.run(
          command(path, seconds: seconds, isRandom: isRandom), deadlineSeconds: seconds + 30)
      } catch {
        if time.stop.isStopped { break }
        throw error
      }
      let done = try SoakFioReport(output: outcome.output, lastLine: outcome.lastLine)
      work.bytes = (work.bytes ?? 0) + done.bytes
      work.operations = (work.operations ?? 0) + done.operations
      work.details["program"] = done.version
      isRandom.toggle()
    }
    return work
  }

  /// fio's arguments (https://fio.readthedocs.io). With `allow_file_create=0` it makes no path that is
  /// missing; `--readonly` refuses any write.
  static func command(_ path: String, seconds: Double, isRandom: Bool) -> [String] {
    [
      "fio", "--output-format=json", "--thread", "--readonly", "--allow_file_create=0",
      "--ioengine=io_uring", "--direct=1", "--time_based",
      "--runtime=\(Int((seconds * 1000).rounded()))ms", "--name=soak",
      "--filename=\(path.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "\\:"))",
    ]
      + (isRandom
        ? ["--rw=randread", "--bs=4096", "--iodepth=256", "--norandommap", "--randrepeat=0"]
        : ["--rw=read", "--bs=1048576", "--iodepth=32"])
  }
}

/// What one run of fio reports of its reads.
struct SoakFioReport {
  var version: String?
  var bytes: Double
  var operations: Double

  private struct Document: Decodable {
    struct Job: Decodable {
      struct Reads: Decodable {
        var io_bytes: Double?
        var total_ios: Double?
      }
      var error: Int?
      var read: Reads?
    }
    var version: String?
    var jobs: [Job]

    enum CodingKeys: String, CodingKey {
      case version = "fio version"
      case jobs
    }
  }

  /// Reads what fio wrote. It exits with 0 where it moved nothing, so bytes are the proof.
  init(output: [UInt8], lastLine: String) throws(Failure) {
    let step = "read with fio"
    // Warnings may stand before the report.
    let start = output.firstIndex(of: 0x7b) ?? output.endIndex
    guard let document = try? JSON.decode(Document.self, from: output[start...]),
      let job = document.jobs.first
    else { throw Failure(step, because: lastLine) }
    if let error = job.error, error != 0 {
      throw Failure(step, because: Errno(Int32(clamping: error)).description)
    }
    guard let bytes = job.read?.io_bytes, bytes.isFinite, bytes > 0 else {
      throw Failure(step, because: "0 bytes were read")
    }
    version = document.version
    self.bytes = bytes
    operations = job.read?.total_ios ?? 0
  }
}
