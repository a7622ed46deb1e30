internal import Base
internal import Inventory

/// What the picture shows of one NUMA node: host bridges, ports, switches and devices. Finer than
/// a person thinks of it is left out: a switch is one box, a card's own switch is part of the card.
struct Diagram {
  /// A link drawn from a box to the one right of it.
  struct Link {
    var current: PCIeRate?
    var possible: PCIeRate?
    var verdict: PCIeHop.Verdict
    /// The switch port it starts at; absent for a root port, which is a box of its own.
    var port: PCIAddress?
    /// What the port could do beyond the device, in words.
    var unused = ""
  }

  enum Kind { case hostBridge, port, toggle, device }

  struct Box {
    var kind: Kind
    /// Boxes of ports between the host bridge and this one.
    var level: Int
    var title: String
    var detail: String
    /// The function it stands for; absent for a host bridge.
    var address: PCIAddress?
    /// What stands at the right of the title.
    var side = ""
    /// Whether the detail mentions a link inside the card that is below.
    var isBelowInside = false
    /// Another function of the device above it on the page: the link is drawn there.
    var sharesLink = false
    var tone: String
    var link: Link?
    /// Index of the box left of it.
    var parent: Int?
    /// Row of leaf boxes it stands on.
    var row: Int
    var tooltip: String
  }

  private let topology: Topology
  /// Upstream ports of cards with a switch of their own, and the GPU behind each.
  private let cards: [PCIAddress: PCIAddress]
  private(set) var boxes: [Box] = []
  private(set) var rows = 0
  private(set) var levels = 0
  /// What is not drawn.
  private(set) var folded = Topology.Folded()

  private var lastDevice: (parent: Int, address: PCIAddress)?

  /// Ports nested deeper are drawn at the last level.
  static let deepest = 6

  init(_ node: Topology.Node, _ topology: Topology, cards: [PCIAddress: PCIAddress]) {
    self.topology = topology
    self.cards = cards
    for bridge in node.bridges {
      let split = topology.split(bridge.roots, all: false)
      folded += split.folded
      if split.shown.isEmpty { continue }
      let box = append(
        Box(
          kind: .hostBridge, level: 0, title: "host bridge", detail: bridge.name, tone: "bridge",
          row: rows, tooltip: "host bridge \(bridge.name)"))
      draw(split.shown, below: box)
    }
  }

  /// Cards with a switch of their own, from the paths of the GPUs.
  static func cards(_ inventory: Inventory) -> [PCIAddress: PCIAddress] {
    var cards: [PCIAddress: PCIAddress] = [:]
    for function in inventory.pci {
      guard let path = function.path, let slot = path.slotLink, path.hops.indices.contains(slot)
      else { continue }
      let top = path.hops[slot].device
      if top != function.address { cards[top] = function.address }
    }
    return cards
  }

  private mutating func append(_ box: Box) -> Int {
    boxes.append(box)
    levels = max(levels, box.kind == .port || box.kind == .toggle ? box.level : 0)
    return boxes.count - 1
  }

  private struct Step {
    var position: Int
    var parent: Int
    var level: Int
    /// The switch port above it that is no box of its own.
    var port: PCIAddress?
  }

  private mutating func draw(_ roots: [Int], below bridge: Int) {
    var open = roots.reversed().map { Step(position: $0, parent: bridge, level: 1) }
    var owned: Set<Int> = [bridge]
    while let step = open.popLast() {
      let function = topology.pci[step.position]
      // The first box below stands beside its parent, each further one on a row of its own.
      if owned.remove(step.parent) == nil { rows += 1 }
      if let card = cards[function.address].flatMap({ topology.position(of: $0) }) {
        _ = append(device(card, step, link: step.position))
        continue
      }
      guard function.isBridge else {
        _ = append(device(step.position, step, link: step.position))
        continue
      }
      let split = topology.split(topology.below(step.position), all: false)
      folded += split.folded
      let level = min(step.level, Diagram.deepest)
      if isDownstream(step) {
        // Part of the switch whose upstream port is the parent box.
        owned.insert(step.parent)
        open += split.shown.reversed().map {
          Step(
            position: $0, parent: step.parent, level: step.level, port: function.address)
        }
        if split.shown.isEmpty { owned.remove(step.parent) }
        continue
      }
      let isRoot = function.express?.portType == .rootPort || boxes[step.parent].kind == .hostBridge
      let kind = isRoot ? "root port" : function.express == nil ? "bridge" : "switch"
      let box = append(
        Box(
          kind: isRoot ? .port : .toggle, level: level, title: kind,
          detail: Diagram.inDomain(function.address), address: function.address, tone: "bridge",
          link: isRoot ? nil : link(step.position, step.port), parent: step.parent, row: rows,
          tooltip: tooltip(step.position)))
      owned.insert(box)
      open += split.shown.reversed().map {
        Step(position: $0, parent: box, level: step.level + 1)
      }
    }
    rows += 1
  }

  /// Whether a bridge is a downstream port of the switch that its parent box stands for.
  private func isDownstream(_ step: Step) -> Bool {
    guard boxes[step.parent].kind == .toggle, step.port == nil else { return false }
    return topology.pci[step.position].express?.portType != .switchUpstream
  }

  /// The address without its domain, which the host bridge's name gives.
  static func inDomain(_ address: PCIAddress) -> String {
    PCIAddress(
      domain: 0, bus: address.bus, device: address.device, function: address.function
    ).short
  }

  private func link(_ position: Int, _ port: PCIAddress?) -> Link? {
    if let hop = topology.hop(above: position) {
      return Link(
        current: hop.current, possible: hop.possible, verdict: hop.verdict, port: port,
        unused: LinkText.unused(hop))
    }
    let function = topology.pci[position]
    guard topology.hasLinkAbove(position) else { return nil }
    return Link(
      current: function.link?.current, possible: function.link?.maximum,
      verdict: .unknown, port: port)
  }

  private mutating func device(_ position: Int, _ step: Step, link: Int) -> Box {
    let function = topology.pci[position]
    let address = function.address
    let index = topology.index
    let words = topology.words(position)
    var size: String?
    var tone = "other"
    if let gpu = index.gpu(address) {
      tone = "gpu"
      size = gpu.memoryTotalBytes.map { Units.capacity($0) }
    } else if index.isAccelerator(address) {
      tone = "gpu"
    } else if let drive = index.nvme(address) {
      tone = "nvme"
      size = drive.capacityBytes.map { Units.capacity($0) }
    } else if let nic = index.nics(address).first {
      tone = "nic"
      size = nic.speedBitsPerSecond.map { Units.bitRate($0) }
    }
    var detail = words.name ?? ""
    if let enabled = function.virtualFunctionsEnabled, enabled > 0 {
      detail = "\(enabled) VFs · " + detail
    }
    let inside = function.path?.hops.first { $0.isInsideCard && $0.verdict == .below }
    if let inside { detail = "on the card " + LinkText.rates(inside) }
    var device = address
    device.function = 0
    let shares = step.parent == lastDevice?.parent && device == lastDevice?.address
    lastDevice = (step.parent, device)
    return Box(
      kind: .device, level: 0, title: "\(words.kind) \(address.short)", detail: detail,
      address: address, side: size ?? "", isBelowInside: inside != nil, sharesLink: shares,
      tone: tone,
      link: self.link(link, step.port), parent: step.parent, row: rows,
      tooltip: tooltip(position))
  }

  private func tooltip(_ position: Int) -> String {
    let function = topology.pci[position]
    return [
      function.address.description, topology.words(position).kind,
      DeviceNames.name(function), function.driver.map { "driver \($0)" },
      function.slot.map { "slot \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
