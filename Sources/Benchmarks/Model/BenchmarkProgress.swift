public import Base

/// What a run is doing at this moment: the file that it keeps current, and the answer of `tinyboxd`.
public struct BenchmarkProgress: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-progress/1`.
  public var schema = BenchmarkProgress.currentSchema
  package static let currentSchema = "tinybox.benchmark-progress/1"

  /// The run's id.
  public var run: String
  /// How far it came.
  public var state: BenchmarkRun.State
  /// What is measured now, for people; absent between measurements and at the end.
  public var measuring: String?
  /// Measurements that are done.
  public var done: Int
  /// Measurements that were planned.
  public var planned: Int
  /// Seconds until the end, by the plan.
  public var secondsLeft: Double
  /// Process that measures.
  public var processID: Int
  /// Why it ended before its time; absent else.
  public var failure: String?

  /// Progress of a run.
  package init(
    run: String, state: BenchmarkRun.State, measuring: String?, done: Int, planned: Int,
    secondsLeft: Double, processID: Int, failure: String? = nil
  ) {
    self.run = run
    self.state = state
    self.measuring = measuring
    self.done = done
    self.planned = planned
    self.secondsLeft = secondsLeft
    self.processID = processID
    self.failure = failure
  }
}
