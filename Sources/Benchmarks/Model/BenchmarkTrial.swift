public import Base

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

  /// What was tried, and on which kernel: what a verdict is good for.
  public struct Conditions: Codable, Hashable, Sendable {
    /// Serial number, hardware address or unique id of the device; absent where it has none, or none was readable.
    public var identity: String?
    /// Where it was.
    public var address: PCIAddress
    /// Release of the kernel; absent where it was not readable.
    public var kernel: String?

    /// The conditions of a trial.
    package init(identity: String?, address: PCIAddress, kernel: String?) {
      self.identity = identity
      self.address = address
      self.kernel = kernel
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
  /// What was tried, and on which kernel; absent in what an earlier version stored.
  public var conditions: Conditions?

  /// The id of the plan, without its words.
  package var planID: Substring { plan.prefix { $0 != ":" } }

  /// What was measured, without the device: `random-read-depth-32`.
  package var metric: Substring {
    let name = series.prefix { $0 != "/" }
    return name.firstIndex(of: ".").map { name[name.index(after: $0)...] } ?? name
  }

  /// A trial that is not stored yet.
  package init(
    time: String, device: String, series: String, plan: String, pairs: [Pair], ratio: Double,
    low: Double, high: Double, looks: Int, verdict: Verdict, conditions: Conditions? = nil
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
    self.conditions = conditions
  }
}
