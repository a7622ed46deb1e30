public import Base
package import Inventory

/// What all checks found: `tinyboxctl check --json`.
public struct HealthReport: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.health/1`.
  public var schema = HealthReport.currentSchema
  package static let currentSchema = "tinybox.health/1"
  /// Where the facts come from: `live`, or the recording that was replayed.
  public var origin: String
  /// The worst verdict of all.
  public var verdict: Verdict
  /// Name of the profile that the box was compared with; absent without one.
  public var profile: String?
  /// Ids of the checks that ran.
  public var checks: [String]
  /// Ids of checks left out because their facts were not collected.
  public var skipped: [String]
  /// How many checks ended with each verdict, a check counting by its worst finding.
  public var counts: [String: Int]
  /// The findings by what they threaten, the worst first; then what is unknown, fine, and does not apply.
  public var findings: [Finding]

  /// Runs checks over a box.
  /// - Parameters:
  ///   - checks: the checks; all by default.
  ///   - parts: what the inventory holds; checks that need more are skipped.
  package init(
    _ box: Box, checks: [any Check.Type] = Checks.all,
    parts: CollectionOptions.Parts = .all
  ) {
    origin = box.inventory.origin
    profile = box.profile?.name
    let chosen = checks.filter { parts.isSuperset(of: $0.info.needs) }
    skipped = checks.filter { !parts.isSuperset(of: $0.info.needs) }.map { $0.info.id }
    self.checks = chosen.map { $0.info.id }
    var found: [Finding] = []
    var counts: [String: Int] = [:]
    for check in chosen {
      let findings = check.evaluate(box).map { finding in
        var finding = Place.adjusted(finding, of: check, box)
        finding.advice.removeAll { advice in
          advice.audience.map { !box.audiences.contains($0) } ?? false
        }
        return finding
      }
      let worst = findings.map(\.verdict).max() ?? .unknown
      counts[worst.rawValue, default: 0] += 1
      found += findings
    }
    self.counts = counts
    verdict = found.map(\.verdict).max() ?? .unknown
    findings = found.byHarm
  }

  /// How many checks ended with a verdict.
  package func count(_ verdict: Verdict) -> Int { counts[verdict.rawValue] ?? 0 }
}
