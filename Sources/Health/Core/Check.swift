internal import Base
public import Inventory

/// One question about a machine, answered from facts alone.
///
/// A check is a caseless enum in a file of its own: what it is (`info`), and a pure function from
/// the box to findings, one a subject. It reads nothing but the box. Missing facts are `unknown`.
public protocol Check: Sendable {
  /// What the check is; the documentation page is made from it.
  static var info: CheckInfo { get }
  /// The findings, one for each subject that the check applies to. With no subject, one
  /// `notApplicable` with the reason.
  static func evaluate(_ box: Box) -> [Finding]
}

/// What a check is, apart from its logic.
public struct CheckInfo: Sendable {
  /// The id people type: lower case with hyphens, `link-width`.
  public var id: String
  /// What is checked, in a few words.
  public var title: String
  /// Its area.
  public var area: Area
  /// What its findings threaten, unless one says otherwise.
  public var harm: Harm
  /// Why it matters, in one or two paragraphs for somebody who is no kernel expert.
  public var why: String
  /// The facts it reads, as paths in `devices --json` with the file each comes from.
  public var reads: [String]
  /// What each verdict means here.
  public var verdicts: [Verdict: String]
  /// What to do in general; findings carry the exact commands.
  public var fix: String
  /// What the fix risks.
  public var risk: String
  /// Where the rule comes from. Where authorities disagree, both, each with what it says.
  public var sources: [String]
  /// Parts of the inventory it needs.
  public var needs: CollectionOptions.Parts
  /// Whether it says more, or anything at all, from samples taken under load (`--live`).
  public var usesSamples: Bool
  /// Whether the owner of a container, and not its host, can act on what it finds there.
  public var concernsContainers: Bool

  /// The area of a check; also the order of the documentation.
  public enum Area: String, Codable, Sendable, CaseIterable {
    case pcie, gpu, peerToPeer, processors, memory, interrupts, storage, system, runtimes
  }

  /// The description of a check.
  package init(
    id: String, title: String, area: Area, harm: Harm, why: String, reads: [String],
    verdicts: [Verdict: String], fix: String, risk: String, sources: [String],
    needs: CollectionOptions.Parts, usesSamples: Bool = false, concernsContainers: Bool = false
  ) {
    self.id = id
    self.title = title
    self.area = area
    self.harm = harm
    self.why = why
    self.reads = reads
    self.verdicts = verdicts
    self.fix = fix
    self.risk = risk
    self.sources = sources
    self.needs = needs
    self.usesSamples = usesSamples
    self.concernsContainers = concernsContainers
  }
}

extension Check {
  /// All is well, proven by `evidence`. Without evidence, or with a missing fact among it, that
  /// would be a guess and becomes `unknown`.
  static func pass(
    _ summary: String, _ subject: Subject = .box, evidence: [Evidence]
  ) -> Finding {
    let isProven = !evidence.isEmpty && !evidence.contains(where: \.isMissing)
    return Finding(
      check: info.id, subject: subject, verdict: isProven ? .pass : .unknown,
      summary: isProven ? summary : "unknown", evidence: evidence)
  }

  /// Not as good as it could be.
  static func warn(
    _ summary: String, _ subject: Subject = .box, evidence: [Evidence],
    consequence: String? = nil, advice: [Advice] = [], harm: Harm? = nil
  ) -> Finding {
    Finding(
      check: info.id, subject: subject, verdict: .warn, harm: harm ?? info.harm, summary: summary,
      evidence: evidence, consequence: consequence, advice: advice)
  }

  /// Broken.
  static func fail(
    _ summary: String, _ subject: Subject = .box, evidence: [Evidence],
    consequence: String? = nil, advice: [Advice] = [], harm: Harm? = nil
  ) -> Finding {
    Finding(
      check: info.id, subject: subject, verdict: .fail, harm: harm ?? info.harm, summary: summary,
      evidence: evidence, consequence: consequence, advice: advice)
  }

  /// A deciding fact is missing; `summary` says which and why in a few words.
  static func unknown(
    _ summary: String, _ subject: Subject = .box, evidence: [Evidence], advice: [Advice] = []
  ) -> Finding {
    Finding(
      check: info.id, subject: subject, verdict: .unknown, summary: summary, evidence: evidence,
      advice: advice)
  }

  /// The check does not apply, for this reason.
  static func notApplicable(
    _ reason: String, _ subject: Subject = .box, evidence: [Evidence] = []
  ) -> Finding {
    Finding(
      check: info.id, subject: subject, verdict: .notApplicable, summary: reason,
      evidence: evidence)
  }

  /// What to report when no device of a kind was found: that there is none, or that the collector
  /// could not look.
  /// - Parameters:
  ///   - collector: the collector that looks for the kind (`GPU`, `NVMe`, `NIC`, `PCI`).
  ///   - what: the kind in words, such as `GPU`.
  ///   - includesGPUs: whether a GPU is of the kind. A display of an unknown maker may be one.
  static func none(
    _ box: Box, collector: String, _ what: String, includesGPUs: Bool = true
  ) -> Finding {
    let report = box.inventory.collectors.first { $0.name == collector }
    if report?.outcome == .nothing { return notApplicable("no \(what)") }
    var reason = report?.note ?? (report == nil ? "not collected" : "nothing was found")
    let pci = box.inventory.pci
    if collector == "PCI", report?.outcome == .found, !pci.isEmpty {
      let mayBeOne = pci.first { function in
        function.identity.classCode == nil
          || includesGPUs && box.kind(of: function.address) == .unknownDisplay
      }
      // Functions were found, and each says what it is.
      guard let mayBeOne else { return notApplicable("no \(what)") }
      reason = "\(mayBeOne.address.short) does not report what it is"
    }
    return unknown(
      "unknown whether there is a \(what)",
      evidence: [Evidence(missing: "collectors[\(collector)]", path: collector, reason: reason)])
  }
}
