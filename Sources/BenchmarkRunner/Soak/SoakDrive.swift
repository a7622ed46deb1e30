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
      let job = job(path, seconds: seconds, isRandom: isRandom)
      do throws(Failure) {
        let done = try FioProgram(session).report(job, deadlineSeconds: seconds + 30)
        for direction in done.directions {
          work.bytes = (work.bytes ?? 0) + direction.bytes
          work.operations =
            (work.operations ?? 0) + direction.operationsPerSecond * direction.seconds
        }
        work.details["program"] = done.report.version
      } catch {
        if time.stop.isStopped { break }
        throw error
      }
      isRandom.toggle()
    }
    return work
  }

  static func job(_ path: String, seconds: Double, isRandom: Bool) -> FioJob {
    isRandom
      ? FioJob(.randomRead, blockBytes: 4096, depth: 256, targets: [.init(path)], seconds: seconds)
      : FioJob(
        .sequentialRead, blockBytes: 1 << 20, depth: 32, targets: [.init(path)], seconds: seconds)
  }
}
