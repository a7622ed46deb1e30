public import Base
public import Placement

/// `tinyboxctl placement apply --json`.
public struct ApplyDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.placement-apply/1`.
  public var schema = ApplyDocument.currentSchema
  package static let currentSchema = "tinybox.placement-apply/1"
  /// The result of each change, in the order in which they were made.
  public var results: [ApplyResult]

  /// The document of results.
  package init(results: [ApplyResult]) { self.results = results }
}
