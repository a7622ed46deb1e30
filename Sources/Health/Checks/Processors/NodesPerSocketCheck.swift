internal import Base
internal import Inventory

/// How many NUMA nodes the firmware makes of a socket.
enum NodesPerSocketCheck: Check {
  static let info = CheckInfo(
    id: "nps",
    title: "NUMA nodes per socket",
    area: .processors,
    harm: .smallLoss,
    why: """
      NPS4 gives each quarter of an EPYC its own node: the memory and devices of a quarter are \
      close, and a program that is placed there gains. NPS1 spreads memory over all channels: \
      a program that nobody placed gets all of the bandwidth. Which is better depends on the \
      load, and authorities disagree, so without a profile this is shown without a verdict. Sockets \
      that differ, one node over several sockets, or a node for each L3 cache are seldom wanted.
      """,
    reads: [
      "processors.nodesPerSocket", "processors.packages (cpuN/topology)", "processors.model",
      "memory.nodes (node/nodeN/cpulist)", "processors.offline (cpu/present, online, offline)",
    ],
    verdicts: [
      .pass: "the number the profile says, or, without a profile, the same in each socket",
      .warn: "another number than the profile's; sockets that differ; a node over several "
        + "sockets; each L3 cache a node",
      .notApplicable: "the processor has no such option, or its sockets share their memory; a "
        + "guest",
      .unknown: "sockets, nodes or which CPUs run could not be read",
    ],
    fix: "BIOS: NUMA nodes per socket (NPS), ACPI SRAT L3 Cache as NUMA Domain.",
    risk: "Devices and memory move to other nodes: every stored placement is void.",
    sources: [
      "HPC Advisory Council, EPYC 7002 InfiniBand guide: higher NPS for network adapters",
      "ROCm, mi300x.rst: auto, which is NPS1, and no other (disagrees)",
      "ROCm, MI100 guide: 1, 2 or 4",
    ],
    needs: [.machine, .processors, .memory])

  static func evaluate(_ box: Box) -> [Finding] { skipInGuestOrControlDomain(box, [judge(box)]) }

  private static func judge(_ box: Box) -> Finding {
    let processors = box.inventory.processors
    let counts: [Int: Int]
    switch nodes(box) {
    case .unknown(let what, let evidence): return unknown(what, evidence: [evidence])
    case .spanning(let node, let sockets):
      return spanning(box, node, sockets)
    case .counted(let found): counts = found
    }
    let distinct = Set(counts.values)
    guard distinct.count == 1, let count = distinct.first else {
      let each = counts.sorted { $0.key < $1.key }.map { "socket \($0.key): \($0.value)" }
      return warn(
        "sockets differ in nodes: " + each.joined(separator: ", "),
        evidence: evidence(box),
        consequence: "memory and devices of the sockets are laid out differently",
        advice: [bios("the same NUMA nodes per socket for all; look for missing memory modules")])
    }
    guard let inferred = processors.nodesPerSocket, let value = inferred.value, value == count
    else {
      return unknown(
        "nodes per socket not known",
        evidence: evidence(box) + [
          Evidence(
            missing: "processors.nodesPerSocket.value", path: "/sys/devices/system/node",
            reason: processors.nodesPerSocket?.evidence ?? "not reported")
        ])
    }
    let evidence =
      evidence(box) + [
        Evidence(
          "processors.nodesPerSocket.value", "\(value): \(inferred.evidence)",
          path: "/sys/devices/system/node")
      ]
    if let wanted = box.profile?.nodesPerSocket {
      if value == wanted { return pass(words(value), evidence: evidence) }
      return warn(
        "\(words(value)), expected \(wanted)", evidence: evidence,
        consequence: "placements made for \(wanted) do not fit",
        advice: [bios("NUMA nodes per socket = NPS\(wanted)")])
    }
    if inferred.likelyL3AsNUMA {
      return warn(
        "each L3 cache is a node", evidence: evidence,
        consequence: "\(value) small nodes in a socket, whose memory is no closer than before",
        advice: [bios("ACPI SRAT L3 Cache as NUMA Domain = Disabled")])
    }
    if inferred.confidence == .unknown {
      return notApplicable("\(words(value)), by no known BIOS option", evidence: evidence)
    }
    return pass(words(value), evidence: evidence)
  }

