internal import Inventory

/// Whether a GPU may draw what it was made for, or what the box was set up for.
enum GPUPowerCapCheck: Check {
  static let info = CheckInfo(
    id: "gpu-power-cap",
    title: "Power cap of the GPUs",
    area: .gpu,
    harm: .largeLoss,
    why: """
      A power cap lowers the clocks under load. A cap that was set for a weak circuit or against \
      noise is easily forgotten; or a cap that is wanted is lost at the next boot, because no driver \
      keeps it. Measurements of two caps cannot be compared.
      """,
    reads: [
      "gpus[ADDRESS].powerCap (hwmon power1_cap, power1_cap_default; NVML)",
      "the profile's powerCapWatts",
    ],
    verdicts: [
      .pass: "the card's default or more, or the cap the profile declares",
      .warn: "below the default without a profile that says so, or not what the profile says",
      .notApplicable: "the card has no cap to set",
      .unknown: "cap or default could not be read",
    ],
    fix: "Write the cap in µW to power1_cap of the card's hwmon folder, or nvidia-smi -pl WATTS.",
    risk: "More power and heat than the circuit or the case was planned for.",
    sources: [
      "tinygrad: docs/tinybox.md: 150 W a GPU fits one 120 V 15 A circuit",
      "kernel: Documentation/gpu/amdgpu/thermal.rst, power1_cap",
    ],
    needs: [.pci, .gpus])

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    guard let cap = gpu.powerCap else {
      return absent(box, gpu, "powerCap", "power cap", file: "hwmon/hwmon*/power1_cap")
    }
    var evidence = [
      evidence(
        gpu, "powerCap.watts", watts(cap.watts), file: "hwmon/hwmon*/power1_cap")
    ]
    let declares = box.profile?.gpus?.contains { $0.powerCapWatts != nil } ?? false
    switch box.expectation(gpu) {
    case .unknown(let missing) where declares:
      return unknown("which kind it is is not known", subject, evidence: evidence + [missing])
    case .kind(let kind, let proof):
      guard let wanted = kind.powerCapWatts else { break }
      evidence.append(proof)
      if abs(cap.watts - wanted) <= 1 { return pass(watts(cap.watts), subject, evidence: evidence) }
      return warn(
        "\(watts(cap.watts)), the profile says \(watts(wanted))", subject, evidence: evidence,
        consequence: cap.watts > wanted
          ? "draws up to \(watts(cap.watts - wanted)) more than planned"
          : "\(Text.percent(cap.watts, of: wanted)) of the planned power",
        advice: set(gpu, wanted))
    case .none, .unknown: break
    }
    guard let normal = cap.defaultWatts, normal > 0 else {
      return unknown(
        "\(watts(cap.watts)); default not known", subject,
        evidence: evidence + [
          missing(gpu, "powerCap.defaultWatts", file: "hwmon/hwmon*/power1_cap_default")
        ])
    }
    evidence.append(
      Self.evidence(
        gpu, "powerCap.defaultWatts", watts(normal), file: "hwmon/hwmon*/power1_cap_default"))
    if cap.watts >= normal - 1 { return pass(watts(cap.watts), subject, evidence: evidence) }
    return warn(
      "\(watts(cap.watts)) of \(watts(normal))", subject, evidence: evidence,
      consequence: "\(Text.percent(cap.watts, of: normal)) of the power it was made for; under "
        + "load its clocks fall",
      advice: set(gpu, normal) + [
        Advice("if the cap is wanted, declare it in the profile: powerCapWatts")
      ])
  }

  private static func set(_ gpu: GPU, _ wanted: Double) -> [Advice] {
    let folder = "/sys/bus/pci/devices/\(gpu.address)/hwmon/hwmon*/power1_cap"
    let command =
      gpu.vendor == .nvidia
      ? "nvidia-smi -i \(gpu.address) -pl \(Text.tenths(wanted.rounded()))"
      : "echo \(Text.tenths((wanted * 1e6).rounded())) | tee \(folder)"
    return [
      Advice(
        "set the cap, until the next boot or reload of the driver", commands: [command],
        risk: "more power and heat than circuit or case may be planned for")
    ]
  }

  private static func watts(_ value: Double) -> String { "\(Text.tenths(value)) W" }
}
