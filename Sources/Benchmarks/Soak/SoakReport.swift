public import Base

/// A soak: everything loaded together for a time, what was watched meanwhile, and a verdict.
public struct SoakReport: Codable, VersionedDocument, Hashable, Sendable {
  /// How it came out.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// It ran its whole time, and nothing that was watched shows a fault.
    case pass
    /// Something deserves a look, or there is not enough evidence for a pass.
    case warn
    /// A result was wrong, an error was not corrected, a device was lost, or it became too hot.
    case fail
  }
  /// Why it ended.
  public enum End: String, Codable, Hashable, Sendable, CaseIterable {
    /// Its time was over.
    case deadline
    /// It was stopped from outside: Ctrl-C, SIGTERM.
    case stopped
    /// A temperature reached the sensor's critical limit.
    case criticalTemperature
    /// A load had a wrong result.
    case wrongResult
    /// No load was left that runs.
    case noLoad
    /// Ten looks at the machine in a row failed: nothing was watched any more.
    case unwatched
  }

  /// `tinybox.benchmark-soak/1`.
  public var schema = SoakReport.currentSchema
  package static let currentSchema = "tinybox.benchmark-soak/1"

  /// When it began, in UTC.
  public var started: String
  /// When it ended, in UTC.
  public var finished: String
  /// Id of the boot; absent when it could not be read.
  public var boot: String?
  /// Version of the program.
  public var program: String
  /// Facts of the machine by name: board, BIOS, kernel, governor. Those not known are absent.
  public var context: [String: String]
  /// Seconds that were asked for.
  public var plannedSeconds: Double
  /// Seconds that it ran.
  public var seconds: Double
  /// Why it ended.
  public var end: End
  /// How often sensors and counters were read; looks that failed are in `unknown`.
  public var looks: Int
  /// What loaded the machine.
  public var loads: [SoakLoadReport] = []
  /// Kinds of things that were watched, and how many of each. Kinds without any are in `unknown`.
  public var watched: [SoakWatched] = []
  /// What could not be watched, and why.
  public var unknown: [SoakUnknown] = []
  /// Sensors, with the least and the most that they showed.
  public var readings: [SoakReading] = []
  /// Error counters that grew.
  public var counters: [SoakCounter] = []
  /// Links that ran at another rate than at first.
  public var links: [SoakLink] = []
  /// Devices that were there at first and left.
  public var lost: [SoakLoss] = []
  /// Reasons of GPUs for running below their clocks.
  public var throttling: [SoakThrottling] = []
  /// The compute rate of the CPUs at the end against the beginning; absent when it is not known.
  public var clock: SoakClock?
  /// The verdict.
  public var verdict: Verdict
  /// What led to it, the worst first; empty for a pass.
  public var reasons: [SoakReason] = []

  /// A soak that is not judged yet.
  package init(
    started: String, finished: String, program: String, plannedSeconds: Double, seconds: Double,
    end: End, looks: Int, boot: String? = nil, context: [String: String] = [:]
  ) {
    self.started = started
    self.finished = finished
    self.boot = boot
    self.program = program
    self.context = context
    self.plannedSeconds = SoakReport.finite(plannedSeconds)
    self.seconds = SoakReport.finite(seconds)
    self.end = end
    self.looks = looks
    verdict = .warn
  }

  /// JSON has no other numbers.
  static func finite(_ value: Double) -> Double { value.isFinite ? max(0, value) : 0 }
}

/// A reason of the verdict.
public struct SoakReason: Codable, Hashable, Sendable {
  /// What it makes of the soak: `warn` or `fail`.
  public var verdict: SoakReport.Verdict
  /// The reason, for people.
  public var text: String

  /// A reason.
  package init(_ verdict: SoakReport.Verdict, _ text: String) {
    self.verdict = verdict
    self.text = text
  }
}

/// What one load of a soak did.
public struct SoakLoadReport: Codable, Hashable, Sendable {
  /// How it ended.
  public enum Outcome: String, Codable, Hashable, Sendable, CaseIterable {
    /// It worked until the soak ended.
    case ran
    /// It could not go on.
    case failed
    /// This machine cannot be loaded so.
    case notApplicable
    /// It was left out: its device is in use, a program is missing.
    case skipped
  }
  /// Its name: `cpu`, `memory of node 0`, `drive nvme0`.
  public var name: String
  /// Devices that it loads, and whose leases it held.
  public var devices: [PCIAddress]
  /// How it ended.
  public var outcome: Outcome
  /// Why, unless it ran.
  public var reason: String?
  /// Seconds that it ran.
  public var seconds: Double = 0
  /// Bytes that it moved; absent for a load that moves none.
  public var bytes: Double?
  /// Operations: floating-point and integer ones of CPUs, requests to drives.
  public var operations: Double?
  /// Results that were compared with what they must be; absent for a load that compares none.
  public var checkedResults: Int?
  /// Results that were wrong.
  public var wrongResults: Int = 0
  /// How it was done: CPUs, kernel variant, program.
  public var details: [String: String] = [:]

  /// A load.
  package init(
    _ name: String, devices: [PCIAddress] = [], _ outcome: Outcome, reason: String? = nil
  ) {
    self.name = name
    self.devices = devices
    self.outcome = outcome
    self.reason = reason
  }
}
