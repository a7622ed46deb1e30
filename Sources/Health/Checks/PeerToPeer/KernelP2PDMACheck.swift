internal import Inventory

/// Whether this kernel can let amdgpu cards reach each other.
enum KernelP2PDMACheck: Check {
  static let info = CheckInfo(
    id: "kernel-p2pdma",
    title: "Kernel support for peer-to-peer DMA",
    area: .peerToPeer,
    harm: .largeLoss,
    why: """
      Two AMD cards reach each other's memory over PCIe only when amdgpu was built for it \
      (CONFIG_HSA_AMD_P2P, which needs CONFIG_PCI_P2PDMA and CONFIG_DMABUF_MOVE_NOTIFY) and its \
      parameter pcie_p2p is on. Several distributions leave these options out: Debian's kernels \
      up to 6.12 do not have it. Everything between the cards then goes through host memory.
      """,
    reads: [
      "machine.kernel.amdgpuPeerAccess (/sys/module/amdgpu/parameters/pcie_p2p)",
      "machine.kernel.options (/boot/config-*)", "gpus[].driver", "gpus[].memoryTotalBytes",
    ],
    verdicts: [
      .pass: "the parameter exists and is on",
      .warn: "an option is missing, or the parameter is off",
      .unknown: "neither the parameter nor the kernel's configuration could be read",
      .notApplicable: "fewer than two cards driven by amdgpu",
    ],
    fix: "a kernel with these options, or AMD's DKMS driver; remove amdgpu.pcie_p2p=0.",
    risk: "A kernel or module of your own has to be kept up to date.",
    sources: [
      "kernel: drivers/gpu/drm/amd/amdkfd/Kconfig, HSA_AMD_P2P",
      "kernel: amdgpu_device.c, amdgpu_device_is_peer_accessible",
    ],
    needs: [.machine, .pci, .pciDetail, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    let unseen = PeerCards.unseen(box, ["GPU"])
    if !unseen.isEmpty { return [unknown("GPUs unknown", evidence: unseen)] }
    let driven = box.inventory.gpus.filter { $0.driver == "amdgpu" }
    let candidates = driven.filter { PeerCards.isCard($0) != false }
    if candidates.count < 2 {
      let unread = PeerCards.withUnknownDriver(box, [.amd])
      if candidates.count + unread.count >= 2 {
        return [unknown("GPU drivers unknown", evidence: unread)]
      }
      return [notApplicable("fewer than two cards driven by amdgpu")]
    }
    let kernel = box.inventory.machine.kernel
    let path = "/sys/module/amdgpu/parameters/pcie_p2p"
    let fact = "machine.kernel.amdgpuPeerAccess"
    switch kernel.amdgpuPeerAccess {
    case .on?:
      let cards = candidates.flatMap { gpu in
        [
          Evidence(
            "gpus[\(gpu.address)].driver", "amdgpu",
            path: "/sys/bus/pci/devices/\(gpu.address)/driver"), memory(gpu),
        ]
      }
      // A card whose driver is missing would leave the list without a trace.
      let lost = box.inventory.gpus.filter { $0.vendor == .amd && $0.driver == nil }
      let unknown = lost.map { gpu in
        Evidence(
          missing: "gpus[\(gpu.address)].driver", key: "driver", in: gpu.unknown,
          path: "/sys/bus/pci/devices/\(gpu.address)/driver")
      }
      return [
        pass(
          "amdgpu may use peer access",
          evidence: [Evidence(fact, "on", path: path)] + cards + unknown)
      ]
    case .off?:
      return [
        warning("amdgpu.pcie_p2p is off", [Evidence(fact, "off", path: path)], parameter: true)
      ]
    case .missing?:
      return [
        warning(
          "amdgpu built without CONFIG_HSA_AMD_P2P",
          [Evidence(fact, "amdgpu has no such parameter", path: path)])
      ]
    case nil: return [byOptions(box, path)]
    }
  }

  private static func byOptions(_ box: Box, _ path: String) -> Finding {
    let machine = box.inventory.machine
    let missing = Evidence(
      missing: "machine.kernel.amdgpuPeerAccess", key: "kernel.amdgpuPeerAccess",
      in: machine.unknown, path: path)
    let config = "/boot/config-\(machine.kernel.release ?? "RELEASE")"
    guard let options = machine.kernel.options else {
      return unknown(
        "kernel options unknown",
        evidence: [
          missing,
          Evidence(
            missing: "machine.kernel.options", key: "kernel.options", in: machine.unknown,
            path: config),
        ])
    }
    for name in ["CONFIG_PCI_P2PDMA", "CONFIG_HSA_AMD_P2P"] {
      let value = options[name] ?? "not there"
      if value == "y" || value == "m" { continue }
      return warning(
        "kernel built without \(name)", [Evidence("machine.kernel.options", value, path: config)])
    }
    return unknown("built in; whether it is on is unknown", evidence: [missing])
  }

  private static func memory(_ gpu: GPU) -> Evidence {
    let fact = "gpus[\(gpu.address)].memoryTotalBytes"
    let path = "/sys/bus/pci/devices/\(gpu.address)/mem_info_vram_total"
    if let bytes = gpu.memoryTotalBytes { return Evidence(fact, "\(bytes) B", path: path) }
    return Evidence(missing: fact, key: "memoryTotalBytes", in: gpu.unknown, path: path)
  }

  private static func warning(
    _ summary: String, _ evidence: [Evidence], parameter: Bool = false
  ) -> Finding {
    warn(
      summary, evidence: evidence,
      consequence: "cards copy through host memory: each byte crosses PCIe twice",
      advice: [
        parameter
          ? Advice(
            "remove amdgpu.pcie_p2p=0 from the command line and from /etc/modprobe.d",
            needsReboot: true)
          : Advice(
            "boot a kernel with CONFIG_PCI_P2PDMA, CONFIG_DMABUF_MOVE_NOTIFY and "
              + "CONFIG_HSA_AMD_P2P, or install AMD's DKMS driver",
            risk: "a kernel or module of your own to keep up to date", needsReboot: true)
      ])
  }
}
