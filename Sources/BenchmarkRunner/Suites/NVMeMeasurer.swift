package import Base
package import Benchmarks
internal import KernelTree
internal import Linux

/// Drives, file systems and RAID, with fio.
package enum NVMeMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = NVMePlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let load = try FioParameters(planned.parameters)
    let seconds = session.seconds(planned)
    var observation =
      load.kind == .file
      ? try file(load, seconds, session) : try devices(load, seconds, session)
    if load.totalWriteBytes > 0 {
      observation.details["drive"] = load.drive
      observation.details["bytesWritten"] = "\(load.totalWriteBytes)"
    }
    return observation
  }

  // MARK: block devices

  private static func devices(
    _ load: FioParameters, _ seconds: Double, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    var targets: [FioJob.Target] = []
    for target in load.targets {
      let path = try BlockTarget.path(of: target.name)
      if load.pattern.writes {
        try BlockTarget.checkOverwritable(target.name, path, serial: load.consent, session)
      }
      targets.append(.init(path, cpus: target.cpus, memoryNode: target.memoryNode))
    }
    return try FioProgram(session).measure(FioJob(load, targets, seconds: seconds))
  }

  // MARK: files

  private static func file(
    _ load: FioParameters, _ seconds: Double, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    guard let scratch = session.box.options.scratch, let mountPoint = load.mountPoint,
      let bytes = load.fileBytes
    else {
      throw Failure("use a scratch file", because: "the plan names none", code: .usage)
    }
    let step = "use \(scratch) as scratch"
    do {
      let own = try BlockDevice.fileSystem(of: scratch)
      guard try BlockDevice.fileSystem(of: mountPoint) == own else {
        throw Failure(step, because: "it is not on the file system at \(mountPoint)", code: .usage)
      }
      let space = try FileSystem.space(scratch)
      if try !BlockDevice.isFolder(scratch) {
        guard let size = try BlockDevice.fileSize(scratch), size >= 1 << 20 else {
          throw Failure(step, because: "it is no file of 1 MiB or more", code: .usage)
        }
        var load = load
        load.fileBytes = min(size, bytes)
        return try measure(load, scratch, seconds, session)
      }
      guard space.free / 4 >= UInt64(bytes) else {
        throw Failure(
          step, because: "\(Units.capacity(space.free)) free, \(Units.capacity(bytes * 4)) needed",
          code: .conflict)
      }
      let file = try UnnamedFile(in: scratch)
      try file.resize(to: bytes)
      return try measure(load, file.path, seconds, session)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(step, error)
    }
  }

  private static func measure(
    _ load: FioParameters, _ path: String, _ seconds: Double, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let targets = load.targets.map {
      FioJob.Target(path, cpus: $0.cpus, memoryNode: $0.memoryNode)
    }
    let program = FioProgram(session)
    if load.fillsFile, let bytes = load.fileBytes { try fill(targets, bytes, program) }
    return try program.measure(FioJob(load, targets, seconds: seconds))
  }

  /// Writes a file whole, once.
  private static func fill(
    _ targets: [FioJob.Target], _ bytes: Int, _ program: FioProgram
  ) throws(Failure) {
    // Slower than any drive that is not broken: 20 MB/s.
    let seconds = 10 + Double(bytes) / 20e6
    var job = FioJob(
      .sequentialWrite, blockBytes: 1 << 20, depth: 32, targets: targets, seconds: seconds)
    job.sizeBytes = bytes
    job.writeLimitBytes = bytes
    let written = try program.report(job, deadlineSeconds: seconds + 10).directions
    // fio leaves out what is no whole request.
    guard written.allSatisfy({ $0.bytes >= Double(bytes - 1 << 20) }) else {
      throw Failure(
        "fill the scratch file",
        because: "\(Units.capacity(written.map(\.bytes).min() ?? 0)) of \(Units.capacity(bytes)) "
          + "written in \(Units.decimal(seconds, places: 0)) s")
    }
  }
}
