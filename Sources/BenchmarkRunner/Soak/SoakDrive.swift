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
      let namespace = namespace(drive)?.name ?? ""
      return SoakLoad(name, devices: devices) { time throws(Failure) in
        try read(try BlockTarget.path(of: namespace, in: folder), inventory, time)
      }
    }
  }

  /// The first namespace that has a size: one without has no blocks to read.
  private static func namespace(_ drive: NVMeController) -> NVMeController.Namespace? {
    drive.namespaces.first { ($0.sizeBytes ?? 0) > 0 }
  }

  private static func obstacle(
    _ drive: NVMeController, _ folder: String
  ) -> PlannedMeasurement.Obstacle? {
    if let state = drive.state, state != "live" { return .notApplicable("it is \(state)") }
    guard let namespace = namespace(drive) else {
      return .notApplicable("it has no namespace with a size")
    }
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
    // Its path alone is used from here on, and an object may end after its last use.
    defer { withExtendedLifetime(folder) {} }
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
