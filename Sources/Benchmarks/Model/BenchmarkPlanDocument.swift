public import Base

/// What the suites would measure on a machine: `tinyboxctl benchmark list --json`.
public struct BenchmarkPlanDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-plan/1`.
  public var schema = BenchmarkPlanDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-plan/1"
  /// The suites, in the order in which they run.
  public var suites: [Suite]

  /// One suite.
  public struct Suite: Codable, Hashable, Sendable {
    /// Its name, as `benchmark run` takes it.
    public var name: String
    /// What it measures.
    public var abstract: String
    /// Programs it calls that the machine does not have; it cannot run without them.
    public var missingPrograms: [String]
    /// Every measurement, those that cannot be made included.
    public var measurements: [Measurement]
  }

  /// One measurement.
  public struct Measurement: Codable, Hashable, Sendable {
    /// What is measured.
    public var series: BenchmarkSeries
    /// Seconds it takes at most in a full run.
    public var seconds: Double
    /// Seconds it takes at most in a quick run.
    public var quickSeconds: Double
    /// What physics allows.
    public var ceiling: BenchmarkCeiling?
    /// Why it is not made; absent where it is.
    public var obstacle: String?
  }

  /// The document of planned suites.
  package init(_ suites: [PlannedSuite]) {
    self.suites = suites.map { suite in
      Suite(
        name: suite.info.name, abstract: suite.info.abstract,
        missingPrograms: suite.missingPrograms,
        measurements: suite.measurements.map { planned in
          let obstacle: String? =
            switch planned.obstacle {
            case .notApplicable(let reason), .skipped(let reason): reason
            case nil: nil
            }
          return Measurement(
            series: planned.series, seconds: planned.seconds, quickSeconds: planned.quickSeconds,
            ceiling: planned.ceiling, obstacle: obstacle)
        })
    }
  }
}
