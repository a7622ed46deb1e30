internal import Inventory

/// Whether a GPU runs below its clocks for a reason other than its load.
enum GPUThrottleCheck: Check {
  static let info = CheckInfo(
    id: "gpu-throttle",
    title: "Throttling of the GPUs",
    area: .gpu,
    harm: .largeLoss,
    why: """
      A GPU that is idle, or at its power cap under load, runs below its highest clock as it \
      should. One that throttles because of heat, or because a power supply asserts the power \
      brake signal, has a problem in cooling or power, and runs at half its clock or less.
      """,
    reads: ["gpus[ADDRESS].throttleReasons (NVML)", "samples under load, with --live"],
    verdicts: [
      .pass: "no reason but idle, power cap or settings",
      .warn: "software slows it for heat",
      .fail: "the hardware slows it: heat or the power brake",
      .notApplicable: "the driver reports no reasons (amdgpu)",
      .unknown: "NVML could not be asked",
    ],
    fix: "Air: filters, fans, gaps between cards. Power brake: cables and power supplies.",
    risk: "Those of opening the machine.",
    sources: ["NVML: nvmlClocksEventReasons"],
    needs: [.machine, .pci, .gpus], usesSamples: true)

  /// Reasons that are not the load's, with what each says. The worse ones come first.
  private static let bad: [(name: String, words: String, isHardware: Bool)] = [
    ("HwPowerBrakeSlowdown", "power brake", true),
    ("HwThermalSlowdown", "hardware slows it for heat", true),
    ("HwSlowdown", "hardware slows it", true),
    ("SwThermalSlowdown", "software slows it for heat", false),
  ]

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    let samples = box.samples?.gpus.first { $0.address == gpu.address }?.throttleReasons ?? [:]
    guard let reasons = gpu.throttleReasons else {
      return absent(box, gpu, "throttleReasons", "throttle reasons", file: "gpu_metrics")
    }
    var evidence = [
      evidence(
        gpu, "throttleReasons", reasons.isEmpty ? "none" : reasons.joined(separator: ", "),
        file: "gpu_metrics")
    ]
    if !samples.isEmpty {
      let seen = samples.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value)" }
      let looks = box.samples?.count ?? 0
      evidence.append(
        Evidence(
          "samples.gpus[\(gpu.address)].throttleReasons",
          seen.joined(separator: ", ") + " of \(looks) samples",
          path: path(gpu, "throttleReasons", file: "gpu_metrics")))
    }
    guard let worst = bad.first(where: { reasons.contains($0.name) || samples[$0.name] != nil })
    else { return pass("not throttled", subject, evidence: evidence) }
    let consequence =
      worst.isHardware ? "half its clock or less while it lasts" : "lower clocks while it lasts"
    // A laptop on its battery brakes by design.
    return worst.isHardware && !box.audiences.contains(.portable)
      ? fail(
        worst.words, subject, evidence: evidence, consequence: consequence,
        advice: advice(worst.name))
      : warn(
        worst.words, subject, evidence: evidence, consequence: consequence,
        advice: advice(worst.name))
  }

  private static func advice(_ reason: String) -> [Advice] {
    let text =
      reason == "HwPowerBrakeSlowdown"
      ? "check the power cables of the card, and whether a power supply has failed"
      : "check fans, filters and intake air; more space to the card beside it"
    return [
      Advice(
        text, commands: ["nvidia-smi -q -d PERFORMANCE,TEMPERATURE,POWER"],
        risk: "those of opening the machine")
    ]
  }
}
