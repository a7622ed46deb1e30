internal import Inventory

/// Where the program runs, which decides who can act on a finding.
///
/// Checks judge the hardware and the kernel that they see. In a container those are the host's: its
/// owner can set neither firmware nor kernel, and a warning that nobody there can act on is a
/// false alarm. What a check finds there is kept as a fact, with its evidence.
enum Place {
  /// A finding as it is reported where the program runs.
  static func adjusted(_ finding: Finding, of check: any Check.Type, _ box: Box) -> Finding {
    if box.isVirtual { return inGuest(finding, of: check) }
    guard box.isInContainer, !check.info.concernsContainers,
      finding.verdict == .warn || finding.verdict == .fail
    else { return finding }
    return Finding(
      check: finding.check, subject: Subject(finding.subject, finding.address),
      verdict: .notApplicable, summary: finding.summary + " (a container: decided by its host)",
      evidence: finding.evidence)
  }

  /// A guest's slots and links are an image of the host's: advice about them must say whose they
  /// are.
  private static func inGuest(_ finding: Finding, of check: any Check.Type) -> Finding {
    guard check.info.area == .pcie, finding.verdict == .warn || finding.verdict == .fail,
      !finding.advice.isEmpty,
      !finding.advice.contains(where: { $0.text.contains("hypervisor") })
    else { return finding }
    var finding = finding
    finding.advice.insert(
      Advice("a guest: the hypervisor controls slots, links and power of its devices"),
      at: 0)
    return finding
  }

  /// Who decides about the hardware, in the words of a finding.
  static func hosts(_ box: Box) -> String? {
    switch box.inventory.machine.virtualization?.kind {
    case .vm: "a guest: decided by its host"
    case .container: "a container: decided by its host"
    case .controlDomain, .some(.none), nil: nil
    }
  }
}
