internal import Base
internal import Configuration
internal import Inventory

/// Nodes as placement sees them: which have CPUs, which have memory, and which of those is nearest
/// to one that lacks them.
struct NodeMap {
  private let nodes: [Int: NUMANode]
  private let online: NumberSet?
  /// CPUs that take neither interrupts nor slices: housekeeping, and what `isolcpus=` and
  /// `nohz_full=` took out. A list of reserved CPUs may name the latter.
  let excluded: NumberSet
  private let coresByNode: [Int: [Processors.Core]]

  init(_ inventory: Inventory, _ policy: Policy) {
    let nodes = Dictionary(
      inventory.memory.nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.nodes = nodes
    online = inventory.processors.online
    var excluded = policy.housekeeping?.value ?? NumberSet()
    excluded.formUnion(inventory.processors.isolated ?? NumberSet())
    excluded.formUnion(inventory.processors.nohzFull ?? NumberSet())
    self.excluded = excluded
    var nodeOf: [Int: Int] = [:]
    for node in inventory.memory.nodes {
      for cpu in node.cpus?.numbers ?? [] { nodeOf[cpu] = node.id }
    }
    var cores: [Int: [Processors.Core]] = [:]
    for core in inventory.processors.cores {
      if let first = core.cpus.first, let node = nodeOf[first] {
        cores[node, default: []].append(core)
      }
    }
    coresByNode = cores
  }

  /// Ids, in order.
  var ids: [Int] { nodes.keys.sorted() }

  /// Nodes with CPUs that run.
  var withCPUs: [Int] { ids.filter { !(cpus($0)?.isEmpty ?? true) } }

  /// CPUs of a node that run; nil when they are not known.
  func cpus(_ node: Int) -> NumberSet? {
    guard let cpus = nodes[node]?.cpus else { return nil }
    return online.map { cpus.intersection($0) } ?? cpus
  }

  /// Cores with CPUs of a node.
  func cores(_ node: Int) -> [Processors.Core] { coresByNode[node] ?? [] }

  /// The node itself when it has CPUs that run, else the nearest that has: interrupts of a device
  /// on a memory-only node go there.
  func home(_ node: Int) -> Result<Int, Reason> {
    guard let known = nodes[node] else { return .failure(Reason("there is no node \(node)")) }
    guard let cpus = cpus(node) else {
      return .failure(Reason("the CPUs of node \(node) are not known"))
    }
    if !cpus.isEmpty { return .success(node) }
    return nearest(to: known, "CPUs that run") { !(self.cpus($0)?.isEmpty ?? true) }
  }

  /// The node itself when it has memory, else the nearest that has.
  func memory(_ node: Int) -> Result<Int, Reason> {
    guard let known = nodes[node] else { return .failure(Reason("there is no node \(node)")) }
    guard let bytes = known.totalBytes else {
      return .failure(Reason("the memory of node \(node) is not known"))
    }
    if bytes > 0 { return .success(node) }
    return nearest(to: known, "memory") { nodes[$0]?.kind == .regular }
  }

  private func nearest(
    to node: NUMANode, _ what: String, where isFit: (Int) -> Bool
  ) -> Result<Int, Reason> {
    let fit = node.distances.filter { $0.node != node.id && isFit($0.node) }
    guard let best = fit.min(by: { ($0.value, $0.node) < ($1.value, $1.node) }) else {
      return .failure(Reason("node \(node.id) has no \(what), and no distance shows a neighbour"))
    }
    return .success(best.node)
  }

  /// Why something has no place.
  struct Reason: Error, Hashable {
    var text: String
    init(_ text: String) { self.text = text }
  }
}
