internal import Inventory

/// Whether the host and other devices see all of a GPU's memory.
enum BarSizeCheck: Check {
  static let info = CheckInfo(
    id: "bar-size",
    title: "Resizable BAR against video memory",
    area: .pcie,
    harm: .largeLoss,
    why: """
      A GPU shows its memory to the rest of the machine through a window, its BAR. By default the \
      window is 256 MiB. Only when it is as large as the memory can other GPUs, NICs and drives \
      reach all of it, and the drivers offer peer-to-peer access at all.

      The resizable BAR capability of a card is not enough: what counts is the size that is set, \
      compared with the memory behind it.
      """,
    reads: [
      "gpus[].memoryTotalBytes (mem_info_vram_total, NVML)",
      "gpus[].memoryVisibleBytes (mem_info_vis_vram_total)",
      "gpus[].memoryBarBytes, pci[].bars (/sys/bus/pci/devices/ADDRESS/resource)",
      "gpus[].driver, gpus[].name, gpus[].peerAnswers, machine.virtualization",
      "pci[].bars[].possibleSizesBytes (resourceN_resize)",
    ],
    verdicts: [
      .pass: "the BAR covers the memory",
      .warn: "it does not, on a machine with one GPU",
      .fail: "it does not, on a machine with several GPUs",
      .unknown: "the memory's or the window's size is not known",
      .notApplicable: """
      no GPU, or one without memory of its own; NVIDIA's cards for data centres and workstations, \
      whose driver needs no large window; cards that NVLink or XGMI joins; a guest, whose \
      hypervisor decides
      """,
    ],
    fix: """
      Where the card itself offers no larger window: newer firmware from its maker. Else in the \
      BIOS: "Above 4G Decoding" on, "Re-Size BAR Support" on, "CSM" off. Boot in UEFI mode. Some \
      boards also need "MMIO High Size" large enough for all cards together.
      """,
    risk: """
      Old option ROMs and legacy boot stop working with CSM off. A board that runs out of address \
      space leaves devices without addresses: check again afterwards.
      """,
    sources: [
      "kernel: drivers/gpu/drm/amd/amdgpu/amdgpu_device.c (large BAR: visible = total memory)",
      "kernel: Documentation/ABI/testing/sysfs-bus-pci (resourceN_resize)",
      "PCI Express Base Specification, Resizable BAR Extended Capability",
      "NVIDIA/open-gpu-kernel-modules: p2p_caps.c (mailbox access where BAR1 is small)",
    ],
    needs: [.pci, .pciDetail, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    if box.inventory.gpus.isEmpty { return [none(box, collector: "GPU", "GPU")] }
    return box.inventory.gpus.map { finding($0, box) }
  }

  private static func finding(_ gpu: GPU, _ box: Box) -> Finding {
    let subject = box.subject(gpu.address)
    let base = "/sys/bus/pci/devices/\(gpu.address)"
    let fact = "gpus[\(gpu.address)]"
    guard let total = gpu.memoryTotalBytes, total > 0 else {
      if gpu.cardClass == .builtIn {
        return notApplicable("built-in graphics use the system's memory", subject)
      }
      return unknown(
        "size of its memory not known", subject,
        evidence: [
          Evidence(
            missing: "\(fact).memoryTotalBytes", key: "memoryTotalBytes", in: gpu.unknown,
            path: base)
        ])
    }
    var evidence = [
      Evidence("\(fact).memoryTotalBytes", Text.capacity(total), path: base)
    ]
    guard let isLarge = gpu.largeBar else {
      return unknown(
        "size of its window not known", subject,
        evidence: evidence + [
          Evidence(
            missing: "\(fact).largeBar", key: "memoryBarBytes", in: gpu.unknown,
            path: base + "/resource")
        ])
    }
    // The inventory decides between the two: the driver's figure comes before the BAR's.
    let seen = gpu.memoryVisibleBytes.map(UInt64.init(clamping:)) ?? gpu.memoryBarBytes
    let file = gpu.memoryVisibleBytes != nil ? "mem_info_vis_vram_total" : "resource"
    evidence.append(
      Evidence(
        "\(fact).largeBar",
        (isLarge ? "yes" : "no") + (seen.map { ": \(Text.capacity($0)) visible" } ?? ""),
        path: "\(base)/\(file)"))
    if isLarge { return pass("all memory is visible", subject, evidence: evidence) }
    let part = seen.map { " (\(Text.capacity($0)) of \(Text.capacity(total)))" } ?? ""
    let summary = "only part of its memory is visible\(part)"
    if gpu.driver == "nvidia" {
      guard let isGeForce = gpu.isGeForce else {
        return unknown(
          "\(summary); whether it has to be is not known", subject,
          evidence: evidence + [
            gpu.name.map { Evidence("\(fact).name", $0, path: base) }
              ?? Evidence(missing: "\(fact).name", key: "name", in: gpu.unknown, path: base)
          ])
      }
      if !isGeForce {
        return notApplicable(
          "NVIDIA's driver needs no large BAR for this card\(part)", subject, evidence: evidence)
      }
    }
    if PeerCards.isLinkedToAll(gpu, box) {
      return notApplicable(
        "its peers are reached over a link of their own, not through the BAR\(part)", subject,
        evidence: evidence)
    }
    let owner = gpu.windowOwner(box.function(gpu.address), box.inventory.machine)
    if owner == .hypervisor {
      return notApplicable(
        "\(summary): the hypervisor decides that", subject, evidence: evidence)
    }
    let consequence =
      "no peer-to-peer access to this GPU, and slower copies from and to the CPU"
    let advice = advice(gpu, total, owner, box)
    return box.inventory.gpus.count > 1
      ? fail(summary, subject, evidence: evidence, consequence: consequence, advice: advice)
      : warn(summary, subject, evidence: evidence, consequence: consequence, advice: advice)
  }

  private static func advice(
    _ gpu: GPU, _ total: Int, _ owner: GPU.WindowOwner, _ box: Box
  ) -> [Advice] {
    if owner == .card {
      return [
        Advice(
          "the card's own firmware offers no larger window: look for one with Resizable BAR at the "
            + "card's maker; no setting of the board helps before",
          risk: "a firmware update that fails leaves a card that does not start", needsReboot: true)
      ]
    }
    var advice = [
      Advice(
        "BIOS: Above 4G Decoding = Enabled, Re-Size BAR Support = Enabled, CSM = Disabled",
        risk: "legacy boot stops working; check afterwards that every BAR has an address",
        needsReboot: true)
    ]
    let bar = box.function(gpu.address)?.bars.first { bar in
      bar.possibleSizesBytes?.contains { $0 >= UInt64(clamping: total) } == true
    }
    let bits = bar?.possibleSizesBytes?.first { $0 >= UInt64(clamping: total) }
      .map { $0.trailingZeroBitCount - 20 }
    if let bar, let bits, bits >= 0, let driver = gpu.driver {
      let device = "/sys/bus/pci/devices/\(gpu.address)"
      advice.append(
        Advice(
          "try until the next boot, with nothing using the GPU; it may fail for lack of space",
          commands: [
            "echo \(gpu.address) > \(device)/driver/unbind",
            "echo \(bits) > \(device)/resource\(bar.index)_resize",
            "echo \(gpu.address) > /sys/bus/pci/drivers/\(driver)/bind",
          ],
          risk: "programs that use the GPU end"))
    }
    return advice
  }
}
