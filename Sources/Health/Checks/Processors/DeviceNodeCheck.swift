internal import Inventory

/// Whether the kernel knows at which NUMA node each device sits, and whether that is a useful one.
enum DeviceNodeCheck: Check {
  static let info = CheckInfo(
    id: "device-node",
    title: "NUMA node of each device",
    area: .processors,
    harm: .smallLoss,
    why: """
      Memory and threads that serve a device belong on its node. Firmware that does not report the \
      node leaves the kernel guessing, and a node without memory or CPUs has nothing to place \
      there. An unknown node is never node 0. Memory on the far side of a box halved the copy \
      rate to one GPU of an owner's box (tinygrad #13263).
      """,
    reads: [
      "pci[ADDRESS].locality.numaNode (numa_node, of the device or a bridge above it)",
      "memory.nodes", "the profile's places",
    ],
    verdicts: [
      .pass: "the node is known, has CPUs and memory, and is the one the profile learned",
      .warn: "another node than the profile learned; a node without CPUs or without memory",
      .notApplicable: "one NUMA node; no such device; a guest",
      .unknown: "the node is unknown",
    ],
    fix: "A newer BIOS; memory modules in the channels of the node; another slot.",
    risk: """
      Writing numa_node in sysfs taints the kernel; tinybox never does.
      """,
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-bus-pci, numa_node: -1 is unknown, writing taints",
      "kernel: drivers/gpu/drm/amd/amdkfd/kfd_crat.c: amdgpu may set the node from the ACPI SRAT",
    ],
    needs: [.machine, .memory, .pci, .gpus, .nics, .nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    let nodes = box.inventory.memory.nodes
    if nodes.isEmpty {
      return skipInGuestOrControlDomain(
        box,
        [
          unknown(
            "NUMA nodes unknown",
            evidence: [
              Evidence(
                missing: "memory.nodes", key: "nodes", in: box.inventory.memory.unknown,
                path: "/sys/devices/system/node")
            ])
        ])
    }
    if nodes.count == 1 { return [notApplicable("one NUMA node")] }
    let devices = box.dataDevices
    if devices.isEmpty {
      return box.inventory.pci.isEmpty
        ? [none(box, collector: "PCI", "device")]
        : [notApplicable("no GPU, drive or network interface")]
    }
    return skipInGuestOrControlDomain(box, devices.map { judge(box, $0) })
  }

  private static func judge(_ box: Box, _ function: PCIFunction) -> Finding {
    let subject = box.subject(function.address)
    let fact = "pci[\(function.address)].locality.numaNode"
    let path = "/sys/bus/pci/devices/\(function.address)/numa_node"
    guard let id = function.locality.numaNode else {
      return unknown(
        "its node is unknown", subject,
        evidence: [
          Evidence(missing: fact, key: "locality", in: function.unknown, path: path)
        ],
        advice: [
          Advice(
            "update the BIOS; the board's block diagram shows to which processor the slot is connected",
            risk: "those of a BIOS update", needsReboot: true)
        ])
    }
    let told = function.locality.toldBy.map { "/sys/bus/pci/devices/\($0)/numa_node" }
    let own = Evidence(fact, "\(id)", path: told ?? path)
    let place = box.profile?.places?.first { $0.address == function.address }
    if let expected = place?.numaNode, expected != id, isSame(place, function) {
      return warn(
        "on node \(id), learned on node \(expected)", subject, evidence: [own],
        consequence: "placements made for node \(expected) reach it through another node",
        advice: [
          Advice(
            "if nodes per socket or the slot were changed on purpose, learn the profile anew; "
              + "otherwise look at the BIOS option NUMA nodes per socket (NPS)")
        ])
    }
    guard let node = box.inventory.memory.nodes.first(where: { $0.id == id }) else {
      return unknown(
        "its node \(id) is not among the nodes", subject,
        evidence: [
          own,
          Evidence(
            missing: "memory.nodes[\(id)]", key: "nodes", in: box.inventory.memory.unknown,
            path: "/sys/devices/system/node/node\(id)"),
        ])
    }
    let kindPath = "/sys/devices/system/node/node\(id)"
    guard let kind = node.kind else {
      return unknown(
        "what node \(id) has is not known", subject,
        evidence: [
          own,
          Evidence(
            missing: "memory.nodes[\(id)].kind", key: "totalBytes", in: node.unknown,
            path: kindPath),
        ])
    }
    let evidence = [own, Evidence("memory.nodes[\(id)].kind", kind.rawValue, path: kindPath)]
    switch kind {
    case .regular: return pass("node \(id)", subject, evidence: evidence)
    case .memoryless, .cpuless, .empty:
      let lacks = kind == .memoryless ? "memory" : kind == .cpuless ? "CPUs" : "CPUs and memory"
      let nearest = nearest(node, box).map { "; the nearest that has both is node \($0)" } ?? ""
      return warn(
        "its node \(id) has no \(lacks)", subject, evidence: evidence,
        consequence: "nothing can be placed beside it\(nearest)",
        advice: [
          kind == .cpuless
            ? Advice("place its threads on the nearest node; see whether CPUs are offline")
            : Advice(
              "put memory modules into the channels of this node, or BIOS: fewer NUMA nodes per "
                + "socket (NPS)",
              risk: "nodes change: stored placements are void", needsReboot: true)
        ])
    }
  }

  /// Whether the device at a place is of the kind that was learned there.
  private static func isSame(_ place: Profile.Place?, _ function: PCIFunction) -> Bool {
    guard let learned = place?.pciID, let id = function.identity.pciID else { return true }
    return learned == id
  }

  private static func nearest(_ node: NUMANode, _ box: Box) -> Int? {
    let regular = Set(box.inventory.memory.nodes.filter { $0.kind == .regular }.map(\.id))
    return node.distances.filter { regular.contains($0.node) }
      .min { ($0.value, $0.node) < ($1.value, $1.node) }?.node
  }
}

extension PCIIdentity {
  /// Vendor and device id as profiles write them, `1002:744c`.
  var pciID: String? {
    guard let vendorID, let deviceID else { return nil }
    func hex(_ id: UInt16) -> String {
      let text = String(id, radix: 16)
      return String(repeating: "0", count: 4 - text.count) + text
    }
    return hex(vendorID) + ":" + hex(deviceID)
  }
}
