internal import Inventory

/// Whether packets had to be sent again on a GPU's link.
enum GPUReplaysCheck: Check {
  static let info = CheckInfo(
    id: "gpu-replays",
    title: "PCIe replays of the GPUs",
    area: .gpu,
    harm: .smallLoss,
    why: """
      A packet that arrives damaged is sent again. That costs little until it happens often, and \
      it is the first sign of a bad riser, a dirty contact or a cable that is too long. On a \
      good link there are none.
      """,
    reads: [
      "gpus[ADDRESS].pcieReplays (pcie_replay_count, NVML)", "samples, with --live",
    ],
    verdicts: [
      .pass: "none since the driver was loaded",
      .warn: "some; with samples also how many a minute",
      .notApplicable: "the driver keeps no count",
      .unknown: "the count could not be read",
    ],
    fix: "Reseat card and riser; another riser or slot; as a last resort a lower link speed.",
    risk: "Those of opening the machine.",
    sources: [
      "kernel: Documentation/gpu/amdgpu/driver-misc.rst, pcie_replay_count: NAKs sent and received",
      "NVML: nvmlDeviceGetPcieReplayCounter",
    ],
    needs: [.pci, .gpus], usesSamples: true)

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    guard let replays = gpu.pcieReplays else {
      return absent(box, gpu, "pcieReplays", "replay count", file: "pcie_replay_count")
    }
    let evidence = [evidence(gpu, "pcieReplays", "\(replays)", file: "pcie_replay_count")]
    let sample = box.samples?.gpus.first { $0.address == gpu.address }?.replays
    if replays == 0, (sample ?? 0) == 0 { return pass("none", subject, evidence: evidence) }
    var consequence = "each costs a round trip of the link; many are a link that is failing"
    if let sample, let seconds = box.samples?.seconds, seconds > 0 {
      let rate = Text.tenths(Double(sample) / seconds * 60)
      consequence =
        sample == 0
        ? "none in the last \(Text.tenths(seconds)) s"
        : "\(rate) a minute now; " + consequence
    }
    return warn(
      "\(Text.count(replays, "replay")) since the driver was loaded", subject,
      evidence: evidence, consequence: consequence,
      advice: [
        Advice(
          "reseat card and riser, try another riser or slot, and see whether the count grows",
          risk: "those of opening the machine"),
        Advice(
          "if it cannot be mended: BIOS, the slot's link speed one generation lower",
          risk: "half the bandwidth", needsReboot: true),
      ])
  }
}
