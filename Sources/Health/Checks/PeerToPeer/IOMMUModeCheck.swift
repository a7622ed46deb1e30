internal import Base
internal import Inventory
internal import PeerToPeer

/// Whether the IOMMU's mode suits what drives the GPUs, and the number of CPUs.
enum IOMMUModeCheck: Check {
  static let info = CheckInfo(
    id: "iommu-mode",
    title: "IOMMU mode",
    area: .peerToPeer,
    harm: .largeLoss,
    why: """
      An IOMMU translates the addresses devices use. Drivers that let the kernel map their memory \
      work with it. Drivers that program raw addresses do not: NVIDIA's open modules patched for \
      peer access between GeForce cards, and tinygrad's own drivers, which take a GPU from its \
      kernel driver. Passthrough (identity) keeps interrupt remapping and translates nothing. \
      Without any IOMMU there is no interrupt remapping: CPUs beyond APIC id 255 stay unused.
      """,
    reads: [
      "machine.iommu.mode (/sys/kernel/iommu_groups/*/type)", "gpus[].driver", "gpus[].name",
      "gpus[].peerAnswers", "gpus[].memoryTotalBytes",
      "pci[].iommuGroupType", "processors.present",
    ],
    verdicts: [
      .pass: "off or passthrough, or translated where every driver maps through the kernel",
      .warn: """
      DMA is translated for a GPU whose driver programs raw addresses, unless NVLink is its way to \
      every other; or for several AMD cards, whose RCCL hangs
      """,
      .fail: "off on an x86 machine, not a guest, with 256 or more logical CPUs",
      .unknown: "mode, driver or number of CPUs unknown",
    ],
    fix: "kernel argument iommu=pt, with the IOMMU enabled in the BIOS.",
    risk: "In passthrough a device reaches all memory: no protection against a faulty one.",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-kernel-iommu_groups: type is what counts",
      "ROCm, MI300X system optimization: enabled, with iommu=pt",
      "ROCm/rccl, src/init.cc: missing iommu=pt can lead to instability or a hang",
      "NVIDIA GPUDirect Storage documentation: off works best, pt acceptable on some systems "
        + "(disagrees)",
      "rtx6kpro collapse report: on hides a collapse of writes and costs about 15 % (disagrees)",
      "tinygrad/open-gpu-kernel-modules, issues: patched peer access wants it off or pt",
    ],
    needs: [.machine, .processors, .pci, .pciDetail, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    let iommu = box.inventory.machine.iommu
    let path = "/sys/kernel/iommu_groups/*/type"
    guard let mode = iommu.mode else {
      return [
        unknown(
          "mode unknown",
          evidence: [
            Evidence(
              missing: "machine.iommu.mode", key: "iommu.mode", in: box.inventory.machine.unknown,
              path: path)
          ])
      ]
    }
    let evidence = [Evidence("machine.iommu.mode", mode.rawValue, path: path)]
    switch mode {
    case .off: return [off(box, evidence)]
    case .passthrough: return [pass("passthrough", evidence: evidence)]
    case .translated, .mixed: return translated(box, evidence)
    }
  }

  private static func off(_ box: Box, _ evidence: [Evidence]) -> Finding {
    let path = "/sys/devices/system/cpu/present"
    guard let present = box.inventory.processors.present else {
      return unknown(
        "off, and the number of CPUs is unknown",
        evidence: evidence + [
          Evidence(
            missing: "processors.present", key: "present", in: box.inventory.processors.unknown,
            path: path)
        ])
    }
    let all =
      evidence + [Evidence("processors.present", "\(present.count) logical CPUs", path: path)]
    if present.count < 256 { return pass("off", evidence: all) }
    // A guest's interrupts are the hypervisor's (KVM_FEATURE_MSI_EXT_DEST_ID gives 32,768 ids).
    if box.isVirtual { return notApplicable("off; a guest: decided by its host", evidence: all) }
    let processors = box.inventory.processors
    guard let isX86 = processors.isX86 else {
      return unknown(
        "off with \(present.count) logical CPUs of an unknown kind",
        evidence: all + [
          Evidence(
            missing: "processors.vendor", key: "vendor", in: processors.unknown,
            path: "/proc/cpuinfo")
        ])
    }
    if !isX86 { return pass("off", evidence: all) }
    return fail(
      "off with \(present.count) logical CPUs", evidence: all,
      consequence: "no interrupt remapping: CPUs beyond APIC id 255 take no interrupts or stay off",
      advice: [
        Advice(
          processors.isAMD == true
            ? "BIOS: \"IOMMU\" enabled (AMD CBS, NBIO); kernel argument iommu=pt"
            : "BIOS: \"Intel VT-d\" enabled; kernel arguments intel_iommu=on iommu=pt",
          risk: "none known beside translation, which iommu=pt leaves off", needsReboot: true)
      ])
  }

