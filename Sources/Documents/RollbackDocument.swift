public import Base
public import Placement

/// `tinyboxctl placement rollback --json`.
public struct RollbackDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.placement-rollback/1`.
  public var schema = RollbackDocument.currentSchema
  package static let currentSchema = "tinybox.placement-rollback/1"
  /// The boot the ledger belongs to, when it is not the present boot: the reboot undid its settings.
  public var otherBoot: String?
  /// The result for each setting, in the order in which they were put back.
  public var results: [RollbackResult] = []

  /// The report it is made from.
  public var report: RollbackReport {
    if let otherBoot { return .otherBoot(otherBoot) }
    return results.isEmpty ? .nothing : .results(results)
  }

  /// The document of a rollback.
  package init(_ report: RollbackReport) {
    switch report {
    case .nothing: break
    case .otherBoot(let boot): otherBoot = boot
    case .results(let results): self.results = results
    }
  }
}
