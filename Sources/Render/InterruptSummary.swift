internal import Base
internal import Inventory

/// The interrupts of one device taken together.
struct InterruptSummary {
  var device: PCIAddress?
  var name: String?
  var numaNode: Int?
  var interrupts: [Interrupt] = []
  var movable = 0
  var fixed = 0
  /// Neither known to be movable nor fixed.
  var mobilityUnknown = 0
  /// Interrupts delivered to CPUs of the device's own node only; nil when its node is not known.
  var insideNode: Int?
  /// Interrupts whose effective affinity is known.
  var placed = 0
  /// Interrupts handled so far; nil when the counts of one could not be read.
  var handled: Int?
  /// Of those, on the device's own node; nil when they or its node are not known.
  var handledInside: Int?
  /// The CPU that handled most; nil as `handled`, and when there were none.
  var busiestCPU: Int?

  /// Share of the interrupts handled so far that the own node handled. Nil when none was handled
  /// or the node is not known.
  var share: Double? {
    guard let handledInside, let handled, handled > 0 else { return nil }
    return Double(handledInside) / Double(handled)
  }

  /// One summary a device, sorted by address; interrupts without a device by their name, last.
  static func all(_ inventory: Inventory) -> [InterruptSummary] {
    let nodes = NodeOfCPU(inventory.memory)
    var order: [String: Int] = [:]
    var groups: [[Interrupt]] = []
    for interrupt in inventory.interrupts {
      let key = interrupt.device?.description ?? "name " + (interrupt.deviceName ?? "")
      if let group = order[key] {
        groups[group].append(interrupt)
      } else {
        order[key] = groups.count
        groups.append([interrupt])
      }
    }
    return groups.map { InterruptSummary($0, nodes) }.sorted { a, b in
      switch (a.device, b.device) {
      case (let left?, let right?): left < right
      case (nil, nil): (a.name ?? "") < (b.name ?? "")
      default: a.device != nil
      }
    }
  }

  init(_ interrupts: [Interrupt], _ nodes: NodeOfCPU) {
    self.interrupts = interrupts
    device = interrupts.first?.device
    numaNode = interrupts.lazy.compactMap(\.numaNode).first
    var names: [String] = []
    var byCPU: [Int: Int] = [:]
    var inside = 0
    var handled = 0
    var handledInside = 0
    for interrupt in interrupts {
      if let name = interrupt.deviceName, !names.contains(name), names.count < 4 {
        names.append(name)
      }
      switch interrupt.mobility {
      case .movable: movable += 1
      case .fixed: fixed += 1
      case .unknown: mobilityUnknown += 1
      }
      if let effective = interrupt.effectiveAffinity, !effective.isEmpty {
        placed += 1
        if let node = numaNode, nodes.lies(effective, in: node) { inside += 1 }
      }
      for (cpu, count) in interrupt.counts where count > 0 {
        handled &+= count
        byCPU[cpu, default: 0] &+= count
        if let node = numaNode, nodes[cpu] == node { handledInside &+= count }
      }
    }
    name = names.isEmpty ? nil : names.joined(separator: " ")
    let isCounted = interrupts.allSatisfy(\.isCounted)
    if let node = numaNode, nodes.knows(node) {
      insideNode = inside
      if isCounted { self.handledInside = handledInside }
    }
    guard isCounted else { return }
    self.handled = handled
    busiestCPU = byCPU.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }

  /// Share of all device interrupts so far that the device's own node handled; nil when the counts
  /// of one could not be read.
  static func ownNodeShare(_ inventory: Inventory) -> Double? {
    guard inventory.interrupts.allSatisfy({ $0.device == nil || $0.isCounted }) else { return nil }
    let share = InterruptLocality.share(
      of: inventory.interrupts.lazy.filter { $0.device != nil }, nodes: inventory.memory.cpusByNode)
    return share.handled > 0 ? Double(share.handledOnNode) / Double(share.handled) : nil
  }
}

/// The NUMA node of each CPU.
struct NodeOfCPU {
  private var nodes: [Int] = []
  private var cpus: [Int: NumberSet] = [:]

  init(_ memory: Memory) {
    for node in memory.nodes {
      guard let set = node.cpus, let last = set.last else { continue }
      cpus[node.id] = set
      if last >= nodes.count {
        nodes += Array(repeating: -1, count: last + 1 - nodes.count)
      }
      for range in set.ranges {
        for cpu in range { nodes[cpu] = node.id }
      }
    }
  }

  /// Nil for a CPU of no node, or one that is offline.
  subscript(cpu: Int) -> Int? {
    nodes.indices.contains(cpu) && nodes[cpu] >= 0 ? nodes[cpu] : nil
  }

  /// Whether the node has CPUs that are known.
  func knows(_ node: Int) -> Bool { cpus[node] != nil }

  /// Whether all CPUs of a set belong to the node.
  func lies(_ set: NumberSet, in node: Int) -> Bool {
    cpus[node].map { set.isSubset(of: $0) } ?? false
  }
}
