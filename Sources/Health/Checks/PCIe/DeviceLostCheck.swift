internal import Base
internal import Inventory

/// Whether a device fell off the bus.
enum DeviceLostCheck: Check {
  static let info = CheckInfo(
    id: "device-lost",
    title: "Devices that fell off the bus",
    area: .pcie,
    harm: .deviceLost,
    why: """
      A device that loses power or its link answers every read with all ones. The kernel still \
      shows the names it remembers, so the device seems to be there. Nothing sends an error: a \
      machine can run for weeks on seven of eight GPUs before anybody notices. Devices are recognised by \
      their PCI class, so one that no driver holds is looked at too. A GPU may also be lost to its \
      driver alone: then NVIDIA's library lists one fewer than the driver holds.
      """,
    reads: [
      "pci[].isDead (/sys/bus/pci/devices/ADDRESS/config reads all ones)", "pci[].powerState",
      "gpus[].isListedByNVML (NVML's list against the GPUs bound to nvidia)",
      "with --live: functions that leave while sampling",
    ],
    verdicts: [
      .pass: "configuration space answers",
      .fail:
        "all ones while powered, gone while sampling, or bound to nvidia and not listed by NVML",
      .unknown:
        "configuration space could not be read, or in a container NVML lists fewer than PCI",
      .notApplicable:
        "no GPU, accelerator, drive or network adapter on PCI; or asleep without power",
    ],
    fix: """
      Power the machine off, wait, and on again: a warm restart often does not bring a device \
      back. If it happens again, look at the slot's power cable and riser, and swap the card with \
      a neighbour to learn whether the fault follows the card or stays with the slot.
      """,
    risk: "a power cycle ends everything that runs",
    sources: [
      "PCI Express Base Specification, completion timeout and all-ones data",
      "NVIDIA: XID errors, 79: GPU has fallen off the bus; NVML, nvmlDeviceGetHandleByIndex",
    ],
    needs: [.machine, .pci, .pciDetail, .gpus], usesSamples: true, concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices
    if devices.isEmpty { return [none(box, collector: "PCI", "GPU, drive or network interface")] }
    return devices.map { finding($0, box) } + bridges(box)
  }

  private static func finding(_ function: PCIFunction, _ box: Box) -> Finding {
    let subject = box.subject(function.address)
    let path = "/sys/bus/pci/devices/\(function.address)"
    if let second = box.samples?.lost[function.address] {
      return lost(
        "left the bus while sampling", subject,
        [
          Evidence(
            "samples.lost[\(function.address)]", "after \(Text.decimal(second, places: 1)) s",
            path: path)
        ])
    }
    guard let isDead = function.isDead else {
      return unknown(
        "unknown whether it answers", subject,
        evidence: [
          Evidence(
            missing: "pci[\(function.address)].isDead", key: "configBytes",
            in: function.unknown, path: path + "/config")
        ])
    }
    let evidence = [
      Evidence(
        "pci[\(function.address)].isDead", isDead ? "all ones" : "answers", path: path + "/config")
    ]
    if !isDead { return answers(subject, evidence, function, box) }
    if function.isAsleep, let state = function.powerState {
      return notApplicable("asleep (\(state))", subject, evidence: evidence)
    }
    let messages = (function.kernelMessages?.last).map {
      Evidence("pci[\(function.address)].kernelMessages", $0, path: KernelMessages.source)
    }
    return lost(
      "answers all ones: it fell off the bus", subject, evidence + [messages].compactMap { $0 })
  }

  /// Its configuration space answers. A GPU that its own driver lost answers there too: NVML then
  /// counts one fewer than the driver holds.
  private static func answers(
    _ subject: Subject, _ evidence: [Evidence], _ function: PCIFunction, _ box: Box
  ) -> Finding {
    guard let gpu = box.inventory.gpus.first(where: { $0.address == function.address }),
      gpu.isListedByNVML == false
    else { return pass("answers", subject, evidence: evidence) }
    let fact = "gpus[\(gpu.address)].isListedByNVML"
    if box.isInContainer {
      return unknown(
        "NVML does not list it: it may not have been given to this container", subject,
        evidence: [
          Evidence(
            missing: fact, path: "NVML", reason: "a container sees the GPUs it was given only")
        ])
    }
    let reason = gpu.unknown.first { $0.fact == "memoryTotalBytes" }?.reason ?? "not listed"
    return fail(
      "bound to nvidia, and NVML does not list it", subject,
      evidence: evidence + [Evidence(fact, reason, path: "NVML, nvmlDeviceGetHandleByIndex")],
      consequence: "no program can compute on it: \(Text.count(listed(box), "GPU")) left",
      advice: [
        Advice(
          "read what the driver wrote when it lost it (Xid 79: it fell off the bus)",
          commands: ["journalctl -k -b | grep -E 'NVRM|Xid'", "nvidia-smi"]),
        Advice(
          "reset it, else power the machine off for a minute, then on",
          commands: ["nvidia-smi --gpu-reset -i \(gpu.address)"],
          risk: "ends everything that runs on it; a power cycle ends all", needsReboot: true),
      ])
  }

  private static func listed(_ box: Box) -> Int {
    box.inventory.gpus.count { $0.isListedByNVML == true }
  }

  /// A dead bridge takes everything below with it.
  private static func bridges(_ box: Box) -> [Finding] {
    box.inventory.pci.filter { $0.isBridge && $0.isLost }.map { function in
      lost(
        "bridge answers all ones: all below is cut off", box.subject(function.address),
        [
          Evidence(
            "pci[\(function.address)].isDead", "all ones",
            path: "/sys/bus/pci/devices/\(function.address)/config")
        ])
    }
  }

  private static func lost(_ summary: String, _ subject: Subject, _ evidence: [Evidence]) -> Finding
  {
    fail(
      summary, subject, evidence: evidence,
      consequence: "nothing on the device can be used, and what was on it is lost to programs",
      advice: [
        Advice(
          "save the kernel's log first: it may say why",
          commands: ["journalctl -k -b | grep -iE 'pcie|aer|nvme|amdgpu|nvrm'"]),
        Advice(
          "power the machine off for a minute, then on; look at the slot's cables and riser",
          risk: "ends everything that runs", needsReboot: true),
      ])
  }
}

extension PCIFunction {
  /// Whether it sleeps, in which state its configuration space reads all ones too.
  var isAsleep: Bool { powerState?.hasPrefix("D3") == true || powerState == "suspended" }

  /// Whether it answers all ones though it is awake.
  var isLost: Bool { isDead == true && !isAsleep }
}
