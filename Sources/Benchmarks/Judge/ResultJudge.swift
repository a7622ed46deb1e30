internal import Base
internal import Statistics

/// Turns what a suite observed into a result: median with interval, ceiling, verdict.
package enum ResultJudge {
  /// Noise that a figure may be above its ceiling by before it counts as invalid: clocks and samples are
  /// only so exact.
  static let ceilingTolerance = 1.02

  /// The result of a measurement.
  /// - Parameter failedChecks: ids of failed checks on the path of the figure.
  package static func result(
    _ planned: PlannedMeasurement, _ observation: Observation, isQuick: Bool,
    failedChecks: [String] = []
  ) -> BenchmarkResult {
    var result = BenchmarkResult(planned.series, .measured)
    result.details = observation.details
    result.context = observation.details.filter { observation.settings.contains($0.key) }
    result.flags = observation.flags + (isQuick ? [.quick] : [])
    result.dropped = observation.dropped
    result.ceiling = planned.ceiling
    // A rate or a time of nothing, or of no number, was not measured.
    let samples = observation.samples.filter { $0.isFinite && $0 > 0 }
    result.dropped += observation.samples.count - samples.count
    keep(samples, observation.mayHaveWarmUp, &result)
    guard let value = Summary.median(result.samples) else {
      result.verdict = .failed
      result.reason = "no usable sample in \(observation.samples.count + observation.dropped)"
      return result
    }
    result.value = value
    result.spread = Summary.spread(result.samples).map { $0 / value }
    if let interval = MedianInterval(of: result.samples) {
      result.low = interval.low
      result.high = interval.high
    } else {
      result.flags.append(.fewSamples)
    }
    judge(planned, failedChecks, &result)
    return result
  }

  private static func keep(
    _ samples: [Double], _ mayHaveWarmUp: Bool, _ result: inout BenchmarkResult
  ) {
    guard mayHaveWarmUp else {
      result.samples = samples
      return
    }
    let warmUp = WarmUp(of: samples)
    result.samples = Array(samples[warmUp.dropped...])
    result.dropped += warmUp.dropped
    if warmUp.settled == false { result.flags.append(.didNotSettle) }
  }

  private static func judge(
    _ planned: PlannedMeasurement, _ failedChecks: [String], _ result: inout BenchmarkResult
  ) {
    guard let share = result.shareOfCeiling else { return }
    result.ceilingShare = share
    if share > ceilingTolerance {
      result.verdict = .invalid
      result.reason =
        "\(Units.decimal(share * 100, places: 0)) % of what physics allows: the measurement or the "
        + "ceiling is wrong"
    } else if let mark = planned.mark, share < mark {
      result.verdict = .low
      result.causes = failedChecks
    }
  }

  /// The result of a measurement that was not made.
  package static func result(
    _ planned: PlannedMeasurement, _ obstacle: PlannedMeasurement.Obstacle
  ) -> BenchmarkResult {
    switch obstacle {
    case .notApplicable(let reason):
      BenchmarkResult(planned.series, .notApplicable, reason: reason)
    case .skipped(let reason): BenchmarkResult(planned.series, .skipped, reason: reason)
    }
  }
}
