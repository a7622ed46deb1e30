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
    /// The slow tail with placement off: the 10th percentile of its samples, the 90th where lower is better.
    /// Absent where there were too few.
    public var tailOff: Double?
    /// The same with placement on.
    public var tailOn: Double?

    /// A pair of figures.
    package init(off: Double, on: Double, tailOff: Double? = nil, tailOn: Double? = nil) {
      self.off = off
      self.on = on
      self.tailOff = tailOff
      self.tailOn = tailOn
    }
  }

  /// Number of the trial in the database; 0 before it is stored.
  public var id: Int
  /// When it ended, UTC, ISO 8601.
  public var time: String
  /// The device, by a name that stays: serial number or slot, as the key of the series has it.
  public var device: String
  /// Key of the series that was measured.
  public var series: String
  /// The plan that was tried: its id, and in words.
  public var plan: String
  /// Every pair, in the order of their time.
  public var pairs: [Pair]
  /// Performance on over off, of all pairs; above 1 is better, also where a lower figure is better.
  public var ratio: Double
  /// Lower end of the interval of the ratio: 99.2 %, the level of one look.
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
