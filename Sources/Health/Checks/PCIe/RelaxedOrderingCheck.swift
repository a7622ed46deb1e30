internal import Inventory

/// Whether GPUs and NICs may let packets overtake each other.
enum RelaxedOrderingCheck: Check {
  static let info = CheckInfo(
    id: "relaxed-ordering",
    title: "Relaxed ordering",
    area: .pcie,
    harm: .smallLoss,
    why: """
      With relaxed ordering a device may mark packets that need not wait for those before them. \
      On machines with several NUMA nodes this keeps one slow write to remote memory from holding \
      up all others: an Arm server's single TCP stream went from 10 to 40 Gb/s.
      """,
    reads: [
      "pci[].express.relaxedOrdering (DevCtl bit 4)", "pci[].parent, identity of the root port",
    ],
    verdicts: [
      .pass: "allowed",
      .warn: "not allowed, on a server",
      .unknown: "configuration space could not be read far enough",
      .notApplicable: """
      the root port is on the kernel's list of those that get it wrong; one node, a guest, no \
      PCI Express
      """,
    ],
    fix: """
      BIOS: "PCIe Relaxed Ordering" on. Many NIC drivers have a switch of their own. Measure \
      before and after.
      """,
    risk: "root ports that reorder wrongly corrupt data; the kernel switches it off below those",
    sources: [
      "kernel commit 17347d5430c4 (mlx5: relaxed ordering, 10 to 40 Gb/s)",
      "HPC Advisory Council, EPYC 7002 InfiniBand guide: preferred on",
      "kernel: drivers/pci/quirks.c, quirk_relaxedordering_disable (Intel Haswell and Broadwell "
        + "root ports, AMD 1a00 to 1a02)",
    ],
    needs: [.pci, .pciDetail, .machine, .memory])

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices.filter { box.kind(of: $0.address) != .drive }
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU or network interface")] }
    if box.isVirtual { return [notApplicable("a guest: decided by its host")] }
    if box.inventory.memory.nodes.count == 1 { return [notApplicable("one NUMA node")] }
    return devices.map { finding($0, box) }
  }

  private static func finding(_ function: PCIFunction, _ box: Box) -> Finding {
    let subject = box.subject(function.address)
    guard let express = function.express else { return withoutExpress(function, subject) }
    let path = "/sys/bus/pci/devices/\(function.address)/config (DevCtl bit 4)"
    let evidence = [
      Evidence(
        "pci[\(function.address)].express.relaxedOrdering",
        express.relaxedOrdering ? "allowed" : "not allowed", path: path)
    ]
    if express.relaxedOrdering { return pass("allowed", subject, evidence: evidence) }
    if let root = box.ancestors(of: function.address).last, isListed(root) {
      return notApplicable(
        "its root port gets it wrong: the kernel keeps it off", subject, evidence: evidence)
    }
    guard box.audiences.contains(.server) else {
      return notApplicable(
        "off; it does not matter on this kind of machine", subject, evidence: evidence)
    }
    return warn(
      "not allowed", subject, evidence: evidence,
      consequence: "writes to another node's memory delay those behind them",
      advice: [
        Advice(
          "BIOS: PCIe Relaxed Ordering = Enabled; measure before and after", needsReboot: true),
        Advice(
          "try it until the next reset of the device",
          commands: ["setpci -s \(function.address) CAP_EXP+8.w=10:10"],
          risk: "the driver may keep it off for a reason"),
      ])
  }

  /// Root ports below which the kernel clears the bit.
  private static func isListed(_ root: PCIFunction) -> Bool {
    switch (root.identity.vendorID, root.identity.deviceID) {
    case (0x8086, let device?):
      (0x2f01...0x2f0e).contains(device) || (0x6f01...0x6f0e).contains(device)
    case (0x1022, let device?): (0x1a00...0x1a02).contains(device)
    default: false
    }
  }
}
