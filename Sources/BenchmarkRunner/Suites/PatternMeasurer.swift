package import Base
package import Benchmarks

/// Carries out the plan of the suite `patterns`.
package enum PatternMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = PatternPlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    try CopyMeasurement().measure(planned, session)
  }
}
