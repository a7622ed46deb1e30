internal import Base
internal import Benchmarks
internal import Linux

/// Runs fio for a measurement and makes samples of what it reports.
struct FioProgram {
  private let session: MeasuringSession
  /// What goes before fio itself, such as a namespace of its own.
  var prefix: [String] = []
  /// Seconds that fio may take beyond the time it measures: to start, and for the last requests.
  var graceSeconds = 15.0

  init(_ session: MeasuringSession) { self.session = session }

  /// Whether this fio binds memory; asked once for each measurement.
  func bindsMemory() throws(Failure) -> Bool {
    let outcome = try session.run(["fio", "--cmdhelp=numa_mem_policy"], deadlineSeconds: 10)
    return FioJob.bindsMemory(help: outcome.output)
  }

  /// Whether this fio has an engine: plugins are loaded at run time, so its version does not say.
  func hasEngine(_ name: String) throws(Failure) -> Bool {
    let outcome = try session.run(["fio", "--enghelp=\(name)"], deadlineSeconds: 10)
    let text = String(decoding: outcome.output + outcome.errors, as: UTF8.self)
    return outcome.status == 0 && !text.contains("not loadable") && !text.contains("not found")
  }

  /// What fio reported for each target, without samples.
  func report(
    _ job: FioJob, deadlineSeconds: Double
  ) throws(Failure) -> (report: FioReport, directions: [FioReport.Direction], cpuSeconds: Double) {
    // Even with allow_file_create=0 fio makes the folders of a path that is missing.
    if job.nfsURL == nil {
      for target in job.targets {
        do throws(Errno) {
          _ = try BlockDevice.fileSystem(of: target.path)
        } catch {
          throw Failure("use \(target.path)", error)
        }
      }
    }
    // One place for all: fio's own memory lies there too, also where it cannot bind.
    let nodes = Set(job.targets.map(\.memoryNode))
    let memory = nodes.count == 1 ? nodes.first.flatMap { $0.map { NumberSet([$0]) } } : nil
    let cpus = Set(job.targets.map(\.cpus)).count == 1 ? job.targets.first?.cpus : nil
    let outcome = try session.run(
      prefix + job.command, deadlineSeconds: deadlineSeconds, cpus: cpus, memoryNodes: memory,
      name: "fio")
    let report = try FioReport(output: outcome.output, errors: outcome.errors)
    let directions = try report.checked(for: job, errors: outcome.errors)
    return (report, directions, outcome.cpuSeconds)
  }

  /// Measures a load.
  /// - Parameter job: without the place of its samples, and without memory bound yet.
  func measure(_ job: FioJob) throws(Failure) -> Observation {
    var job = job
    job.logPrefix = "\(session.folder)/fio"
    if job.targets.contains(where: { $0.memoryNode != nil }) { job.bindsMemory = try bindsMemory() }
    let (report, directions, cpuSeconds) = try report(
      job, deadlineSeconds: job.rampSeconds + job.seconds + graceSeconds)
    let logs = job.targets.indices.map { index in
      // A run that ended before its first sample has no log.
      let text = job.logPath(index).flatMap { try? StampedFile.read($0, limit: 64 << 20).bytes }
      return FioBandwidthLog(text ?? [], writes: job.pattern.writes)
    }
    let bytesPerSecond = directions.reduce(0) { $0 + $1.bytesPerSecond }
    var samples = FioBandwidthLog.common(logs).filter { $0 > 0 }
    if samples.isEmpty { samples = [bytesPerSecond] }
    let divisor = job.pattern.isRandom ? Double(job.blockBytes) : 1
    var details = FioProgram.details(report, directions)
    details["command"] = (prefix + job.command).joined(separator: " ")
    details["cpuSeconds"] = Units.decimal(cpuSeconds, places: 3)
    return Observation(
      samples.map { $0 / divisor }, details: details, settings: ["program"])
  }

  /// How it was measured, and what a median does not show.
  private static func details(
    _ report: FioReport, _ directions: [FioReport.Direction]
  ) -> [String: String] {
    var details: [String: String] = [:]
    details["program"] = report.version
    details["bytes"] = number(directions.reduce(0) { $0 + $1.bytes })
    details["bytesPerSecond"] = number(directions.reduce(0) { $0 + $1.bytesPerSecond })
    details["operationsPerSecond"] = Units.decimal(
      directions.reduce(0) { $0 + $1.operationsPerSecond }, places: 1)
    let jobs = report.jobs
    let shares = [
      ("cpuShare.user", jobs.map(\.userShare)), ("cpuShare.system", jobs.map(\.systemShare)),
    ]
    for (name, values) in shares {
      let known = values.compactMap { $0 }
      if known.count == values.count {
        details[name] = Units.decimal(known.reduce(0, +), places: 3)
      }
    }
    // The worst of the targets: percentiles of several cannot be added.
    for percentile in [50, 99, 99.9] {
      let worst = directions.compactMap { $0.completionSeconds[percentile] }.max()
      let name = Units.decimal(percentile, places: 1)
      details["completionMicroseconds.\(name)"] = worst.map {
        Units.decimal($0 * 1e6, places: 1)
      }
    }
    return details
  }

  private static func number(_ value: Double) -> String { Units.decimal(value, places: 0) }
}

extension FioJob {
  /// A planned load on targets, within the seconds of a measurement: a tenth of them does not count.
  init(_ load: FioParameters, _ targets: [Target], seconds: Double) {
    let ramp = load.writeBytes == nil ? seconds / 10 : 0
    self.init(
      load.pattern, blockBytes: load.blockBytes, depth: load.depth, targets: targets,
      seconds: max(0.25, seconds - ramp))
    rampSeconds = ramp
    sizeBytes = load.fileBytes
    writeLimitBytes = load.writeBytes
  }
}
