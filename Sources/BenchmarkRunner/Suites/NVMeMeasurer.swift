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
    observation.details.merge(load.writeDetails) { _, written in written }
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
      let fileSystem = try BlockDevice.fileSystem(of: mountPoint)
      let elsewhere = Failure(
        step, because: "it is not on the file system at \(mountPoint)", code: .usage)
      if try !BlockDevice.isFolder(scratch) {
        // Opened once: a user who may write to a folder above could put another file in its place.
        let file = try HeldFile(scratch)
        guard try file.fileSystem() == fileSystem else { throw elsewhere }
        try checkName(try file.realPath(), scratch)
        guard let size = try file.size(), size >= 1 << 20 else {
          throw Failure(step, because: "it is no file of 1 MiB or more", code: .usage)
        }
        var load = load
        load.fileBytes = min(size, bytes)
        return try measure(load, file.path, seconds, session)
      }
      guard try BlockDevice.fileSystem(of: scratch) == fileSystem else { throw elsewhere }
      let space = try FileSystem.space(scratch)
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
    } catch let error as Errno where error == .ELOOP {
      throw Failure(
        step, because: "it is a link", hint: "name the file itself", code: .usage)
    } catch {
      throw Failure(step, error)
    }
  }

  /// Refuses what would overwrite another file than the one that was named, or tinybox's own.
  static func checkName(_ real: String, _ scratch: String) throws(Failure) {
    let named = "/" + scratch.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    guard real == named else {
      throw Failure(
        "use \(scratch) as scratch", because: "a link leads to \(real)",
        hint: "name the file itself", code: .usage)
    }
    guard !real.hasPrefix("/var/lib/tinybox/") else {
      throw Failure(
        "use \(scratch) as scratch", because: "it is a file of tinybox", code: .notPermitted)
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
