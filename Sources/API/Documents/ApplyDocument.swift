public import Apply

/// `tinyboxctl placement apply --json`.
public struct ApplyDocument: Codable, Hashable, Sendable {
  /// `tinybox.placement-apply/1`.
  public var schema = "tinybox.placement-apply/1"
  /// What came of each change, in the order in which they were made.
  public var results: [Applier.Result]

  /// The document of results.
  public init(results: [Applier.Result]) { self.results = results }
}