  /// One node over several sockets: whether that could be otherwise depends on the processor.
  private static func spanning(_ box: Box, _ node: Int, _ sockets: NumberSet) -> Finding {
    let processors = box.inventory.processors
    let text = "node \(node) spans sockets \(sockets)"
    if processors.hasFrontSideBus {
      return notApplicable(
        text + ", whose memory is at a chip they share", evidence: evidence(box))
    }
    guard processors.model != nil else {
      return unknown(
        text + "; the processor is not known",
        evidence: evidence(box) + [missingProcessor(box, "model", "/proc/cpuinfo")])
    }
    let advice: Advice
    switch processors.nodeOption {
    case .nodesPerSocket:
      advice = bios(
        "NUMA nodes per socket = NPS1 or more; memory interleaving between sockets off")
    case .memoryInterleaving: advice = bios("Memory Interleaving = Channel or Die")
    case .subNUMAClustering, nil: advice = bios("Node Interleaving = Disabled; NUMA = Enabled")
    }
    return warn(
      text, evidence: evidence(box),
      consequence: "half of all memory accesses, or more, go to another socket unnoticed",
      advice: [advice])
  }

  private static func words(_ count: Int) -> String {
    count == 1 ? "one node in each socket" : "\(count) nodes in each socket"
  }

  private static func bios(_ text: String) -> Advice {
    Advice(
      "BIOS: " + text, risk: "devices and memory move to other nodes: stored placements are void",
      needsReboot: true)
  }

  private enum Layout {
    case counted([Int: Int])
    case spanning(Int, NumberSet)
    case unknown(String, Evidence)
  }

  /// Nodes with CPUs of each socket.
  private static func nodes(_ box: Box) -> Layout {
    let packages = box.inventory.processors.packages
    let nodes = box.inventory.memory.nodes
    // Sockets and nodes are made of the CPUs that run. CPUs that no list says are offline are
    // another matter: the inference knows them.
    if box.inventory.processors.unknown.contains(where: { $0.fact == "offline" }) {
      return .unknown(
        "which CPUs run is not known",
        missingProcessor(box, "offline", "/sys/devices/system/cpu/offline"))
    }
    if packages.isEmpty {
      return .unknown(
        "sockets not known",
        missingProcessor(box, "packages", "/sys/devices/system/cpu/cpu*/topology"))
    }
    if nodes.isEmpty {
      return .unknown(
        "nodes not known",
        Evidence(
          missing: "memory.nodes", key: "nodes", in: box.inventory.memory.unknown,
          path: "/sys/devices/system/node"))
    }
    var counts = Dictionary(packages.map { ($0.id, 0) }, uniquingKeysWith: { first, _ in first })
    for node in nodes {
      guard let cpus = node.cpus else {
        return .unknown(
          "CPUs of node \(node.id) not known",
          Evidence(
            missing: "memory.nodes[\(node.id)].cpus", key: "cpus", in: node.unknown,
            path: "/sys/devices/system/node/node\(node.id)/cpulist"))
      }
      if cpus.isEmpty { continue }
      let sockets = packages.filter { !$0.cpus.intersection(cpus).isEmpty }.map(\.id)
      if sockets.count > 1 { return .spanning(node.id, NumberSet(sockets)) }
      if let socket = sockets.first { counts[socket, default: 0] += 1 }
    }
    return .counted(counts)
  }

  private static func evidence(_ box: Box) -> [Evidence] {
    let packages = box.inventory.processors.packages.map { "\($0.id): CPUs \($0.cpus)" }
    let nodes = box.inventory.memory.nodes.map { "\($0.id): CPUs \($0.cpus?.description ?? "?")" }
    return [
      Evidence(
        "processors.packages", packages.joined(separator: ", "),
        path: "/sys/devices/system/cpu/cpu*/topology"),
      Evidence(
        "memory.nodes", nodes.joined(separator: ", "), path: "/sys/devices/system/node/node*"),
    ]
  }
}
