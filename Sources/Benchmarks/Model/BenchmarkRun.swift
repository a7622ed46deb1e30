public import Base

/// One run of the benchmarks: `tinyboxctl benchmark run --json`.
public struct BenchmarkRun: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark/1`.
  public var schema = BenchmarkRun.currentSchema
  package static let currentSchema = "tinybox.benchmark/1"

  /// How far it came.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is going on.
    case running
    /// Every planned measurement was made or has a reason why not.
    case done
    /// It was stopped, killed, or the power went; what was measured until then counts.
    case aborted
    /// An owner took it out of the history.
    case discarded
  }

  /// Who started it.
  public enum Trigger: String, Codable, Hashable, Sendable, CaseIterable {
    /// A person.
    case manual
    /// The timer.
    case scheduled
    /// A confirming run after a suspicion.
    case confirmation
    /// It was measured elsewhere and imported.
    case imported
  }

  /// Random text that no other run has.
  public var id: String
  /// When it began, UTC, ISO 8601.
  public var started: String
  /// When it ended; absent while it runs, and where nobody could note it.
  public var finished: String?
  /// The boot it ran in (`/proc/sys/kernel/random/boot_id`).
  public var boot: String?
  /// Who started it.
  public var trigger: Trigger
  /// How far it came.
  public var state: State
  /// Version of the program that measured.
  public var program: String
  /// A quick run: shorter, no part of the history that is judged.
  public var isQuick: Bool
  /// The suites that were asked for.
  public var suites: [String]
  /// Facts of the machine at that time, by name: kernel, BIOS, governor, IOMMU.
  public var context: [String: String]
  /// Every measurement, in the order of the plan.
  public var results: [BenchmarkResult]

  /// A run that begins.
  package init(
    id: String, started: String, boot: String?, trigger: Trigger, program: String, isQuick: Bool,
    suites: [String], context: [String: String]
  ) {
    self.id = id
    self.started = started
    self.boot = boot
    self.trigger = trigger
    state = .running
    self.program = program
    self.isQuick = isQuick
    self.suites = suites
    self.context = context
    results = []
  }
}
