internal import Base
internal import Inventory

/// The inventory as a tree: sockets, NUMA nodes, host bridges, functions. Text and picture are
/// both drawn from it.
struct Topology {
  /// What the functions that are not shown are, together.
  struct Folded: Hashable {
    var functions = 0
    var ports = 0
    var virtualFunctions = 0
    var isEmpty: Bool { functions == 0 && ports == 0 && virtualFunctions == 0 }

    static func += (a: inout Folded, b: Folded) {
      a.functions += b.functions
      a.ports += b.ports
      a.virtualFunctions += b.virtualFunctions
    }

    /// `12 chipset functions, 3 empty ports`.
    var text: String {
      [
        functions == 0 ? nil : Units.count(functions, "other function"),
        ports == 0 ? nil : Units.count(ports, "empty port"),
        virtualFunctions == 0 ? nil : Units.count(virtualFunctions, "virtual function"),
      ].compactMap { $0 }.joined(separator: ", ")
    }
  }

  struct HostBridge {
    var name: String
    /// Indices of functions on the root bus.
    var roots: [Int] = []
  }

  struct Node {
    /// Nil for devices whose node is not known.
    var node: NUMANode?
    /// The id of a node that devices name and memory does not list.
    var id: Int?
    var bridges: [HostBridge] = []
  }

  struct Socket {
    /// Nil when no CPU shows the socket, and for nodes of several.
    var package: Processors.Package?
    /// The sockets that share the nodes, where it is more than one.
    var shared: [Int] = []
    var nodes: [Node] = []

    /// What it is headed by where it is no package: `over sockets 0, 1`.
    var title: String {
      if let package { return "socket \(package.id)" }
      if shared.isEmpty { return "no socket known" }
      return "over sockets " + shared.map { "\($0)" }.joined(separator: ", ")
    }
  }

  let index: DeviceIndex
  private(set) var sockets: [Socket] = []
  /// Devices of no known node.
  private(set) var unplaced: Node?
  private var children: [[Int]]
  private var interesting: [Bool]
  private var nodes: [Int?]
  private var hops: [PCIAddress: PCIeHop] = [:]

  var pci: [PCIFunction] { index.inventory.pci }

  init(_ inventory: Inventory) {
    index = DeviceIndex(inventory)
    let count = inventory.pci.count
    children = Array(repeating: [], count: count)
    interesting = Array(repeating: false, count: count)
    nodes = Array(repeating: nil, count: count)
    let roots = connect()
    place(roots)
    for function in inventory.pci {
      for hop in function.path?.hops ?? [] { hops[hop.device] = hop }
    }
  }

  /// Functions below a function, in order of their address.
  func below(_ position: Int) -> [Int] { children[position] }
  /// Whether a function or something below it is shown.
  func isShown(_ position: Int) -> Bool { interesting[position] }
  /// The link above a function, where a path has it.
  func hop(above position: Int) -> PCIeHop? { hops[pci[position].address] }

  /// Whether what a function reports about its link is about the one above it, when no path has it.
  /// A downstream port reports the link below, and a bridge of unknown type may be one.
  func hasLinkAbove(_ position: Int) -> Bool {
    let function = pci[position]
    return function.parent != nil
      && (!function.isBridge || function.express?.portType == .switchUpstream)
  }

  /// Where a function is in the list.
  func position(of address: PCIAddress) -> Int? { index.position(address) }

  /// Splits functions into those to show and a count of the rest.
  func split(_ positions: [Int], all: Bool) -> (shown: [Int], folded: Folded) {
    if all { return (positions, Folded()) }
    var folded = Folded()
    var shown: [Int] = []
    for position in positions {
      if interesting[position] { shown.append(position) } else { folded += count(position) }
    }
    return (shown, folded)
  }

  /// Functions that are not shown, on the same device as one that is (a GPU's audio), are counted
  /// with that one and taken out of the rest.
  func joinSiblings(_ folded: inout Folded, of shown: [Int], below parent: Int) -> [Int: Int] {
    if folded.functions == 0 { return [:] }
    var first: [PCIAddress: Int] = [:]
    for position in shown {
      var device = pci[position].address
      device.function = 0
      if first[device] == nil { first[device] = position }
    }
    var joined: [Int: Int] = [:]
    for position in below(parent)
    where !interesting[position] && !pci[position].isBridge && children[position].isEmpty
      && pci[position].physicalFunction == nil
    {
      var device = pci[position].address
      device.function = 0
      guard let owner = first[device] else { continue }
      joined[owner, default: 0] += 1
      folded.functions -= 1
    }
    return joined
  }

  private func count(_ position: Int) -> Folded {
    var folded = Folded()
    var open = [position]
    while let next = open.popLast() {
      if pci[next].physicalFunction != nil {
        folded.virtualFunctions += 1
      } else if pci[next].isBridge {
        folded.ports += 1
      } else {
        folded.functions += 1
      }
      open += children[next]
    }
    return folded
  }

  // MARK: Building

