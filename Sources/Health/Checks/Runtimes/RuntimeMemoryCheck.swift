internal import Base
internal import Inventory

/// Whether the memory of each runtime is where it should be and fits there.
enum RuntimeMemoryCheck: Check {
  static let info = CheckInfo(
    id: "runtime-memory",
    title: "Memory of runtimes",
    area: .runtimes,
    harm: .largeLoss,
    why: """
      The memory of a runtime is bound to the NUMA node of its GPUs. 'memory-nodes' spreads it over \
      several nodes page by page, for a model that is larger than a node and computed by CPUs. With a \
      GPU that is no good: the buffers through which the GPU is fed are spread too and leave its \
      node, and owners have measured a tenth of the speed. A limit above the memory of the node \
      protects nobody: the node is full before the limit is reached, and the runtime is killed or \
      the node swaps.
      """,
    reads: [
      "runtimes.runtimes[NAME].memoryLimitBytes, memoryNodes, isInterleaved, gpus (the drop-in of "
        + "its unit)", "memory.nodes[N].totalBytes",
    ],
    verdicts: [
      .pass: "its limit fits into its nodes, and a runtime with a GPU is not spread",
      .warn: "spread over nodes while it holds a GPU, or a limit larger than its nodes",
      .unknown: "the size of its nodes is not known",
      .notApplicable: "no runtime, or one that is bound to no node or has no limit",
    ],
    fix: """
      With a GPU: take 'memory-nodes' out of its file. Where a model is larger than a node and no GPU \
      has it: set 'memory-nodes'.
      """,
    risk: "A runtime whose file changes is restarted.",
    sources: [
      "set_mempolicy(2): MPOL_INTERLEAVE",
      "systemd.resource-control(5): MemoryMax=, AllowedMemoryNodes=",
    ],
    needs: [.runtimes, .memory])

  static func evaluate(_ box: Box) -> [Finding] {
    eachRuntime(box) { judge($1, box) }
  }

  private static func judge(_ runtime: HostedRuntime, _ box: Box) -> Finding? {
    guard runtime.hasUnit == true, let nodes = runtime.memoryNodes, !nodes.isEmpty else {
      return nil
    }
    let subject = RuntimeEvidence.subject(runtime)
    let file = "/etc/tinybox/runtimes/\(runtime.name).toml"
    var evidence = [RuntimeEvidence.ofUnit(runtime, "memoryNodes", "\(nodes)")]
    guard let isInterleaved = runtime.isInterleaved else {
      evidence.append(
        Evidence(
          missing: RuntimeEvidence.path(runtime, "isInterleaved"),
          path: RuntimeEvidence.dropIn(runtime), reason: "not there, or not in the recording"))
      return unknown("policy of its memory not known", subject, evidence: evidence)
    }
    evidence.append(
      RuntimeEvidence.ofUnit(runtime, "isInterleaved", isInterleaved ? "yes" : "no"))
    if isInterleaved, !runtime.gpus.isEmpty {
      evidence += [
        RuntimeEvidence.ofUnit(
          runtime, "gpus", runtime.gpus.map { "\($0)" }.joined(separator: ", "))
      ]
      return warn(
        "memory spread over nodes \(nodes), and it has a GPU", subject, evidence: evidence,
        consequence:
          "the buffers that feed the GPU leave its node: owners have measured a tenth of "
          + "the speed",
        advice: [
          Advice(
            "take 'memory-nodes' out of its file", commands: ["editor \(file)"],
            risk: "it is restarted")
        ])
    }
    guard let limit = runtime.memoryLimitBytes else { return nil }
    evidence.append(
      RuntimeEvidence.ofUnit(runtime, "memoryLimitBytes", Text.capacity(limit)))
    var total = 0
    for node in nodes.numbers {
      let fact = "memory.nodes[\(node)].totalBytes"
      let path = "/sys/devices/system/node/node\(node)/meminfo"
      guard let bytes = box.inventory.memory.nodes.first(where: { $0.id == node })?.totalBytes
      else {
        evidence.append(Evidence(missing: fact, path: path, reason: "not there, or not read"))
        return unknown("size of its node not known", subject, evidence: evidence)
      }
      evidence.append(Evidence(fact, Text.capacity(bytes), path: path))
      total = CheckedNumbers.sum([total, bytes])
    }
    if limit <= total { return pass("fits into node \(nodes)", subject, evidence: evidence) }
    return warn(
      "may take \(Text.capacity(limit)), node \(nodes) has \(Text.capacity(total))", subject,
      evidence: evidence, consequence: "the node is full before the limit is reached",
      advice: [
        Advice(
          runtime.gpus.isEmpty
            ? "spread it over more nodes with 'memory-nodes', or set a smaller 'memory'"
            : "set a smaller 'memory'", commands: ["editor \(file)"], risk: "it is restarted")
      ])
  }
}
