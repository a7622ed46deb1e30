public import Base

/// Trials of the placement of devices, made or planned: `tinyboxctl benchmark placement DEVICE --json` and
/// `tinyboxctl placement apply --prove --json`.
public struct BenchmarkTrialDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-trial/1`.
  public var schema = BenchmarkTrialDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-trial/1"
  /// Every device, in the order in which they were tried.
  public var devices: [Device]

  /// Trials of devices.
  package init(_ devices: [Device]) { self.devices = devices }

  /// How the settings of a device were left.
  public enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing was done: this is what would be.
    case planned
    /// As they were found.
    case putBack
    /// With the placement in force.
    case kept
    /// As they were found, since no trial could be made; `reason` says why.
    case notTried
  }

  /// The trial of a device.
  public struct Device: Codable, Hashable, Sendable {
    /// Its name.
    public var device: String
    /// Its address; absent for settings that belong to no device.
    public var address: PCIAddress?
    /// Identifies the values that were tried: the same id, the same values of the same settings. Absent where
    /// no trial could be made.
    public var plan: String?
    /// The settings that are switched.
    public var settings: [Setting] = []
    /// What of it placement leaves alone, and why.
    public var leftAlone: [String] = []
    /// Settings that the machine refused, and why: no part of the trial.
    public var refused: [String] = []
    /// The loads, with what each showed.
    public var loads: [Load] = []
    /// How the settings were left.
    public var outcome: Outcome
    /// Why they were left so; absent where the verdicts say it.
    public var reason: String?

    /// A device before its trial.
    package init(device: String, address: PCIAddress?, plan: String?, outcome: Outcome) {
      self.device = device
      self.address = address
      self.plan = plan
      self.outcome = outcome
    }
  }

  /// A setting that is switched.
  public struct Setting: Codable, Hashable, Sendable {
    /// What is set: a path, or a unit and its property.
    public var name: String
    /// The handlers of an interrupt; absent for other settings.
    public var detail: String?
    /// The value without placement; absent where it is not known.
    public var off: String?
    /// The value with placement.
    public var on: String

    /// A setting.
    package init(name: String, detail: String?, off: String?, on: String) {
      self.name = name
      self.detail = detail
      self.off = off
      self.on = on
    }
  }

  /// A load of the trial.
  public struct Load: Codable, Hashable, Sendable {
    /// Its name, as `--load` takes it.
    public var name: String
    /// What is measured.
    public var series: BenchmarkSeries
    /// Whether the load itself runs elsewhere without placement.
    public var movesLoad: Bool
    /// Seconds of each of the two measurements of a pair.
    public var seconds: Double
    /// Seconds of measuring when the first look decides.
    public var leastSeconds: Double
    /// Seconds of measuring when the last look decides.
    public var mostSeconds: Double
    /// What it showed; absent before it was measured.
    public var trial: BenchmarkTrial?
    /// Slow tail with placement over that without: the 10th percentiles of the samples of each measurement.
    public var tailRatio: Double?
    /// Whether the tail is why the verdict is worse.
    public var isTailWorse: Bool?

    init(
      name: String, series: BenchmarkSeries, movesLoad: Bool, seconds: Double,
      leastSeconds: Double, mostSeconds: Double
    ) {
      self.name = name
      self.series = series
      self.movesLoad = movesLoad
      self.seconds = seconds
      self.leastSeconds = leastSeconds
      self.mostSeconds = mostSeconds
    }
  }
}

/// The trials that were kept: `tinyboxctl benchmark placement --json` and `/v1/benchmarks/trials`.
public struct BenchmarkTrialsDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-trials/1`.
  public var schema = BenchmarkTrialsDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-trials/1"
  /// The trials, in the order in which they were stored.
  public var trials: [BenchmarkTrial]
  /// Whether there is a history. Without one nothing is known of trials that were made before.
  public var hasHistory: Bool

  /// A list of trials.
  package init(_ trials: [BenchmarkTrial], hasHistory: Bool = true) {
    self.trials = trials
    self.hasHistory = hasHistory
  }
}
