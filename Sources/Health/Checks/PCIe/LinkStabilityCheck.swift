internal import Base
internal import Inventory

/// Whether links keep their rate while a load runs.
enum LinkStabilityCheck: Check {
  static let info = CheckInfo(
    id: "link-stability",
    title: "Links that change under load",
    area: .pcie,
    harm: .largeLoss,
    why: """
      A link that keeps changing its rate while there is work, or trains again and again, has a \
      poor signal: each change stops traffic for a moment, and errors follow. Only many samples \
      under load show it.
      """,
    reads: [
      "with --live: rate of every link at each look, the device's traffic or load meanwhile",
      "with --live: pci[].express.bandwidthManagementStatus, autonomousBandwidthStatus (LnkSta)",
    ],
    verdicts: [
      .pass: "the same rate in at least ten samples under load",
      .warn: "different rates under load, or the port's LBMS or LABS bit set meanwhile",
      .unknown: "fewer than ten samples under load",
      .notApplicable: "not asked: needs --live; or no link",
    ],
    fix: "Reseat card and riser, use a shorter or better riser, lower the slot's speed one step.",
    risk: "a lower speed halves the bandwidth",
    sources: [
      "PCI Express Base Specification, Link Status register, bits 14 and 15",
      "ROCm Validation Suite, module pesm (logs speed changes)",
    ],
    needs: [.pci], usesSamples: true)

  static func evaluate(_ box: Box) -> [Finding] {
    guard let samples = box.samples else {
      return [notApplicable("needs --live SECONDS, while a load runs")]
    }
    if samples.links.isEmpty { return [notApplicable("no link was sampled")] }
    return box.dataDevices.compactMap { function in
      guard let hops = function.path?.hops, !hops.isEmpty else { return nil }
      let seen = samples.links.filter { link in
        hops.contains { $0.port == link.port && $0.device == link.device }
      }
      return finding(function, seen, samples, box)
    }
  }

  private static func finding(
    _ function: PCIFunction, _ seen: [LinkSamples], _ samples: Samples, _ box: Box
  ) -> Finding {
    let subject = box.subject(function.address)
    let evidence = seen.map { link in
      Evidence(
        "samples.links[\(link.device)]",
        link.seen.sorted { $0.value > $1.value }.map { "\($0.key) in \($0.value)" }
          .joined(separator: ", ")
          + " of \(link.readings) samples, \(link.busyReadings) under load, "
          + "\(link.transitions) changes",
        path: "/sys/bus/pci/devices/\(link.port)/current_link_speed")
    }
    let unsteady = seen.first { $0.busyReadings > 1 && $0.slowestBusy != $0.fastestBusy }
    let retrained = seen.first { $0.bandwidthBitsSet == true && $0.busyReadings > 0 }
    if let link = unsteady ?? retrained {
      return warn(
        unsteady != nil
          ? "\(link.transitions) rate changes under load at \(link.port.short)"
          : "link managed its bandwidth under load at \(link.port.short)",
        subject, evidence: evidence,
        consequence: "traffic stops for a moment at each change",
        advice: [
          Advice("reseat card and riser; lower the slot's speed in the BIOS by one generation"),
          Advice(
            "look for errors meanwhile", commands: ["tinyboxctl check aer --live 60"]),
        ])
    }
    let busy = seen.map(\.busyReadings).min() ?? 0
    if busy < 10 {
      return unknown(
        "\(busy) samples under load are too few", subject,
        evidence: evidence + [
          Evidence(
            missing: "samples.links", path: "/sys/bus/pci/devices/\(function.address)",
            reason: "no traffic of the device, or its traffic is unknown")
        ],
        advice: [
          Advice(
            "run a load on it meanwhile",
            commands: ["tinyboxctl check link-stability --live 30"])
        ])
    }
    return pass("steady in \(busy) samples under load", subject, evidence: evidence)
  }
}
