internal import Base
internal import Inventory

/// Whether each runtime has its GPUs, near its memory, and for itself.
enum RuntimeGPUCheck: Check {
  static let info = CheckInfo(
    id: "runtime-gpu",
    title: "GPUs of runtimes",
    area: .runtimes,
    harm: .largeLoss,
    why: """
      Two programs on one GPU share its memory and its time: the model of one of them may not fit \
      any more, and both are slow. A runtime whose CPUs and memory are on another NUMA node than its \
      GPU sends every byte across the link between the nodes.
      """,
    reads: [
      "runtimes.runtimes[NAME].gpus, memoryNodes (the drop-in of its unit)",
      "runtimes.leases (/run/tinybox/leases)", "gpus, pci[ADDRESS].locality.numaNode",
    ],
    verdicts: [
      .pass: "its GPUs are there, on its node, and leased to it or to nobody else",
      .warn: "its GPU is on another node than its memory",
      .fail: "its GPU is not there, or belongs to another runtime or program too",
      .unknown: "the leases or the node of the GPU cannot be seen",
      .notApplicable: "no runtime, or one without a GPU or a unit",
    ],
    fix: "Give each runtime GPUs of its own, by their PCI addresses.",
    risk: "A runtime whose file changes is restarted.",
    sources: ["flock(2)", "systemd.resource-control(5): AllowedMemoryNodes="],
    needs: [.runtimes, .gpus, .pci, .memory])

  static func evaluate(_ box: Box) -> [Finding] {
    eachRuntime(box) { judge($0, $1, box) }
  }

  private static func judge(
    _ all: RuntimesState, _ runtime: HostedRuntime, _ box: Box
  ) -> Finding? {
    let subject = RuntimeEvidence.subject(runtime)
    guard runtime.hasUnit == true, !runtime.gpus.isEmpty else { return nil }
    let list = runtime.gpus.map { "\($0)" }.joined(separator: ", ")
    var evidence = [RuntimeEvidence.ofUnit(runtime, "gpus", list)]
    let gone = runtime.gpus.filter { address in
      !box.inventory.gpus.contains { $0.address == address }
    }
    if !gone.isEmpty {
      let report = box.inventory.collectors.first { $0.name == "GPU" }
      guard report?.outcome == .found || report?.outcome == .nothing else {
        evidence.append(
          Evidence(
            missing: "gpus", path: "/sys/bus/pci/devices", reason: report?.note ?? "not collected"))
        return unknown("unknown whether its GPU is there", subject, evidence: evidence)
      }
      return fail(
        "GPU \(gone.map { $0.short }.joined(separator: ", ")) is not there", subject,
        evidence: evidence, consequence: "it fails when it is started",
        advice: [Advice("see which GPUs there are", commands: ["tinyboxctl devices gpu"])])
    }
    if let other = all.runtimes.first(where: { other in
      other.name != runtime.name && !Set(other.gpus).isDisjoint(with: runtime.gpus)
    }) {
      evidence.append(
        RuntimeEvidence.ofUnit(
          other, "gpus", other.gpus.map { "\($0)" }.joined(separator: ", ")))
      return fail(
        "shares a GPU with runtime \(other.name)", subject, evidence: evidence,
        consequence: "both load their model into one memory", advice: [own(runtime)])
    }
    let leases = runtime.gpus.compactMap { all.lease($0) }
    if let other = leases.first(where: { $0.holder != "runtime \(runtime.name)" }) {
      evidence.append(
        Evidence(
          "runtimes.leases", "\(other.gpu): \(other.holder)", path: "/run/tinybox/leases"))
      return fail(
        "GPU \(other.gpu.short) is leased by \(other.holder)", subject, evidence: evidence,
        consequence: "two programs load one GPU",
        advice: [
          Advice("see that program", commands: ["ps -fp \(other.processID)"]), own(runtime),
        ])
    }
    evidence.append(
      all.leases == nil
        ? Evidence(
          missing: "runtimes.leases", key: "leases", in: all.unknown, path: "/run/tinybox/leases")
        : Evidence(
          "runtimes.leases",
          leases.isEmpty
            ? "none" : leases.map { "\($0.gpu): \($0.holder)" }.joined(separator: ", "),
          path: "/run/tinybox/leases"))
    return nodes(runtime, subject, evidence, box)
  }

  private static func nodes(
    _ runtime: HostedRuntime, _ subject: Subject, _ evidence: [Evidence], _ box: Box
  ) -> Finding {
    var evidence = evidence
    guard box.inventory.memory.nodes.count > 1 else {
      if box.inventory.memory.nodes.isEmpty {
        evidence.append(
          Evidence(
            missing: "memory.nodes", path: "/sys/devices/system/node", reason: "no node was seen"))
      } else {
        evidence.append(
          Evidence("memory.nodes", "one", path: "/sys/devices/system/node"))
      }
      return pass("has its GPUs", subject, evidence: evidence)
    }
    guard let nodes = runtime.memoryNodes, !nodes.isEmpty else {
      return warn(
        "has GPUs and is bound to no NUMA node", subject, evidence: evidence,
        consequence: "its buffers may lie on another node than its GPU", advice: [near(runtime)])
    }
    evidence.append(RuntimeEvidence.ofUnit(runtime, "memoryNodes", "\(nodes)"))
    for gpu in runtime.gpus {
      let fact = "pci[\(gpu)].locality.numaNode"
      let path = "/sys/bus/pci/devices/\(gpu)/numa_node"
      guard let node = box.function(gpu)?.locality.numaNode else {
        evidence.append(Evidence(missing: fact, path: path, reason: "the firmware names no node"))
        continue
      }
      evidence.append(Evidence(fact, "\(node)", path: path))
      if !nodes.contains(node) {
        return warn(
          "on node \(nodes), its GPU \(gpu.short) on node \(node)", subject, evidence: evidence,
          consequence: "every byte for the GPU crosses the link between the nodes",
          advice: [near(runtime)])
      }
    }
    return pass("has its GPUs, on node \(nodes)", subject, evidence: evidence)
  }

  private static func own(_ runtime: HostedRuntime) -> Advice {
    Advice(
      "give it a GPU of its own: 'gpus' in its file",
      commands: ["editor /etc/tinybox/runtimes/\(runtime.name).toml"],
      risk: "it is restarted")
  }

  private static func near(_ runtime: HostedRuntime) -> Advice {
    Advice(
      "see why, and let tinyboxd make its unit again",
      commands: ["tinyboxctl runtime show \(runtime.name)", "systemctl restart tinyboxd"])
  }
}
