internal import Inventory

/// Whether the memory of a GPU makes errors.
enum GPUECCCheck: Check {
  static let info = CheckInfo(
    id: "gpu-ecc",
    title: "Memory errors of the GPUs",
    area: .gpu,
    harm: .dataAtRisk,
    why: """
      ECC corrects one wrong bit and detects two. A corrected error costs nothing and warns of \
      memory that is failing; one that could not be corrected ends the job, or spoils its result. \
      Consumer cards have no ECC, or keep no count: then no count is shown instead of 0.
      """,
    reads: ["gpus[ADDRESS].ecc (ras/*_err_count of amdgpu, NVML)"],
    verdicts: [
      .pass: "no error since the driver was loaded",
      .warn: "corrected errors, or uncorrected ones in the card's past",
      .fail: "uncorrected errors since the driver was loaded",
      .notApplicable: "the card has no ECC, it is off, or the driver keeps no count",
      .unknown: "the counts could not be read",
    ],
    fix: "Watch the rate; return a card whose count grows, or that had uncorrected errors.",
    risk: "A reset of the card ends its jobs.",
    sources: [
      "kernel: Documentation/gpu/amdgpu/ras.rst, error count",
      "NVML: nvmlDeviceGetTotalEccErrors: volatile since the driver was loaded, aggregate for life",
    ],
    needs: [.pci, .gpus], concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    guard let ecc = gpu.ecc, !ecc.isEmpty else {
      return absent(box, gpu, "ecc", "ECC counts", file: "ras")
    }
    let told = ecc.sorted { $0.key < $1.key }.map { block in
      let corrected = block.value.corrected.map(String.init) ?? "?"
      let uncorrected = block.value.uncorrected.map(String.init) ?? "?"
      return "\(block.key): \(corrected) corrected, \(uncorrected) not"
    }
    let evidence = [evidence(gpu, "ecc", told.joined(separator: "; "), file: "ras")]
    // NVML's count for life stands still over boots and cannot be cleared.
    let now = ecc.filter { $0.key != "aggregate" }.values
    let uncorrected = CheckedNumbers.sum(now.compactMap(\.uncorrected))
    let corrected = CheckedNumbers.sum(now.compactMap(\.corrected))
    if uncorrected > 0 {
      return fail(
        Text.count(uncorrected, "error") + " not corrected", subject, evidence: evidence,
        consequence: "results of jobs since the driver was loaded may be wrong",
        advice: [
          Advice(
            "stop its jobs, see which block it is, reset the card; return it if errors come back",
            commands: ["dmesg | grep -E 'Xid|RAS|ECC'"], risk: "a reset ends the card's jobs")
        ])
    }
    if corrected > 0 {
      return warn(
        Text.count(corrected, "corrected error"), subject, evidence: evidence,
        consequence: "none yet: each was corrected",
        advice: [Advice("watch whether the count grows; if it does, have the card replaced")])
    }
    if let past = ecc["aggregate"]?.uncorrected, past > 0 {
      return warn(
        Text.count(past, "error") + " not corrected in its past", subject, evidence: evidence,
        consequence: "none since the driver was loaded",
        advice: [
          Advice("see which memory it has retired", commands: ["nvidia-smi -q -d ROW_REMAPPER"])
        ])
    }
    if ecc.values.contains(where: { $0.corrected == nil || $0.uncorrected == nil }) {
      return unknown(
        "some counts not known", subject,
        evidence: evidence + [missing(gpu, "ecc", file: "ras")])
    }
    return pass("no errors", subject, evidence: evidence)
  }
}