  private static func translated(_ box: Box, _ evidence: [Evidence]) -> [Finding] {
    let gpus = box.inventory.gpus
    let unseen = PeerCards.unseen(box, ["GPU"])
    if !unseen.isEmpty {
      return [unknown("translated, and the GPUs are unknown", evidence: evidence + unseen)]
    }
    // One GPU has no peer: translation costs it little.
    if gpus.count < 2 {
      let report = box.inventory.collectors.first { $0.name == "GPU" }
      let count = Evidence(
        gpus.isEmpty ? "collectors" : "gpus", "\(gpus.count) GPUs",
        path: report?.note ?? "/sys/bus/pci/devices")
      return [pass("translated; no GPU has a peer", evidence: evidence + [count])]
    }
    var findings: [Finding] = []
    var proof = evidence
    var areLinked = false
    for gpu in gpus {
      let driver = "gpus[\(gpu.address)].driver"
      let link = "/sys/bus/pci/devices/\(gpu.address)/driver"
      let function = box.function(gpu.address)
      if box.inventory.machine.iommu.mode == .mixed {
        let group = group(gpu.address, function)
        guard let type = function?.iommuGroupType else {
          findings.append(
            unknown("IOMMU group unknown", box.subject(gpu.address), evidence: [group]))
          continue
        }
        proof.append(group)
        if type == "identity" { continue }
      }
      guard let name = gpu.driver else {
        let noted = (gpu.unknown + (function?.unknown ?? [])).first { $0.fact == "driver" }
        if let noted {
          findings.append(
            unknown(
              "driver unknown", box.subject(gpu.address),
              evidence: [Evidence(missing: driver, path: noted.path, reason: noted.reason)]))
        } else {
          findings.append(raw(gpu, box, evidence, isGeForce: false))
        }
        continue
      }
      proof.append(Evidence(driver, name, path: link))
      guard name == "nvidia" else { continue }
      guard let model = gpu.name else {
        findings.append(
          unknown(
            "model unknown: GeForce or not", box.subject(gpu.address),
            evidence: [
              Evidence(
                missing: "gpus[\(gpu.address)].name", key: "name", in: gpu.unknown, path: link)
            ]))
        continue
      }
      proof.append(Evidence("gpus[\(gpu.address)].name", model, path: link))
      if PeerCards.isLinkedToAll(gpu, box) {
        // Traffic over NVLink passes no IOMMU.
        areLinked = true
        proof += box.peers.evidence([.answers(gpu.address)])
      } else if gpu.isGeForce == true {
        findings.append(raw(gpu, box, evidence, isGeForce: true))
      }
    }
    findings += radeons(box, evidence)
    if !findings.isEmpty { return findings }
    let summary =
      areLinked
      ? "translated; GPUs reach each other over links of their own"
      : "translated; every GPU driver maps through the kernel"
    return [pass(summary, evidence: proof)]
  }

  /// Several AMD cards that compute together: RCCL wants no translation, whatever KFD allows.
  private static func radeons(_ box: Box, _ evidence: [Evidence]) -> [Finding] {
    let cards = box.inventory.gpus.filter { gpu in
      gpu.driver == "amdgpu" && PeerCards.isCard(gpu) != false && gpu.cardClass != .builtIn
        && isTranslated(gpu, box)
    }
    guard cards.count > 1, !box.isVirtual else { return [] }
    return cards.map { gpu in
      warn(
        "translated: RCCL may hang", box.subject(gpu.address),
        evidence: evidence + [
          group(gpu.address, box.function(gpu.address)),
          Evidence(
            "gpus[\(gpu.address)].driver", "amdgpu",
            path: "/sys/bus/pci/devices/\(gpu.address)/driver"),
        ],
        consequence: "programs on \(cards.count) AMD cards hang or become unstable: RCCL prints "
          + "that iommu=pt is missing",
        advice: [
          Advice(
            "kernel argument iommu=pt: translates nothing, keeps interrupt remapping",
            risk: "a device then reaches all memory", needsReboot: true)
        ])
    }
  }

  /// Whether the DMA of a GPU is translated: by its own group, else by what holds for all.
  private static func isTranslated(_ gpu: GPU, _ box: Box) -> Bool {
    box.function(gpu.address)?.iommuGroupType.map { $0 != "identity" }
      ?? (box.inventory.machine.iommu.mode == .translated)
  }

  private static func group(_ address: PCIAddress, _ function: PCIFunction?) -> Evidence {
    let fact = "pci[\(address)].iommuGroupType"
    let path = "/sys/bus/pci/devices/\(address)/iommu_group/type"
    if let type = function?.iommuGroupType { return Evidence(fact, type, path: path) }
    return Evidence(
      missing: fact, key: "iommuGroupType", in: function?.unknown ?? [], path: path)
  }

  private static func raw(
    _ gpu: GPU, _ box: Box, _ evidence: [Evidence], isGeForce: Bool
  ) -> Finding {
    return warn(
      isGeForce ? "translated: patched peer access fails" : "translated: user-space drivers fail",
      box.subject(gpu.address),
      evidence: evidence + [group(gpu.address, box.function(gpu.address))],
      consequence: isGeForce
        ? "GeForce peer access needs patched modules, which program raw addresses: with translated "
          + "DMA they read and write the wrong memory or nothing"
        : "no kernel driver is bound: a driver in user space (tinygrad) programs raw addresses, "
          + "and translated DMA keeps it from working",
      advice: [
        Advice(
          "kernel argument iommu=pt: translates nothing, keeps interrupt remapping",
          risk: "a device then reaches all memory", needsReboot: true),
        Advice(
          "or BIOS: \"IOMMU\" disabled, as NVIDIA's guide prefers; measure both ways",
          risk: "no interrupt remapping: not with 256 or more logical CPUs", needsReboot: true,
          audience: .consumerGPU),
      ])
  }
}
