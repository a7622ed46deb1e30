internal import Base
internal import Inventory

/// Where a program that uses a device runs: on the CPUs of the device's own node, or far from it.
struct NodeChoice: Hashable {
  /// `near`, `far`, or `any` where the node of the device is not known.
  var name: String
  /// CPUs; nil leaves them to the kernel.
  var cpus: NumberSet?
  /// The node of those CPUs.
  var cpuNode: Int?
  /// The node of the memory; nil where the node has none, or none that may be used.
  var memoryNode: Int?

  /// For people: `, CPUs of node 1`.
  var text: String { cpuNode.map { ", CPUs of node \($0)" } ?? "" }

  /// The choices for a device: near, and far where there is a second node with CPUs.
  static func of(node: Int?, _ memory: Memory) -> [NodeChoice] {
    let nodes = memory.nodes.filter { !($0.cpus?.isEmpty ?? true) }
    guard let node, let own = memory.nodes.first(where: { $0.id == node }), !nodes.isEmpty else {
      return [NodeChoice(name: "any")]
    }
    func distance(_ other: NUMANode) -> Int {
      if other.id == node { return 0 }
      return own.distances.first { $0.node == other.id }?.value ?? 20
    }
    // A node without CPUs of its own has the nearest ones.
    let order = nodes.sorted { (distance($0), $0.id) < (distance($1), $1.id) }
    var choices = [NodeChoice("near", order[0], memory)]
    if let farthest = order.last.map(distance),
      let far = order.dropFirst().first(where: { distance($0) == farthest })
    {
      choices.append(NodeChoice("far", far, memory))
    }
    return choices
  }

  private init(name: String) { self.name = name }

  private init(_ name: String, _ node: NUMANode, _ memory: Memory) {
    self.name = name
    cpus = node.cpus
    cpuNode = node.id
    if (node.totalBytes ?? 0) > 0, memory.allowedNodes?.contains(node.id) != false {
      memoryNode = node.id
    }
  }
}
