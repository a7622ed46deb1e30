public import Base

/// The runs of this machine, newest first: `/v1/benchmarks/runs`.
public struct BenchmarkRunsDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-runs/1`.
  public var schema = BenchmarkRunsDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-runs/1"
  /// The runs, without their results.
  public var runs: [BenchmarkRunSummary]

  /// A list of runs.
  package init(_ runs: [BenchmarkRunSummary]) { self.runs = runs }
}

/// What the histories show and nobody has acknowledged: `/v1/benchmarks/changes`.
public struct BenchmarkChangesDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-changes/1`.
  public var schema = BenchmarkChangesDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-changes/1"
  /// The changes, in the order in which they were found.
  public var changes: [BenchmarkChange]
  /// Series that have a figure; quick runs are not counted.
  public var seriesCount: Int
  /// Series with the 12 figures that are needed before a change is looked for.
  public var judgedCount: Int

  /// A list of changes.
  /// - Parameters:
  ///   - seriesCount: series that have a figure.
  ///   - judgedCount: series with figures enough to be judged.
  package init(_ changes: [BenchmarkChange], seriesCount: Int, judgedCount: Int) {
    self.changes = changes
    self.seriesCount = seriesCount
    self.judgedCount = judgedCount
  }
}
