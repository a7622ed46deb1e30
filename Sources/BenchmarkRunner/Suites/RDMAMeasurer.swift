internal import Base
internal import Benchmarks
internal import Linux

/// RDMA writes with perftest, for the suite `network`.
enum RDMAMeasurer {
  /// Seconds that it may take beyond the time it measures: to connect, and to exchange results.
  private static let graceSeconds = 12.0

  static func measure(
    _ planned: PlannedMeasurement, _ place: NetworkMeasurer.Place, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    guard let peer = planned.parameters["peer"], let device = planned.parameters["rdmaDevice"]
    else {
      throw Failure("measure RDMA", because: "the plan names no device", code: .usage)
    }
    let job = PerftestJob(peer: peer, device: device, seconds: session.seconds(planned))
    return try measure(job, command: job.command, place, session)
  }

  /// - Parameter command: the program with the arguments of the job.
  static func measure(
    _ job: PerftestJob, command: [String], _ place: NetworkMeasurer.Place,
    _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    var outcome = try run(command, job, place, session)
    // A server serves one client and is started again by its loop.
    for _ in 0..<3 where isUnanswered(outcome) {
      _ = try session.run(["sleep", "1"], deadlineSeconds: 10)
      outcome = try run(command, job, place, session)
    }
    if isUnanswered(outcome) {
      throw Failure(
        "measure RDMA",
        because: "no ib_write_bw answers on \(job.peer): "
          + "run `while ib_write_bw -F; do :; done` there",
        code: .notFound)
    }
    let report = try PerftestReport(output: outcome.output, errors: outcome.errors)
    var details = ["command": command.joined(separator: " ")]
    details["messageBytes"] = Units.decimal(report.messageBytes, places: 0)
    details["bytes"] = Units.decimal(report.messageBytes * report.messages, places: 0)
    details["cpuSeconds"] = Units.decimal(outcome.cpuSeconds, places: 3)
    return Observation([report.bytesPerSecond], details: details)
  }

  private static func isUnanswered(_ outcome: ChildProcess.Outcome) -> Bool {
    PerftestReport.isUnanswered(output: outcome.output, errors: outcome.errors)
  }

  private static func run(
    _ command: [String], _ job: PerftestJob, _ place: NetworkMeasurer.Place,
    _ session: MeasuringSession
  ) throws(Failure) -> ChildProcess.Outcome {
    do throws(Failure) {
      return try session.run(
        command, deadlineSeconds: Double(job.wholeSeconds) + graceSeconds, cpus: place.cpus,
        memoryNodes: place.memoryNodes)
    } catch {
      throw error.errno == .ENOENT
        ? Failure(
          "measure RDMA", because: "ib_write_bw is not installed",
          hint: "it is in the package perftest", code: .notFound) : error
    }
  }
}
