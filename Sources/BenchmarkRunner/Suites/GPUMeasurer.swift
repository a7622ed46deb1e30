package import Base
package import Benchmarks

/// Carries out the plan of the suite `gpu`.
package enum GPUMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = GPUPlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    try CopyMeasurement().measure(planned, session)
  }
}
