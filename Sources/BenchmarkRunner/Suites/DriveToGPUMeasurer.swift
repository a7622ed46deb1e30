package import Base
package import Benchmarks

/// Carries out the plan of the suite `drive-to-gpu`.
package enum DriveToGPUMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = DriveToGPUPlan.self

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let names = planned.parameters["drives"]?.split(separator: " ").map(String.init) ?? []
    guard !names.isEmpty else {
      throw Failure("measure \(planned.series.metric)", because: "the plan has no drives for it")
    }
    var drives: [String] = []
    for name in names { drives.append(try BlockTarget.path(of: name)) }
    return try CopyMeasurement().measure(planned, session, drives: drives)
  }
}
