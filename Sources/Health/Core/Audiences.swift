internal import Inventory

/// Which kinds of advice fit a machine.
enum Audiences {
  static func of(_ inventory: Inventory) -> Set<Advice.Audience> {
    var found: Set<Advice.Audience> = []
    for gpu in inventory.gpus {
      switch gpu.cardClass {
      case .consumer, .workstation: found.insert(.consumerGPU)
      case .dataCentre: found.insert(.dataCentreGPU)
      case .builtIn, .unknown: break
      }
    }
    switch inventory.machine.formFactor {
    case .portable:
      // A laptop may have a Xeon and is no server.
      found.insert(.portable)
      return found
    case .desktop: found.insert(.desktop)
    case .server: found.insert(.server)
    case nil: break
    }
    if inventory.machine.bmcFirmwareVersion != nil || hasServerProcessor(inventory.processors) {
      found.insert(.server)
    }
    return found
  }

  private static func hasServerProcessor(_ processors: Processors) -> Bool {
    guard let model = processors.model else { return false }
    return ["EPYC", "Xeon", "POWER9", "POWER10"].contains { model.contains($0) }
  }
}

extension Box {
  /// Whether the machine is used as a server: it is one, or a desktop with several GPUs that are
  /// not the processor's own. What saves power or money on an ordinary desktop is a loss only here.
  var isServer: Bool {
    if audiences.contains(.server) { return true }
    if audiences.contains(.portable) { return false }
    return inventory.gpus.filter { $0.cardClass.isCard }.count > 1
  }
}

extension Check {
  /// In a guest or a container, the host answers for firmware, clocks and places.
  static func skipInGuest(_ box: Box, _ findings: [Finding]) -> [Finding] {
    guard let words = Place.hosts(box) else { return findings }
    return findings.map { finding in
      finding.verdict == .pass || finding.verdict == .notApplicable
        ? finding
        : notApplicable(
          words, Subject(finding.subject, finding.address), evidence: finding.evidence)
    }
  }

  /// In Xen's dom0, the hypervisor decides about memory, cores and clocks: what is not fine about
  /// those is no fault of the machine.
  static func skipInGuestOrControlDomain(_ box: Box, _ findings: [Finding]) -> [Finding] {
    guard box.inventory.machine.virtualization?.kind == .controlDomain else {
      return skipInGuest(box, findings)
    }
    return findings.map { finding in
      finding.verdict == .pass || finding.verdict == .notApplicable
        ? finding
        : notApplicable(
          "dom0: decided by its hypervisor", Subject(finding.subject, finding.address),
          evidence: finding.evidence)
    }
  }

  /// Outside servers a warning does not apply: the finding keeps its words and its evidence, and
  /// asks for nothing.
  static func serversOnly(_ box: Box, _ findings: [Finding]) -> [Finding] {
    if box.isServer { return findings }
    return findings.map { finding in
      finding.verdict == .warn
        ? notApplicable(
          finding.summary + " (usual outside servers)", Subject(finding.subject, finding.address),
          evidence: finding.evidence)
        : finding
    }
  }
}
