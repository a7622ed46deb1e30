internal import Inventory

/// Whether every BAR got an address.
enum BarAssignedCheck: Check {
  static let info = CheckInfo(
    id: "bar-assigned",
    title: "BARs without an address",
    area: .pcie,
    harm: .largeLoss,
    why: """
      Firmware and kernel give each window of a device (BAR) an address. With many large GPUs the \
      space below a bridge can run out; the window then has no address, and the device works in \
      part or not at all. This is the most frequent reason why peer-to-peer access does not work \
      although the driver supports it.
      """,
    reads: ["pci[].bars[].isAssigned (/sys/bus/pci/devices/ADDRESS/resource, IORESOURCE_UNSET)"],
    verdicts: [
      .pass: "every memory BAR has an address",
      .fail: "a memory BAR has none",
      .unknown: "the BARs could not be read",
      .notApplicable: "no GPU, drive or network interface on PCI",
    ],
    fix: """
      BIOS: "Above 4G Decoding" on and "MMIO High Size" larger. Else boot with pci=realloc so that \
      the kernel assigns bridges anew.
      """,
    risk: """
      pci=realloc moves devices' windows: try it before relying on it. pci=big_root_window helps \
      on some AMD boards and taints the kernel.
      """,
    sources: [
      "kernel: include/linux/ioport.h (IORESOURCE_UNSET), "
        + "Documentation/admin-guide/kernel-parameters.txt (pci=)"
    ],
    needs: [.pci, .pciDetail])

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU, drive or network interface")] }
    return devices.map { finding($0, box) }
  }

  private static func finding(_ function: PCIFunction, _ box: Box) -> Finding {
    let subject = box.subject(function.address)
    let path = "/sys/bus/pci/devices/\(function.address)/resource"
    let fact = "pci[\(function.address)].bars"
    let bars = function.bars.filter { $0.kind == .memory && $0.index < 6 }
    guard !function.bars.isEmpty else {
      return unknown(
        "its BARs are not known", subject,
        evidence: [Evidence(missing: fact, key: "bars", in: function.unknown, path: path)])
    }
    let missing = bars.filter { !$0.isAssigned }
    let list = bars.map { "BAR \($0.index) \(Text.capacity($0.sizeBytes))" }
    guard let first = missing.first else {
      return pass(
        "all have addresses", subject,
        evidence: [Evidence(fact, list.joined(separator: ", "), path: path)])
    }
    return fail(
      "BAR \(first.index) (\(Text.capacity(first.sizeBytes))) has no address", subject,
      evidence: missing.map {
        Evidence(fact, "BAR \($0.index) \(Text.capacity($0.sizeBytes)) unassigned", path: path)
      },
      consequence: "what is behind that window cannot be reached",
      advice: [
        Advice(
          "BIOS: Above 4G Decoding = Enabled, MMIO High Size as large as offered",
          needsReboot: true),
        Advice(
          "let the kernel assign bridges anew: add pci=realloc to the kernel command line",
          risk: "moves the windows of other devices too", needsReboot: true),
      ])
  }
}
