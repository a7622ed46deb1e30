internal import Base

/// Decides which NUMA node a function is on, from several facts. A node of -1 is never node 0.
struct PCILocalityRules {
  /// CPUs of each node with any, by node id.
  private let nodeCPUs: [Int: NumberSet]
  /// Node with exactly these CPUs.
  private let nodeByCPUs: [NumberSet: Int]
  /// The only node of the machine.
  private let onlyNode: Int?
  /// Every CPU that is online.
  private let online: NumberSet

  /// The rules of a machine with these nodes and CPUs.
  init(nodes: [NUMANode], online: NumberSet?) {
    var nodeCPUs: [Int: NumberSet] = [:]
    for node in nodes {
      if let cpus = node.cpus, !cpus.isEmpty { nodeCPUs[node.id] = cpus }
    }
    var everyCPU = NumberSet()
    for cpus in nodeCPUs.values { everyCPU.formUnion(cpus) }
    self.nodeCPUs = nodeCPUs
    nodeByCPUs = Dictionary(nodeCPUs.map { ($0.value, $0.key) }) { first, second in
      min(first, second)
    }
    onlyNode = nodes.count == 1 ? nodes.first?.id : nil
    self.online = online ?? everyCPU
  }

  /// Whether `local_cpulist` could decide anything on this machine.
  var asksLocalCPUs: Bool { nodeCPUs.count > 1 }

  /// The locality of a function.
  /// - Parameters:
  ///   - own: its own `numa_node`, when it has one.
  ///   - nearest: node and address of the nearest function above it that has one.
  ///   - localCPUs: its `local_cpulist`.
  func locality(
    own: Int?, nearest: (node: Int, bridge: PCIAddress)?, localCPUs: NumberSet?
  ) -> PCILocality {
    var locality = PCILocality()
    locality.localCPUs = localCPUs
    if let own {
      (locality.numaNode, locality.evidence) = (own, .own)
    } else if let nearest {
      (locality.numaNode, locality.evidence) = (nearest.node, .parentBridge)
      locality.toldBy = nearest.bridge
    } else if asksLocalCPUs, let localCPUs, localCPUs != online, let node = nodeByCPUs[localCPUs] {
      (locality.numaNode, locality.evidence) = (node, .localCPUs)
    } else if let onlyNode {
      (locality.numaNode, locality.evidence) = (onlyNode, .singleNode)
    }
    return locality
  }
}
