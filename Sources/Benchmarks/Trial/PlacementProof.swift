public import Base

/// What trials show of the placement of a device (`tinyboxctl benchmark placement DEVICE`).
public struct PlacementProof: Codable, Hashable, Sendable {
  /// What is shown of the placement as it is now.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// A load is better with it, and none is worse.
    case gain
    /// Neither a gain nor a loss was shown.
    case noGainShown
    /// A load is worse with it.
    case worse
    /// The history has no trial of the device.
    case notTried
    /// It was tried with other settings, in another place or with another kernel; `reason` says which.
    case triedBeforeChange
    /// It is not known whether it was tried, or whether what was tried is what is there now; `reason` says why.
    case unknown
  }

  /// The last trial of a load.
  public struct Load: Codable, Hashable, Sendable {
    /// What was measured: `random-read-depth-32`.
    public var metric: String
    /// When the trial ended, UTC, ISO 8601.
    public var time: String
    /// What it showed.
    public var verdict: BenchmarkTrial.Verdict
    /// Performance on over off; above 1 is better.
    public var ratio: Double
    /// Lower end of the interval of the ratio: 99.2 %, the level of one look.
    public var low: Double
    /// Upper end of the interval of the ratio.
    public var high: Double
    /// Number of pairs of measurements.
    public var pairs: Int
    /// Whether device, address, settings and kernel are those of the trial; absent where that is not known.
    public var isCurrent: Bool?
    /// What has changed since, or why that is not known; absent where nothing has.
    public var reason: String?
  }

  /// The device, by its usual name.
  public var device: String
  /// Its address.
  public var address: PCIAddress
  /// What is shown.
  public var state: State
  /// What has changed since it was tried, or why nothing is known; absent for other states.
  public var reason: String?
  /// The last trial of each load, by metric.
  public var loads: [Load]

  /// What is shown of a device.
  package init(
    device: String, address: PCIAddress, state: State, reason: String? = nil, loads: [Load] = []
  ) {
    self.device = device
    self.address = address
    self.state = state
    self.reason = reason
    self.loads = loads
  }
}
