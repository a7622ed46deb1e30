package import Base
package import Benchmarks
internal import Linux
internal import Synchronization

/// The network, with iperf3 and perftest.
package enum NetworkMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = NetworkPlan.self

  /// Seconds that iperf3 may take beyond the time it measures: to connect, and to exchange results.
  private static let graceSeconds = 12.0

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let parameters = planned.parameters
    let place = Place(
      cpus: parameters["cpus"].flatMap { NumberSet(list: $0) },
      memoryNodes: parameters["memoryNode"].flatMap { Int($0) }.map { NumberSet([$0]) })
    if parameters["rdmaDevice"] != nil { return try RDMAMeasurer.measure(planned, place, session) }
    guard let peer = parameters["peer"], let streams = parameters["streams"].flatMap({ Int($0) }),
      (1...64).contains(streams)
    else { throw Failure("measure the network", because: "the plan names no peer", code: .usage) }
    let job = IperfJob(
      peer: peer, local: parameters["local"], streams: streams,
      isReversed: parameters["direction"] == "receive",
      seconds: session.seconds(planned) - Double(IperfJob.omittedSeconds))
    return try measure(job, place, session)
  }

  /// CPUs and memory of the clients.
  struct Place: Sendable {
    var cpus: NumberSet?
    var memoryNodes: NumberSet?
  }

  /// Measures with as many processes as it takes for each stream to have a thread of its own, where the peer
  /// serves them.
  static func measure(
    _ job: IperfJob, _ place: Place, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let version = try session.run(["iperf3", "--version"], deadlineSeconds: 10).output
    if job.streams == 1 || IperfJob.hasThreads(version: version) == true {
      return try observation([job], place, session)
    }
    // iperf3 before 3.16 serves all streams with one thread, and a server one client at a time.
    let jobs = (0..<job.streams).map { index in
      var one = job
      one.streams = 1
      one.port = job.port + index
      return one
    }
    if let several = try? observation(jobs, place, session) { return several }
    var single = try observation([job], place, session)
    single.details["note"] =
      "one thread served all \(job.streams) streams: iperf3 before 3.16 needs a server on each of the "
      + "ports \(job.port) to \(job.port + job.streams - 1)"
    return single
  }

  private static func observation(
    _ jobs: [IperfJob], _ place: Place, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let outcomes = Mutex<[Result<ChildProcess.Outcome, Failure>?]>(
      Array(repeating: nil, count: jobs.count))
    // One client runs on this thread.
    if jobs.count == 1 {
      let outcome = run(jobs[0], place, session)
      outcomes.withLock { $0[0] = outcome }
    } else {
      try ParallelThreads.run(jobs.count) { index in
        let outcome = run(jobs[index], place, session)
        outcomes.withLock { $0[index] = outcome }
      }
    }
    var reports: [IperfReport] = []
    var cpuSeconds = 0.0
    for outcome in outcomes.withLock({ $0 }) {
      guard let outcome = try outcome?.get() else {
        throw Failure("measure with iperf3", because: "a client did not run")
      }
      reports.append(try IperfReport(output: outcome.output, errors: outcome.errors))
      cpuSeconds += outcome.cpuSeconds
    }
    let received = reports.reduce(0) { $0 + $1.receivedBytesPerSecond }
    var details = details(reports)
    details["command"] = jobs.map { $0.command.joined(separator: " ") }.joined(separator: " & ")
    details["processes"] = "\(jobs.count)"
    details["receivedBytesPerSecond"] = Units.decimal(received, places: 0)
    details["cpuSeconds"] = Units.decimal(cpuSeconds, places: 3)
    return Observation(
      IperfReport.received(reports), details: details, settings: ["program", "processes"])
  }

  private static func run(
    _ job: IperfJob, _ place: Place, _ session: MeasuringSession
  ) -> Result<ChildProcess.Outcome, Failure> {
    Result { () throws(Failure) in
      try session.run(
        job.command,
        deadlineSeconds: Double(job.wholeSeconds + IperfJob.omittedSeconds) + graceSeconds,
        cpus: place.cpus, memoryNodes: place.memoryNodes)
    }
  }

  private static func details(_ reports: [IperfReport]) -> [String: String] {
    var details: [String: String] = [:]
    details["program"] = reports.first?.version
    details["congestionControl"] = reports.first?.congestion
    details["bytes"] = Units.decimal(reports.reduce(0) { $0 + $1.receivedBytes }, places: 0)
    let sums = [
      ("retransmits", reports.map(\.retransmits)), ("cpuShare.local", reports.map(\.localShare)),
      ("cpuShare.remote", reports.map(\.remoteShare)),
    ]
    for (name, values) in sums {
      let known = values.compactMap { $0 }
      if known.count == values.count {
        details[name] = Units.decimal(known.reduce(0, +), places: 3)
      }
    }
    return details
  }
}
