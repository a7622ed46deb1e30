internal import Inventory

/// Whether each GPU has a kernel driver.
enum GPUDriverCheck: Check {
  static let info = CheckInfo(
    id: "gpu-driver",
    title: "Kernel driver of the GPUs",
    area: .gpu,
    harm: .deviceLost,
    why: """
      Without a driver a GPU computes nothing and reports nothing: no temperature, no power, no \
      memory. A card given to vfio-pci, for a guest or a driver in user space, one that pci-stub \
      keeps from other drivers, and a card that a driver in user space has locked are in use, and \
      not reported.
      """,
    reads: [
      "gpus[ADDRESS].driver (the link driver)", "system.runtimeLocks", "gpus[ADDRESS].processes",
    ],
    verdicts: [
      .pass: "a driver that computes: amdgpu, nvidia, xe, i915",
      .warn: "no driver, or on a server one that only drives a display",
      .notApplicable:
        "vfio-pci or pci-stub; a driver in user space uses it; a maker without known driver",
      .unknown: "the link could not be read",
    ],
    fix: "modprobe amdgpu, or install the maker's driver; see dmesg for why it did not bind.",
    risk: "The console may move to the GPU.",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-bus-pci, driver",
      "tinygrad: docs/developer/am.md: a driver in user space unbinds amdgpu and keeps a lock file",
    ],
    needs: [.machine, .processors, .pci, .gpus, .system])

  private static let computing: Set<String> = ["amdgpu", "nvidia", "xe", "i915"]

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    if let driver = gpu.driver {
      let evidence = [evidence(gpu, "driver", driver, file: "driver")]
      if HandedOn.isHandedOn(driver) {
        return notApplicable("\(driver): handed on", subject, evidence: evidence)
      }
      if computing.contains(driver) { return pass(driver, subject, evidence: evidence) }
      return serversOnly(
        box,
        [
          warn(
            "\(driver) only drives a display", subject, evidence: evidence,
            consequence: "no program can compute on it", advice: advice(gpu))
        ])[0]
    }
    if let holder = holder(box, gpu) {
      return notApplicable("a driver in user space uses it", subject, evidence: [holder])
    }
    let path = "/sys/bus/pci/devices/\(gpu.address)/driver"
    let fact = "gpus[\(gpu.address)].driver"
    guard isDriverKnown(box, gpu) else {
      return unknown(
        "driver not known", subject,
        evidence: [
          Evidence(
            missing: fact, key: "driver", in: box.function(gpu.address)?.unknown ?? [], path: path)
        ])
    }
    if gpu.vendor == .other { return notApplicable("no driver is known for its maker", subject) }
    if gpu.cardClass == .builtIn {
      return notApplicable("built in, and without a driver", subject)
    }
    return warn(
      "no kernel driver", subject, evidence: [Evidence(fact, "none", path: path)],
      consequence: "no program can compute on it, and its temperature and power are not reported",
      advice: advice(gpu))
  }

  /// What shows that a driver in user space holds the card.
  private static func holder(_ box: Box, _ gpu: GPU) -> Evidence? {
    let lock = box.inventory.system.runtimeLocks.first {
      $0.gpu == gpu.address && !$0.holders.isEmpty
    }
    if let lock {
      let pids = lock.holders.map { "\($0)" }.joined(separator: ", ")
      return Evidence(
        "system.runtimeLocks[\(lock.path)].holders", "held by process \(pids)", path: lock.path)
    }
    let process = gpu.processes.first { $0.evidence.hasSuffix(".lock") }
    return process.map {
      Evidence(
        "gpus[\(gpu.address)].processes", "process \($0.pid) has \($0.evidence) open",
        path: $0.evidence)
    }
  }

  private static func advice(_ gpu: GPU) -> [Advice] {
    let module = gpu.vendor == .amd ? "amdgpu" : gpu.vendor == .nvidia ? "nvidia" : "xe"
    return [
      Advice(
        "load the driver, or see why it does not bind",
        commands: ["modprobe \(module)", "dmesg | grep -E '\(module)|\(gpu.address)'"],
        risk: "the console may move to the GPU")
    ]
  }
}
