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

  /// A list of changes.
  package init(_ changes: [BenchmarkChange]) { self.changes = changes }
}
