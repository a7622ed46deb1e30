package import Base

/// What a suite is, for the list of suites.
package struct SuiteInfo: Hashable, Sendable {
  /// Its name, as `tinyboxctl benchmark run` takes it: `memory`.
  package var name: String
  /// What it measures, in one line.
  package var abstract: String
  /// Programs it calls; without one of them it does not apply.
  package var programs: [String]

  /// A suite.
  package init(_ name: String, _ abstract: String, programs: [String] = []) {
    self.name = name
    self.abstract = abstract
    self.programs = programs
  }
}

/// Plans one suite from the facts of a machine. Pure: a recording can be planned too.
package protocol SuitePlan: Sendable {
  /// What it is.
  static var info: SuiteInfo { get }
  /// Every measurement it would make, in order. What cannot or must not be measured is in the plan too,
  /// with its obstacle.
  static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement]
}

/// Every suite, in the order in which they run.
package enum SuitePlans {
  /// One line for each.
  package static let all: [any SuitePlan.Type] = [
    MemoryPlan.self,
    ProcessorPlan.self,
    GPUPlan.self,
    PatternPlan.self,
    DriveToGPUPlan.self,
    ComputePlan.self,
    NVMePlan.self,
    NetworkPlan.self,
    NFSPlan.self,
    HostedRuntimePlan.self,
  ]

  /// Refuses a name that no suite has.
  /// - Parameter known: names of suites; all that there are.
  package static func check(
    _ names: [String], known: [String] = all.map { $0.info.name }
  ) throws(Failure) {
    for name in names where !known.contains(name) {
      let nearest = NearestWord.find(name, in: known)
      throw Failure(
        "run suite '\(name)'", because: "there is no such suite",
        hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
          + "'tinyboxctl benchmark list' lists all", code: .usage)
    }
  }
}