  /// Links parents with children; returns the functions without a parent. A circle of parents, as
  /// only a damaged recording has, is cut at its lowest address.
  private mutating func connect() -> [Int] {
    let pci = index.inventory.pci
    var positions: [PCIAddress: Int] = [:]
    for (position, function) in pci.enumerated() where positions[function.address] == nil {
      positions[function.address] = position
    }
    var roots: [Int] = []
    for (position, function) in pci.enumerated() {
      if let parent = function.parent.flatMap({ positions[$0] }), parent != position {
        children[parent].append(position)
      } else {
        roots.append(position)
      }
    }
    var seen = Array(repeating: false, count: pci.count)
    var order: [Int] = []
    func reach(_ root: Int) {
      seen[root] = true
      var open = [root]
      while let next = open.popLast() {
        order.append(next)
        children[next].removeAll { seen[$0] }
        for child in children[next] { seen[child] = true }
        open += children[next].reversed()
      }
    }
    for root in roots { reach(root) }
    for position in pci.indices where !seen[position] {
      roots.append(position)
      reach(position)
    }
    // Upwards: whether something is shown, and the node of a bridge's devices.
    for position in order.reversed() {
      let below = children[position]
      interesting[position] =
        isInteresting(pci[position]) || below.contains { interesting[$0] }
      nodes[position] =
        pci[position].locality.numaNode ?? below.first { nodes[$0] != nil }.flatMap { nodes[$0] }
    }
    return roots
  }

  private func isInteresting(_ function: PCIFunction) -> Bool {
    let address = function.address
    if function.physicalFunction != nil { return false }
    if index.isGPU(address) || index.isAccelerator(address) || index.isNVMe(address)
      || index.isNIC(address)
    {
      return true
    }
    switch (function.identity.classCode ?? 0) >> 16 {
    case 0x01, 0x02, 0x03, 0x12: return true
    default: return false
    }
  }

  private mutating func place(_ roots: [Int]) {
    let inventory = index.inventory
    var bridges: [Int?: [HostBridge]] = [:]
    var known: [Int?: [String: Int]] = [:]
    for root in roots {
      let node = nodes[root]
      let name = pci[root].rootBus ?? "bus unknown"
      if let position = known[node]?[name] {
        bridges[node]?[position].roots.append(root)
      } else {
        known[node, default: [:]][name] = bridges[node]?.count ?? 0
        bridges[node, default: []].append(HostBridge(name: name, roots: [root]))
      }
    }
    var groups = inventory.memory.nodes.map {
      Node(node: $0, id: $0.id, bridges: bridges.removeValue(forKey: $0.id) ?? [])
    }
    if let rest = bridges.removeValue(forKey: nil) { unplaced = Node(bridges: rest) }
    for (id, rest) in bridges.sorted(by: { ($0.key ?? 0) < ($1.key ?? 0) }) {
      groups.append(Node(id: id, bridges: rest))
    }
    assign(groups, inventory.processors.packages)
  }

  /// Puts nodes under their sockets. A hypervisor, or interleaving, makes nodes over several
  /// sockets: those belong to no socket.
  private mutating func assign(_ groups: [Node], _ packages: [Processors.Package]) {
    sockets = packages.map { Socket(package: $0) }
    var shared: [Socket] = []
    var rest: [Node] = []
    for group in groups {
      let cpus = group.node?.cpus ?? NumberSet()
      let owners = packages.indices.filter { !packages[$0].cpus.intersection(cpus).isEmpty }
      let ids = owners.map { packages[$0].id }
      if owners.isEmpty {
        rest.append(group)
      } else if owners.count == 1 {
        sockets[owners[0]].nodes.append(group)
      } else if let position = shared.firstIndex(where: { $0.shared == ids }) {
        shared[position].nodes.append(group)
      } else {
        shared.append(Socket(shared: ids, nodes: [group]))
      }
    }
    sockets += shared
    if !rest.isEmpty { sockets.append(Socket(nodes: rest)) }
  }

  // MARK: Words

  /// What devices without a node are headed by.
  var unplacedTitle: String {
    index.inventory.memory.nodes.isEmpty ? "no NUMA nodes known" : "node unknown"
  }

  /// What a function is and its name: (`GPU`, `RX 7900 XTX`).
  func words(_ position: Int) -> (kind: String, name: String?) {
    let function = pci[position]
    let name = DeviceNames.name(function).map(DeviceNames.short)
    if let gpu = index.gpu(function.address) {
      return ("GPU", gpu.name.map(DeviceNames.short) ?? name)
    }
    if let accelerator = index.accelerator(function.address) {
      return ("accelerator", accelerator.name.map(DeviceNames.short) ?? name)
    }
    if let drive = index.nvme(function.address) {
      return (drive.name, drive.model ?? name)
    }
    let nics = index.nics(function.address)
    if !nics.isEmpty {
      return (
        nics.prefix(4).map(\.name).joined(separator: " "),
        nics[0].model.map(DeviceNames.short) ?? name
      )
    }
    return (function.kindText, function.isBridge ? nil : name)
  }
}
