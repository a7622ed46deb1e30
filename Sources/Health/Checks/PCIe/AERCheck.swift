internal import Base
internal import Inventory

/// PCIe errors counted at either end of each link.
enum AERCheck: Check {
  static let info = CheckInfo(
    id: "aer",
    title: "PCIe errors (AER)",
    area: .pcie,
    harm: .dataAtRisk,
    why: """
      Every packet on a link carries a checksum. A bad one is sent again, which the hardware \
      counts as a correctable error; worse ones lose data or stop the device. A link between GPUs \
      and drives should show none: errors come from a bad riser, a dirty or loose connector, a \
      retimer, or a marginal card. They cost speed long before anything fails.

      An error belongs to a link, not to one device: the end that notices is the receiver, so the \
      counters of both ends are looked at and the link is named.
      """,
    reads: [
      "pci[].aer (/sys/bus/pci/devices/ADDRESS/aer_dev_*)",
      "pci[].aer.rootPort (aer_rootport_total_err_*)", "machine.uptimeSeconds",
      "pci[].path.hops[].aspm (link/l1_aspm and its siblings, LnkCtl 1:0)",
      "with --live: growth while sampling",
    ],
    verdicts: [
      .pass: "no error at either end since the devices appeared",
      .warn: "correctable or non-fatal errors",
      .fail: "fatal errors, or errors that grow while a load runs",
      .unknown: "the kernel keeps no counters for any device: firmware may handle errors itself",
      .notApplicable: "the device has no error reporting capability",
    ],
    fix: """
      With ASPM on, try without it first: a link that wakes badly from its power-saving state \
      counts errors although nothing is loose. Reseat card and riser, clean the contacts, try \
      another slot or a shorter riser. If errors follow the slot, lower its speed by one \
      generation in the BIOS until it is repaired.
      """,
    risk: "a lower link speed halves its bandwidth",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats, drivers/pci/pcie/aer.c",
      "PCI Express Base Specification, Advanced Error Reporting",
      "kernel: Documentation/ABI/testing/sysfs-bus-pci (link/l1_aspm), drivers/pci/pcie/aspm.c",
    ],
    needs: [.pci, .pciDetail, .machine], usesSamples: true)

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices
    let counting = box.inventory.pci.filter { $0.aer != nil }
    if devices.isEmpty && counting.isEmpty {
      return [none(box, collector: "PCI", "GPU, drive or network interface")]
    }
    guard !counting.isEmpty else {
      return [
        unknown(
          "no PCIe error counters on this machine",
          evidence: [
            Evidence(
              missing: "pci[].aer", path: "/sys/bus/pci/devices/*/aer_dev_correctable",
              reason: "no function has them: a kernel without AER, or firmware that keeps it")
          ])
      ]
    }
    let links = AERLinks(box)
    var findings: [Finding] = []
    for link in links.all where link.hasErrors || link.isOfDataDevice {
      findings.append(finding(link, box))
    }
    return findings
  }

  private static func finding(_ link: AERLink, _ box: Box) -> Finding {
    let subject = box.subject(link.device)
    let evidence = link.ends.flatMap(Self.evidence)
    if link.ends.contains(where: { $0.aer == nil && $0.unknown.contains { $0.fact == "aer" } }) {
      return unknown("error counters could not be read", subject, evidence: evidence)
    }
    guard link.ends.contains(where: { $0.aer != nil }) else {
      return notApplicable("has no error reporting capability", subject)
    }
    let counts = link.counts
    let growth = box.samples?.errors.filter { growth in
      link.ends.contains { $0.address == growth.address }
    }.reduce((0, 0, 0)) { ($0.0 + $1.correctable, $0.1 + $1.nonFatal, $0.2 + $1.fatal) }
    let grown = growth.map { $0.0 + $0.1 + $0.2 } ?? 0
    guard counts.total > 0 || grown > 0 else {
      // Each end counts what it receives: one alone says nothing of the other direction.
      if let silent = link.ends.first(where: { $0.aer == nil }) {
        let whose = silent.address == link.device ? "" : "its port "
        return notApplicable("\(whose)has no error reporting capability", subject)
      }
      return pass("no errors", subject, evidence: evidence)
    }
    var summary = "PCIe errors: \(counts.text)"
    var consequence =
      counts.nonFatal + counts.fatal > 0
      ? "data was lost on the link or a request failed"
      : "each is a packet sent again: speed lost, and a sign of a poor signal"
    if grown > 0, let seconds = box.samples?.seconds {
      summary = "PCIe errors grow: \(grown) in \(Text.decimal(seconds, places: 0)) s"
    } else if let uptime = box.inventory.machine.uptimeSeconds, uptime > 0 {
      let perDay = Double(counts.total) / uptime * 86_400
      consequence += "; \(Text.decimal(perDay, places: 1)) a day since boot"
    }
    let power = LinkPower(link, box)
    let advice =
      (power?.advice ?? []) + [
        Advice("reseat the card and its riser, clean the contacts, try another slot or riser"),
        Advice(
          "watch them under load",
          commands: ["tinyboxctl check aer --live 60"]),
      ]
    let all = evidence.filter { !$0.isMissing } + (power.map { [$0.evidence] } ?? [])
    return counts.fatal > 0 || grown > 0
      ? fail(summary, subject, evidence: all, consequence: consequence, advice: advice)
      : warn(summary, subject, evidence: all, consequence: consequence, advice: advice)
  }

  private static func evidence(_ end: PCIFunction) -> [Evidence] {
    let base = "/sys/bus/pci/devices/\(end.address)"
    guard let aer = end.aer else {
      return [
        Evidence(
          missing: "pci[\(end.address)].aer", key: "aer", in: end.unknown,
          path: base + "/aer_dev_correctable")
      ]
    }
    let kinds: [([String: Int], Int?, String)] = [
      (aer.correctable, aer.correctableTotal, "correctable"),
      (aer.nonFatal, aer.nonFatalTotal, "nonfatal"), (aer.fatal, aer.fatalTotal, "fatal"),
    ]
    return kinds.map { names, total, file in
      let list = names.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let value = list.isEmpty ? "\(total ?? 0)" : list.joined(separator: ", ")
      return Evidence(
        "pci[\(end.address)].aer", "\(file) \(value)", path: "\(base)/aer_dev_\(file)")
    }
  }
}
