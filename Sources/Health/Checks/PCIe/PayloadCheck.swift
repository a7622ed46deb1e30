internal import Base
internal import Inventory

/// Whether the largest payload (MPS) fits along each path.
enum PayloadCheck: Check {
  static let info = CheckInfo(
    id: "mps",
    title: "Largest payload (MPS) along the path",
    area: .pcie,
    harm: .smallLoss,
    why: """
      A packet's payload may be as large as MPS allows. Every packet has 20 to 24 bytes around it, \
      so a larger payload wastes less: at 128 bytes 84 % of the link carries data, at 256 bytes \
      91 %, at 512 bytes 96 %. A receiver that allows less than a sender sends answers with a \
      malformed-packet error, which is fatal by default: both ends of a link must agree.
      """,
    reads: [
      "pci[].express.maxPayloadBytes (DevCtl 7:5)",
      "pci[].express.maxPayloadSupportedBytes (DevCap 2:0)",
    ],
    verdicts: [
      .pass: "every function of the path is set to the same size, and could not be set higher",
      .warn: "the ends of a link differ, or, on a server, all could take more",
      .unknown: "configuration space could not be read far enough",
      .notApplicable: "no PCI Express on the path",
    ],
    fix: """
      Boot with pci=pcie_bus_perf: the kernel then sets the largest size each path allows. Where \
      devices exchange data directly across different paths, pci=pcie_bus_peer2peer sets 128 bytes \
      everywhere so that any pair works.
      """,
    risk: "pcie_bus_perf can give different paths different sizes, which peer traffic cannot cross",
    sources: [
      "kernel: Documentation/admin-guide/kernel-parameters.txt (pci=pcie_bus_*)",
      "PCI Express Base Specification, Device Control register, TLP header sizes",
    ],
    needs: [.pci, .pciDetail])

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU, drive or network interface")] }
    return devices.map { finding($0, box) }
  }

  private static func finding(_ function: PCIFunction, _ box: Box) -> Finding {
    let subject = box.subject(function.address)
    let above = box.ancestors(of: function.address)
    let chain = [function] + above
    // Conventional PCI, or integrated into the root complex: nothing to agree with.
    if function.parent == nil { return notApplicable("on the root bus: no link", subject) }
    guard let root = above.last, root.parent == nil else {
      return unknown(
        "the path to its root port is not known", subject,
        evidence: [
          Evidence(
            missing: "pci[\(function.address)].parent",
            path: "/sys/bus/pci/devices/\(function.address)", reason: "a bridge is not listed")
        ])
    }
    var evidence: [Evidence] = []
    for member in chain {
      let path = "/sys/bus/pci/devices/\(member.address)/config"
      let fact = "pci[\(member.address)].express"
      if let express = member.express {
        evidence.append(
          Evidence(
            fact + ".maxPayloadBytes",
            "\(express.maxPayloadBytes) B of \(express.maxPayloadSupportedBytes) B", path: path))
      } else if member.unknown.contains(where: { $0.fact == "express" || $0.fact == "configBytes" })
        || member.configBytes.map({ $0 < 256 }) ?? true
      {
        evidence.append(Evidence(missing: fact, key: "express", in: member.unknown, path: path))
      }
    }
    if evidence.contains(where: \.isMissing) {
      return unknown("payload sizes not known", subject, evidence: evidence)
    }
    let ports = chain.compactMap { member in member.express.map { (member.address, $0) } }
    guard ports.count > 1 else {
      return notApplicable("no PCI Express on both ends", subject)
    }
    let judged = judge(ports, subject, evidence, box)
    // What one function between them does not say is not vouched for by the others.
    if judged.verdict == .pass, chain.contains(where: { $0.express == nil }) {
      return notApplicable("conventional PCI on the path", subject)
    }
    return judged
  }

  private static func judge(
    _ ports: [(address: PCIAddress, express: PCIeCapability)], _ subject: Subject,
    _ evidence: [Evidence], _ box: Box
  ) -> Finding {
    let sizes = Set(ports.map(\.express.maxPayloadBytes))
    let least = sizes.min() ?? 128
    let supported = ports.map(\.express.maxPayloadSupportedBytes).min() ?? least
    for (lower, upper) in zip(ports, ports.dropFirst())
    where lower.express.maxPayloadBytes != upper.express.maxPayloadBytes {
      let ends =
        "\(lower.express.maxPayloadBytes) B at \(lower.address.short), "
        + "\(upper.express.maxPayloadBytes) B at \(upper.address.short)"
      return warn(
        "payload sizes differ: \(ends)", subject, evidence: evidence,
        consequence: "a packet larger than its receiver's size is a fatal error; "
          + "\(gain(least)) of the link carries data at the smaller one",
        advice: [advice])
    }
    if supported > least, box.audiences.contains(.server), !box.isVirtual {
      return warn(
        "payload of \(least) B where all could take \(supported) B", subject, evidence: evidence,
        consequence: "\(gain(least)) of the link carries data, \(gain(supported)) could",
        advice: [advice])
    }
    return pass("\(least) B along the path", subject, evidence: evidence)
  }

  /// Share of a link that carries data with full payloads: 24 bytes around each write.
  private static func gain(_ payload: Int) -> String {
    Text.percent(Double(payload) / Double(payload + 24))
  }

  private static let advice = Advice(
    "add pci=pcie_bus_perf to the kernel command line: the largest size each path allows",
    risk: "different paths may get different sizes; use pci=pcie_bus_peer2peer (128 B) where "
      + "devices of different paths exchange data directly",
    needsReboot: true)
}
