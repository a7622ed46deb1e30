/// One figure of a run: what was measured, how surely, and against what.
public struct BenchmarkResult: Codable, Hashable, Sendable {
  /// What became of the measurement.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Measured; at or above its mark, or without one.
    case measured
    /// Measured, and below the mark that its suite sets against the ceiling.
    case low
    /// Above its ceiling: the measurement, or a fact of the ceiling, is wrong.
    case invalid
    /// It was tried and failed; `reason` says why.
    case failed
    /// This machine has no such thing; `reason` says what is missing.
    case notApplicable
    /// It was left out; `reason` says why, such as a device in use.
    case skipped
  }

  /// What qualifies the figure.
  public enum Flag: String, Codable, Hashable, Sendable, CaseIterable {
    /// The samples still rose or fell at the end.
    case didNotSettle
    /// Fewer samples than the interval of 95 % needs.
    case fewSamples
    /// A quick run: shorter, and no part of the history that is judged.
    case quick
    /// The device is a stand-in, such as a CPU agent in place of a GPU.
    case standIn
  }

  /// What was measured.
  public var series: BenchmarkSeries
  /// What became of it.
  public var verdict: Verdict
  /// Why it failed, was left out, or does not apply.
  public var reason: String?
  /// Median of the samples, in the unit of the series.
  public var value: Double?
  /// Lower end of the 95 % interval of the median (order statistics); absent for fewer than 6 samples.
  public var low: Double?
  /// Upper end of the 95 % interval of the median.
  public var high: Double?
  /// Spread of the samples: 1.4826 x their median absolute deviation, over the median.
  public var spread: Double?
  /// The samples that count, in the order of their time.
  public var samples: [Double]
  /// Samples left out: warm-up, or disturbed by other programs.
  public var dropped: Int
  /// What physics allows.
  public var ceiling: BenchmarkCeiling?
  /// `value` over the ceiling (ceiling over value where lower is better); absent without a ceiling.
  public var ceilingShare: Double?
  /// Ids of failed checks on the path of the figure, where it is below its mark; `checks not readable: ...`
  /// where some are unknown.
  public var causes: [String]
  /// What qualifies the figure.
  public var flags: [Flag]
  /// How it was measured: kernel variant, page size, command line, bytes.
  public var details: [String: String]
  /// Facts under which it was measured: link, power cap and driver of its devices, kernel variant, page size,
  /// version of the program.
  public var context: [String: String]

  /// A result without a figure.
  package init(_ series: BenchmarkSeries, _ verdict: Verdict, reason: String? = nil) {
    self.series = series
    self.verdict = verdict
    self.reason = reason
    samples = []
    dropped = 0
    causes = []
    flags = []
    details = [:]
    context = [:]
  }
}

extension BenchmarkResult {
  /// How many samples count; nil for a figure whose samples are no longer kept: those of the oldest runs go
  /// first.
  package var sampleCount: Int? { samples.isEmpty && value != nil ? nil : samples.count }

  /// What `ceilingShare` has to be; nil without a figure or a ceiling.
  var shareOfCeiling: Double? {
    guard let value, let most = ceiling?.value else { return nil }
    return series.better == .higher ? value / most : most / value
  }
}
