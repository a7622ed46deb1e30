internal import Base
internal import Inventory

/// Whether a GPU in Multi-Instance mode has an instance that a program can use.
enum GPUMIGCheck: Check {
  static let info = CheckInfo(
    id: "gpu-mig",
    title: "Instances of GPUs in MIG mode",
    area: .gpu,
    harm: .largeLoss,
    why: """
      An NVIDIA data centre GPU in Multi-Instance mode computes through its instances only. With the \
      mode on and no compute instance, every program finds no device. Instances are \
      gone after a reset or a reboot, the mode is not: something has to make them again.
      """,
    reads: [
      "gpus[ADDRESS].mig (nvmlDeviceGetMigMode, instances by NVML, "
        + "/proc/driver/nvidia/capabilities/gpuN/mig)"
    ],
    verdicts: [
      .pass: "the mode is on and there are compute instances",
      .warn: "the mode is on without a compute instance, or changes with the next reset",
      .notApplicable: "no NVIDIA GPU, no such mode, or it is off",
      .unknown: "the mode could not be read",
    ],
    fix: "nvidia-smi mig -cgi PROFILE -C; or turn the mode off: nvidia-smi -mig 0.",
    risk: "Turning the mode off resets the GPU and ends what runs on it.",
    sources: ["NVIDIA Multi-Instance GPU User Guide: MIG mode and instances do not persist alike"],
    needs: [.pci, .gpus])

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    let fact = "gpus[\(gpu.address)].mig"
    let path = "libnvidia-ml.so.1, /proc/driver/nvidia/capabilities"
    if gpu.vendor != .nvidia { return notApplicable("no such mode", subject) }
    guard let mig = gpu.mig else {
      if let note = gpu.unknown.first(where: { $0.fact == "mig" }) {
        return unknown(
          "mode not known", subject,
          evidence: [Evidence(missing: fact, path: note.path, reason: note.reason)])
      }
      // The list of the kernel driver has instances alone: without NVML the mode is not known.
      if gpu.driver == "nvidia", gpu.isListedByNVML == nil, gpu.cardClass == .dataCentre {
        return unknown("mode not known", subject, evidence: [missing(gpu, "mig", file: "driver")])
      }
      return notApplicable("no such mode, or it is off", subject)
    }
    let evidence = [
      Evidence(
        fact, "\(mig.isEnabled == true ? "on" : "off"), \(Text.count(mig.usableCount, "instance"))",
        path: path)
    ]
    if let after = mig.isEnabledAfterReset, let now = mig.isEnabled, after != now {
      return warn(
        "MIG \(now ? "on" : "off") until the next reset", subject, evidence: evidence,
        consequence: "programs find another set of devices after it",
        advice: [
          Advice(
            "reset it when nothing runs on it, or set the mode back",
            commands: [
              "nvidia-smi --gpu-reset -i \(gpu.address)",
              "nvidia-smi -i \(gpu.address) -mig \(now ? 1 : 0)",
            ],
            risk: "a reset ends what runs on it")
        ])
    }
    guard mig.isEnabled == true else {
      return notApplicable("MIG is off", subject, evidence: evidence)
    }
    if mig.usableCount > 0 {
      return pass("MIG, \(Text.count(mig.usableCount, "instance"))", subject, evidence: evidence)
    }
    return warn(
      "MIG is on, without a compute instance", subject, evidence: evidence,
      consequence: "no program can compute on it",
      advice: [
        Advice(
          "make instances, or turn the mode off",
          commands: [
            "nvidia-smi mig -i \(gpu.address) -lgip",
            "nvidia-smi -i \(gpu.address) -mig 0",
          ],
          risk: "turning it off resets the GPU")
      ])
  }
}
