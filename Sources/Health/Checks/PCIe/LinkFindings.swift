internal import Base
internal import Inventory

/// Findings of link checks from judgements: the worst link of a path decides.
extension Check {
  static func linkFindings(_ box: Box, _ dimension: LinkJudge.Dimension) -> [Finding] {
    let devices = box.dataDevices
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU, drive or network interface")] }
    return devices.map { linkFinding($0, box, dimension) }
  }

  private static func linkFinding(
    _ function: PCIFunction, _ box: Box, _ dimension: LinkJudge.Dimension
  ) -> Finding {
    let subject = box.subject(function.address)
    let fact = "pci[\(function.address)].path"
    let judgements = LinkJudge(box, dimension, function).judgements()
    // Of links with the same verdict the slot's is reported.
    let worst = judgements.max {
      ($0.verdict, $0.isSlot ? 1 : 0) < ($1.verdict, $1.isSlot ? 1 : 0)
    }
    guard let worst else {
      if let path = function.path, !path.hops.isEmpty {
        return notApplicable("its link is inside a chip and says nothing", subject)
      }
      let noted = function.unknown.first { ["path", "link", "express"].contains($0.fact) }
      if let noted {
        return unknown(
          "its link is not known", subject,
          evidence: [Evidence(missing: fact, path: noted.path, reason: noted.reason)])
      }
      return notApplicable("has no link: on the root bus, or conventional PCI", subject)
    }
    let evidence = judgements.flatMap { linkEvidence($0, function, box) }
    // A path that does not reach its root port is not known to be fine.
    if worst.verdict <= .idleDownshift, function.path?.isDegraded == nil {
      return unknown(
        "the path to its root port is not complete", subject,
        evidence: evidence + [
          Evidence(
            missing: fact + ".isDegraded", path: "/sys/bus/pci/devices/\(function.address)",
            reason: "a link above it is not known")
        ])
    }
    let consequence = consequence(worst)
    switch worst.verdict {
    case .ok, .idleDownshift: return pass(worst.summary, subject, evidence: evidence)
    case .unknown:
      return unknown(
        worst.summary, subject, evidence: evidence,
        advice: [
          Advice(
            "check while a program uses the device",
            commands: ["tinyboxctl check \(info.id) --live 10"])
        ])
    case .slotLimited, .below, .capped:
      return warn(
        worst.summary, subject, evidence: evidence, consequence: consequence,
        advice: linkAdvice(worst))
    case .belowProfile, .belowUnderLoad:
      return fail(
        worst.summary, subject, evidence: evidence, consequence: consequence,
        advice: linkAdvice(worst))
    }
  }

  private static func linkEvidence(
    _ judgement: LinkJudge.Judgement, _ function: PCIFunction, _ box: Box
  ) -> [Evidence] {
    let hop = judgement.hop
    let fact = "pci[\(function.address)].path"
    var evidence = [
      hop.current.map { current in
        Evidence(
          fact,
          "\(hop.port.short) - \(hop.device.short): \(current.description), "
            + "can \(hop.possible?.description ?? "unknown")"
            + (hop.note.map { " (\($0))" } ?? ""),
          path: "/sys/bus/pci/devices/\(hop.port)/current_link_speed")
      }
        ?? Evidence(
          missing: fact, path: "/sys/bus/pci/devices/\(hop.port)/current_link_speed",
          reason: hop.note ?? "no current rate")
    ]
    if judgement.verdict == .capped,
      let target = box.function(hop.port)?.express?.targetGigatransfersPerSecond
    {
      evidence.append(
        Evidence(
          "pci[\(hop.port)].express.targetGigatransfersPerSecond",
          Text.decimal(target, places: 1) + " GT/s",
          path: "/sys/bus/pci/devices/\(hop.port)/config (LnkCtl2 3:0)"))
    }
    return evidence
  }

  private static func consequence(_ judgement: LinkJudge.Judgement) -> String? {
    if let consequence = judgement.consequence { return consequence }
    let now =
      [.belowProfile].contains(judgement.verdict)
      ? judgement.hop.possible : judgement.hop.current
    guard let now, let expected = judgement.expected,
      expected.bytesPerSecond > now.bytesPerSecond
    else { return nil }
    return "\(Text.rate(now.bytesPerSecond)) of \(Text.rate(expected.bytesPerSecond)) one way "
      + "after line encoding (\(Text.percent(now.bytesPerSecond / expected.bytesPerSecond)))"
  }

  private static func linkAdvice(_ judgement: LinkJudge.Judgement) -> [Advice] {
    let hop = judgement.hop
    switch judgement.verdict {
    case .capped:
      let bios = Advice("BIOS: PCIe link speed of this slot = Auto", needsReboot: true)
      let speeds = [2.5, 5, 8, 16, 32, 64]
      guard let possible = hop.possible?.gigatransfersPerSecond,
        let code = speeds.firstIndex(of: possible)
      else { return [bios] }
      return [
        Advice(
          "raise the port's target speed and retrain, until the next boot",
          commands: [
            "setpci -s \(hop.port) CAP_EXP+30.w=\(code + 1):f",
            "setpci -s \(hop.port) CAP_EXP+10.w=20:20",
          ],
          risk: "the link retrains: do it while nothing uses the device"), bios,
      ]
    case .slotLimited:
      return [
        Advice(
          "put it into a slot with the lanes and the generation it can use; BIOS: bifurcation and "
            + "link speed (Auto) of this slot"),
        Advice(
          "when this is intended, let a profile record it",
          commands: ["tinyboxctl profile learn"]),
      ]
    case .belowProfile:
      return [
        Advice(
          "BIOS: bifurcation (x16) and link speed (Auto) of this slot; has the card moved?",
          needsReboot: true),
        Advice(
          "when this is intended, learn the profile anew",
          commands: ["tinyboxctl profile learn --replace"]),
      ]
    default:
      return [
        Advice("reseat card and riser, clean the contacts; BIOS: link speed of this slot = Auto"),
        Advice(
          "check again while a program uses the device",
          commands: ["tinyboxctl check \(info.id) --live 10"]),
      ]
    }
  }
}
