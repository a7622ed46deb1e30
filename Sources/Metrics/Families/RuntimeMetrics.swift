internal import Inventory
internal import RuntimeCatalog

/// What runtimes of models do. What goes through them is counted by the gateway (`ModelMetric`).
enum RuntimeMetrics {
  private static let runtime = MetricFamily.Label("runtime", "name of a runtime of models")

  static let families: [MetricFamily] = [
    MetricFamily(
      "runtime_state", help: "The state of a runtime: 1 for the one it has, 0 for the others.",
      labels: [
        runtime,
        .init(
          "state",
          RuntimeInstance.State.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")),
      ], bound: "8 a runtime"
    ) { input in
      runtimes(input).flatMap { runtime in
        RuntimeInstance.State.allCases.compactMap { state in
          runtime.state.flatMap { Sample($0 == state, runtime.name, state.rawValue) }
        }
      }
    },
    MetricFamily(
      "runtime_restarts", .counter,
      help: "How often a runtime was started again by itself, after a failure or since it hung.",
      labels: [runtime], bound: "one a runtime"
    ) { input in
      runtimes(input).compactMap { Sample($0.restarts, $0.name) }
    },
    MetricFamily(
      "job_step", help: "The step that a job reported last.", labels: [runtime],
      bound: "one a job"
    ) { input in
      runtimes(input).compactMap { Sample($0.step, $0.name) }
    },
    MetricFamily(
      "job_steps_per_second", help: "Steps a second of a job, of about the last minute.",
      labels: [runtime], bound: "one a job"
    ) { input in
      runtimes(input).compactMap { Sample($0.stepsPerSecond, $0.name) }
    },
    MetricFamily(
      "runtime_leases", help: "GPUs that are leased to a runtime.", labels: [runtime],
      bound: "one a runtime"
    ) { input in
      guard let leases = input.inventory.runtimes?.leases else { return [] }
      return runtimes(input).compactMap { runtime in
        Sample(leases.count { $0.holder == "runtime \(runtime.name)" }, runtime.name)
      }
    },
  ]

  private static func runtimes(_ input: MetricsInput) -> [HostedRuntime] {
    input.inventory.runtimes?.runtimes ?? []
  }
}
