/// A comparison of the same load with placement off and on.
public struct BenchmarkTrial: Codable, Hashable, Sendable {
  /// What the trial shows.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Placement makes it better.
    case gain
    /// Neither a gain nor a loss was shown.
    case noGainShown
    /// Placement makes it worse.
    case worse
  }

  /// One pair of measurements, next to each other in time.
  public struct Pair: Codable, Hashable, Sendable {
    /// The figure with placement off, in the unit of the series.
    public var off: Double
    /// The figure with placement on, in the unit of the series.
    public var on: Double

    /// A pair of figures.
    package init(off: Double, on: Double) {
      self.off = off
      self.on = on
    }
  }

  /// Number of the trial in the database; 0 before it is stored.
  public var id: Int
  /// When it ended, UTC, ISO 8601.
  public var time: String
  /// The device, by a name that stays: serial number or slot.
  public var device: String
  /// Key of the series that was measured.
  public var series: String
  /// The plan that was tried, in words.
  public var plan: String
  /// Every pair, in the order of their time.
  public var pairs: [Pair]
  /// Median of on over off; above 1 is better, also where a lower figure is better.
  public var ratio: Double
  /// Lower end of the interval of the ratio.
  public var low: Double
  /// Upper end of the interval of the ratio.
  public var high: Double
  /// How often the figures were looked at before the verdict.
  public var looks: Int
  /// What the trial shows.
  public var verdict: Verdict

  /// A trial that is not stored yet.
  package init(
    time: String, device: String, series: String, plan: String, pairs: [Pair], ratio: Double,
    low: Double, high: Double, looks: Int, verdict: Verdict
  ) {
    id = 0
    self.time = time
    self.device = device
    self.series = series
    self.plan = plan
    self.pairs = pairs
    self.ratio = ratio
    self.low = low
    self.high = high
    self.looks = looks
    self.verdict = verdict
  }
}
