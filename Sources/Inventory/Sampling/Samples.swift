public import Base

/// What was seen by looking at the machine many times, best while a load ran.
public struct Samples: Hashable, Sendable {
  /// Seconds between the first and the last look.
  public var seconds: Double
  /// How many looks.
  public var count: Int
  /// Links, by port and device.
  public var links: [LinkSamples] = []
  /// Error counters that grew, by function. Functions whose counters stood still are listed with
  /// zeros; those that could not be read twice are not listed.
  public var errors: [ErrorGrowth] = []
  /// Functions that were there at the first look and left, with the second they were missed at.
  public var lost: [PCIAddress: Double] = [:]
  /// Interrupts handled in the meantime, by number and CPU; only those not 0.
  public var interrupts: [Int: [Int: Int]] = [:]
  /// GPUs.
  public var gpus: [GPUSamples] = []

  /// Nothing seen yet.
  package init(seconds: Double, count: Int) {
    self.seconds = seconds
    self.count = count
  }
}

/// One link over all looks.
public struct LinkSamples: Hashable, Sendable {
  /// The port above.
  public var port: PCIAddress
  /// The function below.
  public var device: PCIAddress
  /// How often each rate was seen (`16 GT/s x16`).
  public var seen: [String: Int] = [:]
  /// Slowest rate seen.
  public var slowest: PCIeRate?
  /// Fastest rate seen.
  public var fastest: PCIeRate?
  /// Looks that read a rate.
  public var readings = 0
  /// How often a look read another rate than the one before.
  public var transitions = 0
  /// Looks at which the device's traffic was known, and it was busy.
  public var busyReadings = 0
  /// Slowest and fastest rate among the looks at which the device was busy.
  public var slowestBusy: PCIeRate?
  /// Fastest rate among those.
  public var fastestBusy: PCIeRate?
  /// Whether the port's LBMS or LABS bit was clear at first and set later.
  public var bandwidthBitsSet: Bool?

  /// A link without looks.
  package init(port: PCIAddress, device: PCIAddress) {
    self.port = port
    self.device = device
  }
}

/// How error counters of a function grew.
public struct ErrorGrowth: Hashable, Sendable {
  /// The function.
  public var address: PCIAddress
  /// Correctable messages more than at the first look.
  public var correctable: Int
  /// Non-fatal messages more.
  public var nonFatal: Int
  /// Fatal messages more.
  public var fatal: Int

  /// The growth of one function's counters.
  package init(address: PCIAddress, correctable: Int, nonFatal: Int, fatal: Int) {
    self.address = address
    self.correctable = correctable
    self.nonFatal = nonFatal
    self.fatal = fatal
  }
}

/// A GPU over all looks.
public struct GPUSamples: Hashable, Sendable {
  /// The GPU.
  public var address: PCIAddress
  /// Highest share of busy time seen, 0 to 1.
  public var highestBusyShare: Double?
  /// Highest temperature by sensor, degrees Celsius.
  public var highestCelsius: [String: Double] = [:]
  /// Highest power seen, watts.
  public var highestWatts: Double?
  /// Reasons for running below its clocks, with the number of looks that saw each.
  public var throttleReasons: [String: Int] = [:]
  /// PCIe replays more than at the first look.
  public var replays: Int?

  /// A GPU without looks.
  package init(address: PCIAddress) { self.address = address }
}
