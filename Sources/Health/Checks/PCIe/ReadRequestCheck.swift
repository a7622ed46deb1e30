internal import Base
internal import Inventory

/// Whether devices may ask for enough at once.
enum ReadRequestCheck: Check {
  static let info = CheckInfo(
    id: "mrrs",
    title: "Largest read request (MRRS)",
    area: .pcie,
    harm: .smallLoss,
    why: """
      A device that reads memory asks for at most MRRS bytes at a time and has a limited number of \
      requests open. Small requests leave the link idle between answers. The kernel and most \
      drivers use 512 bytes; firmware sometimes leaves 128.
      """,
    reads: ["pci[].express.maxReadRequestBytes (DevCtl 14:12)"],
    verdicts: [
      .pass: "512 bytes or more",
      .warn: "less",
      .unknown: "configuration space could not be read far enough",
      .notApplicable: """
      no PCI Express; part of the root complex, which has no link; or a guest, whose host decides
      """,
    ],
    fix: "Raise it for the device and measure; keep it only when it helps.",
    risk: """
      The driver may have chosen another value for a reason. The value does not survive a reset \
      of the device.
      """,
    sources: [
      "PCI Express Base Specification, Device Control register, bits 14:12",
      "kernel: drivers/pci/pci.c, pcie_set_readrq; no public measurement for consumer cards known",
    ],
    needs: [.pci, .pciDetail, .machine])

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU, drive or network interface")] }
    if box.isVirtual { return [notApplicable("a guest: decided by its host")] }
    return devices.map { function in
      let subject = box.subject(function.address)
      let path = "/sys/bus/pci/devices/\(function.address)/config"
      let fact = "pci[\(function.address)].express"
      guard let express = function.express else {
        return withoutExpress(function, subject)
      }
      // Inside the root complex the capability's sizes do not apply.
      if !express.portType.hasLink {
        return notApplicable("part of the root complex: no link", subject)
      }
      let evidence = [
        Evidence(
          fact + ".maxReadRequestBytes", "\(express.maxReadRequestBytes) B",
          path: path + " (DevCtl 14:12)")
      ]
      if express.maxReadRequestBytes >= 512 {
        return pass("\(express.maxReadRequestBytes) B", subject, evidence: evidence)
      }
      // A read of 128 B is 90 % payload, and one lane moves little: more would gain nothing.
      if let hop = function.path?.hops.first, hop.possible?.width == 1 {
        return notApplicable("one lane, which less fills", subject, evidence: evidence)
      }
      return warn(
        "asks for no more than \(express.maxReadRequestBytes) B at a time", subject,
        evidence: evidence, consequence: "reads of the device may not fill its link",
        advice: [
          Advice(
            "try 512 B until the next boot, and measure before and after",
            commands: ["setpci -s \(function.address) CAP_EXP+8.w=2000:7000"],
            risk: "the driver may have chosen the value for a reason")
        ])
    }
  }
}

extension Check {
  /// A function without a PCI Express capability that was read: it has none, or nobody could look.
  static func withoutExpress(_ function: PCIFunction, _ subject: Subject) -> Finding {
    let isSeen =
      function.configBytes.map { $0 >= 256 } == true
      && !function.unknown.contains { $0.fact == "express" }
    if isSeen { return notApplicable("no PCI Express capability", subject) }
    return unknown(
      "configuration space could not be read far enough", subject,
      evidence: [
        Evidence(
          missing: "pci[\(function.address)].express", key: "express", in: function.unknown,
          path: "/sys/bus/pci/devices/\(function.address)/config")
      ])
  }
}
