package import Base
package import Benchmarks
internal import LoadKernels

/// Compute rate of CPUs, with pinned threads.
package enum ProcessorMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = ProcessorPlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    guard let cpus = NumberSet(list: planned.parameters["cpus"] ?? ""), !cpus.isEmpty else {
      throw Failure("place the load", because: "the plan names no CPUs", code: .usage)
    }
    var load = CPULoad(cpus: cpus, seconds: session.seconds(planned))
    // The usual period of cpu.max: shorter samples would lie in its running part, and show no quota.
    load.sampleSeconds = 0.1
    let result = try load.run(stop: session.stop)
    let wrong = result.wrongBatches.filter { $0.value > 0 }.keys.sorted()
    if !wrong.isEmpty {
      throw Failure(
        "trust the CPUs", because: "wrong results on CPUs \(NumberSet(wrong)): replace or cool them"
      )
    }
    // Sample by sample over all CPUs: a clock that falls with heat shows as samples that fall.
    let count = result.samples.values.map(\.count).min() ?? 0
    let samples = (0..<count).map { index in
      result.samples.values.reduce(0) { $0 + $1[index].operationsPerSecond }
    }
    return Observation(
      MemoryMeasurer.thinned(samples),
      details: ["variant": result.variant, "threads": "\(cpus.count)"])
  }
}
