package import Base

/// One measurement that a suite wants to make: what, on which devices, for how long, and against what.
package struct PlannedMeasurement: Hashable, Sendable {
  /// What is measured.
  package var series: BenchmarkSeries
  /// Devices it uses: each is leased while it runs, and their facts are its context.
  package var devices: [PCIAddress]
  /// Devices that another program holds and computes with for this measurement, as a hosted runtime does: their
  /// facts are its context too, and no lease is taken.
  package var observedDevices: [PCIAddress] = []
  /// Seconds it takes, at most, in a full run.
  package var seconds: Double
  /// Seconds in a quick run.
  package var quickSeconds: Double
  /// What physics allows.
  package var ceiling: BenchmarkCeiling?
  /// Share of the ceiling below which the figure is low; nil where experience gives none.
  package var mark: Double?
  /// Parameters of the suite for it, such as the CPU node: only the suite reads them.
  package var parameters: [String: String]
  /// Measurements next to each other with the same text here are made in one load, interleaved, so that a
  /// busy moment hits them alike; nil for one by itself. Their seconds are shares of that load's.
  package var together: String?
  /// Why it cannot be made on this machine (`notApplicable`), or must not be (`skipped`); nil when it can.
  package var obstacle: Obstacle?

  /// Why a measurement is not made.
  package enum Obstacle: Hashable, Sendable {
    /// The machine has no such thing.
    case notApplicable(String)
    /// It would do harm, or disturb somebody.
    case skipped(String)
  }

  /// A measurement that can be made.
  package init(
    _ series: BenchmarkSeries, devices: [PCIAddress] = [], seconds: Double, quickSeconds: Double,
    ceiling: BenchmarkCeiling? = nil, mark: Double? = nil, parameters: [String: String] = [:],
    together: String? = nil, obstacle: Obstacle? = nil
  ) {
    self.series = series
    self.devices = devices
    self.seconds = seconds
    self.quickSeconds = quickSeconds
    self.ceiling = ceiling
    self.mark = mark
    self.parameters = parameters
    self.together = together
    self.obstacle = obstacle
  }
}

extension PlannedMeasurement {
  /// Whether it is made in the same load as another.
  package func belongs(with other: PlannedMeasurement) -> Bool {
    together != nil && together == other.together && obstacle == nil && other.obstacle == nil
  }
}

/// What a suite observed for one measurement.
package struct Observation: Hashable, Sendable {
  /// Samples in the unit of the series, in the order of their time.
  package var samples: [Double]
  /// Samples that the suite left out itself, such as slices in which another program ran.
  package var dropped: Int
  /// How it was measured, by name.
  package var details: [String: String]
  /// Names of the details that are facts under which it was measured: where one changes, such as the version
  /// of the program, the figure may change with it.
  package var settings: Set<String>
  /// What qualifies the figure.
  package var flags: [BenchmarkResult.Flag]
  /// Whether the first samples may be warm-up, so that they are tested for it.
  package var mayHaveWarmUp: Bool

  /// Samples of a measurement.
  package init(
    _ samples: [Double], dropped: Int = 0, details: [String: String] = [:],
    settings: Set<String> = [], flags: [BenchmarkResult.Flag] = [], mayHaveWarmUp: Bool = true
  ) {
    self.samples = samples
    self.dropped = dropped
    self.details = details
    self.settings = settings
    self.flags = flags
    self.mayHaveWarmUp = mayHaveWarmUp
  }
}
