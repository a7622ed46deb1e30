internal import Base
internal import Inventory

/// CPUs: one core at a time and all together, well enough to show throttling and a wrong governor.
package enum ProcessorPlan: SuitePlan {
  package static let info = SuiteInfo("cpu", "Compute rate of one core and of all cores.")

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    guard let online = box.inventory.processors.online, let first = online.first else {
      return []
    }
    return [
      measurement("single-core", "one core", "one", NumberSet([first])),
      measurement("all-cores", "all CPUs", "all", online),
    ]
  }

  private static func measurement(
    _ metric: String, _ subject: String, _ key: String, _ cpus: NumberSet
  ) -> PlannedMeasurement {
    PlannedMeasurement(
      BenchmarkSeries(
        suite: info.name, metric: metric, subjectKey: key, subject: subject,
        unit: .operationsPerSecond),
      seconds: 10, quickSeconds: 1, parameters: ["cpus": cpus.description])
  }
}
