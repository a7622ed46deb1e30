internal import Inventory

/// Whether every NUMA node has memory, and about the same.
enum MemoryNodesCheck: Check {
  static let info = CheckInfo(
    id: "memory-nodes",
    title: "Memory of the NUMA nodes",
    area: .memory,
    harm: .largeLoss,
    why: """
      A node with CPUs and no memory of its own makes every access of its cores a remote one, \
      and a container that is bound to its memory cannot start. Nodes of different size run out \
      at different times. Both come from modules in the wrong channels, or from one that died. \
      Nodes that have memory and no CPUs (HBM, CXL, a GPU's memory) are meant to be so. Two of \
      the four dies of a Threadripper 2990WX or 2970WX have no memory channels at all.
      """,
    reads: [
      "memory.nodes[ID].kind, memory.nodes[ID].totalBytes (node/nodeN/{cpulist,meminfo})",
      "processors.model",
    ],
    verdicts: [
      .pass: "every node with CPUs has memory, none more than a quarter less than the largest",
      .warn: "a node with CPUs has no memory, or more than a quarter less than the largest",
      .notApplicable: "one node; a guest",
      .unknown: "a node's CPUs or memory could not be read",
    ],
    fix: "Memory modules evenly over the channels of all nodes, or fewer nodes per socket (NPS).",
    risk: "Nodes change: stored placements are void.",
    sources: ["kernel: Documentation/ABI/stable/sysfs-devices-node"],
    needs: [.machine, .processors, .memory])

  static func evaluate(_ box: Box) -> [Finding] { skipInGuestOrControlDomain(box, [judge(box)]) }

  private static func judge(_ box: Box) -> Finding {
    let nodes = box.inventory.memory.nodes
    let base = "/sys/devices/system/node"
    if nodes.isEmpty {
      return unknown(
        "NUMA nodes unknown",
        evidence: [
          Evidence(
            missing: "memory.nodes", key: "nodes", in: box.inventory.memory.unknown, path: base)
        ])
    }
    if nodes.count == 1 { return notApplicable("one NUMA node") }
    var evidence = [Evidence("memory.nodes", "\(nodes.count)", path: base)]
    var gap: Evidence?
    for node in nodes {
      let path = "\(base)/node\(node.id)/"
      guard let kind = node.kind, let total = node.totalBytes else {
        let key = node.totalBytes == nil ? "totalBytes" : "cpus"
        let fact = node.totalBytes == nil ? "totalBytes" : "kind"
        gap =
          gap
          ?? Evidence(
            missing: "memory.nodes[\(node.id)].\(fact)", key: key, in: node.unknown,
            path: path + (key == "cpus" ? "cpulist" : "meminfo"))
        continue
      }
      evidence.append(
        Evidence("memory.nodes[\(node.id)].kind", kind.rawValue, path: path + "cpulist"))
      evidence.append(
        Evidence(
          "memory.nodes[\(node.id)].totalBytes", Text.capacity(total), path: path + "meminfo"))
    }
    let option = box.inventory.processors.nodeOption.map { ", or BIOS: less of \($0.rawValue)" }
    let advice = Advice(
      "spread the memory modules evenly over the channels of all nodes" + (option ?? ""),
      risk: "nodes change: stored placements are void", needsReboot: true)
    let bare = nodes.filter { $0.kind == .memoryless }.map { "\($0.id)" }
    let isByDesign = !bare.isEmpty && box.inventory.processors.hasDiesWithoutChannels
    if isByDesign {
      evidence.append(
        Evidence(
          "processors.model", box.inventory.processors.model ?? "", path: "/proc/cpuinfo"))
    } else if !bare.isEmpty {
      let names = bare.joined(separator: ", ")
      return warn(
        bare.count == 1 ? "node \(names) has no memory" : "nodes \(names) have no memory",
        evidence: evidence, consequence: "every memory access of their CPUs goes to another node",
        advice: [advice])
    }
    let regular = nodes.filter { $0.kind == .regular }.compactMap(\.totalBytes)
    if let low = regular.min(), let high = regular.max(), low < high / 4 * 3 {
      return warn(
        "nodes hold \(Text.capacity(low)) to \(Text.capacity(high))", evidence: evidence,
        consequence: "the small node runs out first, and its programs go to remote memory",
        advice: [advice])
    }
    if let gap { return unknown("not known of all nodes", evidence: evidence + [gap]) }
    if regular.isEmpty {
      return notApplicable("no node has both CPUs and memory", evidence: evidence)
    }
    let rest = isByDesign ? "; \(bare.count) dies have no memory channels" : ""
    let even = regular.count == 1 ? "one node with CPUs has memory" : "\(regular.count) nodes, even"
    return pass(even + rest, evidence: evidence)
  }
}
