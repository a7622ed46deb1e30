internal import Base
internal import Inventory

/// Whether a GPU is held by a process that is gone, or its memory by nobody.
enum GPUHolderCheck: Check {
  static let info = CheckInfo(
    id: "gpu-holder",
    title: "Processes that use the GPUs",
    area: .gpu,
    harm: .smallLoss,
    why: """
      After a job ended badly its memory may stay taken: the driver still lists the process, or \
      lists none and the memory is full. The next job fails with out of memory, or the card \
      cannot be opened at all until it is reset.
      """,
    reads: [
      "gpus[ADDRESS].processes (kfd/proc, NVML, open files in /proc/PID/fd)",
      "gpus[ADDRESS].memoryUsedBytes, gpus[ADDRESS].busyShare", "system.processesListed",
      "machine.virtualization",
    ],
    verdicts: [
      .pass: "every process that uses it is there",
      .warn: "more than half of its memory is taken, and no process is known to use it",
      .fail: "the driver lists a process that is gone",
      .notApplicable: "not in use; the driver lists no processes",
      .unknown: "processes of other users could not be looked at (root only), or those of the "
        + "host from inside a container",
    ],
    fix: "Reset the card, when nobody else uses it.",
    risk: "A reset ends whatever runs on the card.",
    sources: [
      "kernel: drivers/gpu/drm/amd/amdkfd/kfd_process.c: /sys/class/kfd/kfd/proc",
      "tinygrad/tinygrad#16798: a device that cannot be opened after a job that timed out",
    ],
    needs: [.machine, .pci, .gpus, .system], concernsContainers: true)

  /// A processor's GPU has less memory than this, and takes it for the screen.
  private static let leastBytes = 4.0 * 1_073_741_824

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    let file = "driver"
    if gpu.unknown.contains(where: { $0.fact == "processes" }) {
      return unknown(
        "cannot look at all processes", subject,
        evidence: [missing(gpu, "processes", file: file)])
    }
    if gpu.processes.isEmpty { return held(box, gpu, subject) }
    let names = gpu.processes.map { "\($0.pid) \($0.name ?? "?") (\($0.evidence))" }
    let evidence = [
      Evidence(
        "gpus[\(gpu.address)].processes", names.joined(separator: ", "), path: "/proc/PID/comm")
    ]
    let gone = gpu.processes.filter { $0.name == nil }
    if gone.isEmpty {
      let count = gpu.processes.count
      return pass(
        count == 1 ? "one process" : "\(count) processes", subject, evidence: evidence)
    }
    let pids = gone.map { "\($0.pid)" }.joined(separator: ", ")
    // In a container, the pids of a driver may be the host's; without a list, nobody is known.
    guard box.inventory.system.processesListed == true,
      let around = box.inventory.machine.virtualization, around.kind != .container
    else {
      return unknown(
        "unknown whether process \(pids) runs", subject,
        evidence: evidence + [
          Evidence(
            missing: "gpus[\(gpu.address)].processes", path: "/proc/PID/comm",
            reason: "no name, and other processes could not be looked at")
        ])
    }
    return fail(
      "held by process \(pids), which is gone", subject, evidence: evidence,
      consequence: gone.compactMap(\.memoryBytes).isEmpty
        ? "the card may not be opened again until it is reset"
        : "\(Text.capacity(CheckedNumbers.sum(gone.compactMap(\.memoryBytes)))) of its memory taken",
      advice: [reset(gpu)])
  }

  /// A GPU that no process is known to hold.
  private static func held(_ box: Box, _ gpu: GPU, _ subject: Subject) -> Finding {
    guard let used = gpu.memoryUsedBytes, let total = gpu.memoryTotalBytes,
      Double(used) >= leastBytes, Double(used) > Double(total) / 2,
      let busy = gpu.busyShare, gpu.isIdle == true
    else { return notApplicable("no process is known to use it", subject) }
    return warn(
      "\(Text.capacity(used)) taken, by no process it knows", subject,
      evidence: [
        evidence(
          gpu, "memoryUsedBytes", "\(Text.capacity(used)) of \(Text.capacity(total))",
          file: "mem_info_vram_used"),
        evidence(gpu, "busyShare", Text.percent(busy), file: "gpu_busy_percent"),
      ],
      consequence: "\(Text.percent(used, of: total)) of its memory is not available",
      advice: [reset(gpu)])
  }

  private static func reset(_ gpu: GPU) -> Advice {
    Advice(
      "reset the card, when nobody else uses it",
      commands: [
        gpu.vendor == .nvidia
          ? "nvidia-smi --gpu-reset -i \(gpu.address)"
          : "echo 1 > /sys/bus/pci/devices/\(gpu.address)/reset"
      ],
      risk: "ends whatever runs on the card; a card that does not come back needs a cold start")
  }
}
