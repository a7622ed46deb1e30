public import Base
public import Inventory

/// A kind of thing that a soak watched.
public struct SoakWatched: Codable, Hashable, Sendable {
  /// The kind: `temperature sensors`, `PCIe error counters`.
  public var name: String
  /// How many.
  public var count: Int

  /// A kind and how many there are.
  package init(_ name: String, _ count: Int) {
    self.name = name
    self.count = count
  }
}

/// What a soak could not watch.
public struct SoakUnknown: Codable, Hashable, Sendable {
  /// What it is: `temperature of the processors`.
  public var name: String
  /// Why it is not known.
  public var reason: String
  /// Whether it was watched for a part of the time only, which keeps the soak from a pass.
  public var isGap: Bool

  /// What is not known.
  package init(_ name: String, _ reason: String, isGap: Bool = false) {
    self.name = name
    self.reason = reason
    self.isGap = isGap
  }
}

/// A sensor over all looks.
public struct SoakReading: Codable, Hashable, Sendable {
  /// What it measures.
  public enum Quantity: String, Codable, Hashable, Sendable, CaseIterable {
    /// Degrees Celsius.
    case temperature
    /// Watts.
    case power
    /// Hertz.
    case clock
  }
  /// What it belongs to: `processor`, the address of a GPU, the name of a drive.
  public var subject: String
  /// Its name there: `Tctl`, `junction`, `core`.
  public var name: String
  /// What it measures.
  public var quantity: Quantity
  /// The least that it showed: °C, W or Hz.
  public var least: Double
  /// The most that it showed: °C, W or Hz.
  public var most: Double
  /// The last that it showed: °C, W or Hz.
  public var last: Double
  /// Where it becomes critical, in °C; absent when its driver knows no limit.
  public var criticalLimit: Double?
  /// Looks that read it.
  public var looks: Int
  /// Whether it still answered at the last look.
  public var isAnswering: Bool
}

/// An error counter that grew.
public struct SoakCounter: Codable, Hashable, Sendable {
  /// What it counts.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Correctable PCI Express errors (AER).
    case aerCorrectable
    /// Uncorrectable PCI Express errors that are not fatal (AER).
    case aerNonFatal
    /// Fatal PCI Express errors (AER).
    case aerFatal
    /// Memory errors that ECC corrected, of main memory or a GPU.
    case eccCorrected
    /// Memory errors that ECC could not correct.
    case eccUncorrected
    /// Unrecovered data integrity errors of an NVMe drive.
    case mediaErrors
    /// PCI Express packets that a GPU sent or received again.
    case pcieReplays

    /// What growth of it makes of a soak. Corrected errors do no harm yet and show a link or module that is
    /// marginal; the others lost data, or would have.
    package var verdict: SoakReport.Verdict {
      switch self {
      case .aerCorrectable, .eccCorrected, .pcieReplays: .warn
      case .aerNonFatal, .aerFatal, .eccUncorrected, .mediaErrors: .fail
      }
    }
  }
  /// What it belongs to: an address, a memory controller, a drive.
  public var subject: String
  /// What it counts.
  public var kind: Kind
  /// Which of that kind: `BadTLP`, a memory module, a block of a GPU; absent for the sum.
  public var name: String?
  /// How much it grew.
  public var growth: Int

  /// A counter that grew.
  package init(subject: String, kind: Kind, name: String? = nil, growth: Int) {
    self.subject = subject
    self.kind = kind
    self.name = name
    self.growth = growth
  }
}

/// A link that ran at more than one rate.
public struct SoakLink: Codable, Hashable, Sendable {
  /// The port above.
  public var port: PCIAddress
  /// The function below.
  public var device: PCIAddress
  /// The rate at the first look.
  public var first: PCIeRate
  /// The slowest rate of any look.
  public var slowest: PCIeRate
  /// The fastest rate of any look.
  public var fastest: PCIeRate
  /// The rate at the last look.
  public var last: PCIeRate
  /// Fewest lanes of any look.
  public var fewestLanes: Int
  /// Looks that read another rate than the one before.
  public var changes: Int
  /// Whether the soak loaded a device behind it. The speed of an idle link falls by design.
  public var isLoaded: Bool
}

/// A device that was there at first and left.
public struct SoakLoss: Codable, Hashable, Sendable {
  /// Its address or name.
  public var subject: String
  /// Seconds from the beginning until it was missed.
  public var seconds: Double

  /// A device that was missed.
  package init(subject: String, seconds: Double) {
    self.subject = subject
    self.seconds = SoakReport.finite(seconds)
  }
}

/// A GPU's reason for running below its clocks.
public struct SoakThrottling: Codable, Hashable, Sendable {
  /// Address of the GPU.
  public var subject: String
  /// The reason in NVML's words, such as `HwThermalSlowdown`.
  public var reason: String
  /// The share of the looks at which it was given, 0 to 1.
  public var share: Double

  /// A reason and how often it was given.
  package init(subject: String, reason: String, share: Double) {
    self.subject = subject
    self.reason = reason
    self.share = share
  }
}
