internal import Inventory

/// Whether each GPU has the video memory its kind has.
enum GPUMemorySizeCheck: Check {
  static let info = CheckInfo(
    id: "gpu-memory-size",
    title: "Video memory of the GPUs",
    area: .gpu,
    harm: .largeLoss,
    why: """
      A card that has switched off a bad memory chip, or that was replaced by a smaller model, \
      shows less memory than its kind has. A model that is split evenly then does not fit.
      """,
    reads: ["gpus[ADDRESS].memoryTotalBytes (mem_info_vram_total, NVML)", "the profile's gpus"],
    verdicts: [
      .pass: "what the profile says, less up to 7 % that driver and ECC keep",
      .fail: "less",
      .notApplicable: "no profile says how much",
      .unknown: "the driver could not be asked",
    ],
    fix: "Swap the card with another to find out whether card or slot is at fault; then return it.",
    risk: "Those of opening the machine.",
    sources: [
      "kernel: Documentation/gpu/amdgpu/driver-misc.rst, mem_info_vram_total",
      "NVML: nvmlDeviceGetMemoryInfo; ECC on GDDR6 takes a sixteenth",
    ],
    needs: [.pci, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    guard box.profile?.gpus?.contains(where: { $0.memoryBytes != nil }) == true else {
      return [notApplicable("no profile says how much")]
    }
    return eachGPU(box) { judge(box, $0) }
  }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    let wanted: Int
    let proof: Evidence
    switch box.expectation(gpu) {
    case .unknown(let missing):
      return unknown("which kind it is is not known", subject, evidence: [missing])
    case .kind(let kind, let evidence):
      guard let bytes = kind.memoryBytes else {
        return notApplicable("the profile does not say how much", subject)
      }
      (wanted, proof) = (bytes, evidence)
    case .none: return notApplicable("not in the profile", subject)
    }
    guard let total = gpu.memoryTotalBytes else {
      return unknown(
        "video memory not known", subject,
        evidence: [missing(gpu, "memoryTotalBytes", file: "mem_info_vram_total")])
    }
    let evidence = [
      proof,
      evidence(gpu, "memoryTotalBytes", Text.capacity(total), file: "mem_info_vram_total"),
    ]
    if Double(total) >= Double(wanted) * 0.93 {
      return pass(Text.capacity(total), subject, evidence: evidence)
    }
    return fail(
      "\(Text.capacity(total)), expected \(Text.capacity(wanted))", subject,
      evidence: evidence,
      consequence: "\(Text.capacity(Double(wanted) - Double(total))) less for models",
      advice: [
        Advice(
          "swap it with another card: if the missing memory moves with the card, the card is at fault",
          risk: "those of opening the machine")
      ])
  }
}
