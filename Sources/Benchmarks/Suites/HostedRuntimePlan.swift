package import Base
package import RuntimeCatalog

/// A hosted runtime, as a suite measures it.
package struct HostedRuntimeFacts: Hashable, Sendable {
  /// What the registry says of it.
  package var instance: RuntimeInstance
  /// Its GPUs.
  package var gpus: [PCIAddress]

  /// A runtime with its GPUs.
  package init(_ instance: RuntimeInstance, gpus: [PCIAddress]) {
    self.instance = instance
    self.gpus = gpus
  }
}

/// A job, as a suite measures it.
package struct HostedJobFacts: Hashable, Sendable {
  /// What the registry says of it.
  package var job: RuntimeJob
  /// Its GPUs.
  package var gpus: [PCIAddress]

  /// A job with its GPUs.
  package init(_ job: RuntimeJob, gpus: [PCIAddress]) {
    self.job = job
    self.gpus = gpus
  }
}

/// Hosted runtimes: how fast each that is ready produces text; and how fast each job works.
package enum HostedRuntimePlan: SuitePlan {
  package static let info = SuiteInfo(
    "runtime", "Hosted runtimes: time to the first token, tokens a second of prompt and answer.")

  /// What is measured of a runtime, all in one series of requests.
  package enum Metric: String, CaseIterable, Sendable {
    /// Seconds from a request with a short prompt to the first token of its answer.
    case firstTokenShort = "first-token-short"
    /// The same for a long prompt.
    case firstTokenLong = "first-token-long"
    /// Tokens of the long prompt over its time to the first token.
    case prefill
    /// Tokens of an answer after the first, over their time.
    case decode
    /// Steps a second of a job, by what it reports.
    case steps

    fileprivate var unit: BenchmarkSeries.Unit {
      self == .firstTokenShort || self == .firstTokenLong ? .seconds : .operationsPerSecond
    }
  }

  /// Seconds of each metric, in a full and in a quick run: together two minutes, and 20 seconds.
  private static let seconds = (full: 30.0, quick: 5.0)

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    if let problem = box.runtimesProblem {
      return [without(.skipped("the hosted runtimes are not known: \(problem)"))]
    }
    if box.runtimes.isEmpty, box.jobs.isEmpty {
      return [without(.notApplicable("no runtime is hosted: 'tinyboxctl runtime add' adds one"))]
    }
    func isWanted(_ gpus: [PCIAddress]) -> Bool {
      box.options.devices.isEmpty || gpus.contains { box.wants($0) }
    }
    return box.runtimes.filter { isWanted($0.gpus) }.flatMap { runtime in
      Metric.allCases.filter { $0 != .steps }.map { row($0, runtime, box) }
    } + box.jobs.filter { isWanted($0.gpus) }.map(row)
  }

  /// A job works anyway: nothing is asked of it.
  private static func row(_ facts: HostedJobFacts) -> PlannedMeasurement {
    let job = facts.job
    var planned = PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: Metric.steps.rawValue, subjectKey: job.name,
        subject: "job \(job.name)", unit: .operationsPerSecond),
      seconds: seconds.full, quickSeconds: 2 * seconds.quick,
      parameters: ["status": JobStatus.path(job.name)],
      obstacle: job.state == .ready ? nil : .skipped("it does not run (\(job.state.rawValue))"))
    planned.observedDevices = facts.gpus
    return planned
  }

  private static func row(
    _ metric: Metric, _ runtime: HostedRuntimeFacts, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let instance = runtime.instance
    var planned = PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric.rawValue, subjectKey: instance.name,
        subject: instance.name + (instance.model.map { ", \($0)" } ?? ""), unit: metric.unit,
        better: metric.unit == .seconds ? .lower : .higher),
      seconds: seconds.full, quickSeconds: seconds.quick,
      together: "runtime \(instance.name)", obstacle: obstacle(instance))
    planned.observedDevices = runtime.gpus
    planned.parameters = [
      "socket": instance.socket, "model": instance.model ?? instance.name,
      "backend": instance.backend, "slots": "\(instance.slots)",
      "api": instance.apis.contains(.chat) ? "chat" : "completions",
    ]
    planned.parameters["context"] = instance.context.map { "\($0)" }
    return planned
  }

  private static func obstacle(_ instance: RuntimeInstance) -> PlannedMeasurement.Obstacle? {
    guard instance.apis.contains(.chat) || instance.apis.contains(.completions) else {
      return .notApplicable("it produces no text")
    }
    switch instance.state {
    case .ready: return nil
    case .idle: return .skipped("it is idle: the next request of a client starts it")
    case .starting, .stopped, .failed, .missingGPU, .damagedModel, .draining:
      return .skipped(
        "it is \(instance.state.rawValue)" + (instance.reason.map { ": \($0)" } ?? ""))
    }
  }

  private static func without(_ obstacle: PlannedMeasurement.Obstacle) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: Metric.decode.rawValue, subjectKey: "none",
        subject: "hosted runtimes", unit: .operationsPerSecond),
      seconds: 0, quickSeconds: 0, obstacle: obstacle)
  }
}
