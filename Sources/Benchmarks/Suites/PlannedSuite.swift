/// A suite with what it would measure on a machine.
package struct PlannedSuite: Hashable, Sendable {
  /// What the suite is.
  package var info: SuiteInfo
  /// What it would measure, obstacles included.
  package var measurements: [PlannedMeasurement]
  /// Programs it calls that the machine does not have.
  package var missingPrograms: [String]

  /// A suite on a machine.
  package init(
    _ info: SuiteInfo, _ measurements: [PlannedMeasurement], missingPrograms: [String] = []
  ) {
    self.info = info
    self.measurements = measurements
    self.missingPrograms = missingPrograms
  }

  /// What can be measured: none while a program is missing.
  package var possible: [PlannedMeasurement] {
    missingPrograms.isEmpty ? measurements.filter { $0.obstacle == nil } : []
  }

  /// Seconds it takes at most.
  package func seconds(isQuick: Bool) -> Double {
    possible.reduce(0) { $0 + (isQuick ? $1.quickSeconds : $1.seconds) }
  }
}
