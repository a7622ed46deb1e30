internal import Base
package import Inventory

/// Sockets, NUMA nodes, host bridges, root ports, switches and devices as a tree.
package enum TopologyTree {
  /// The tree. Chipset functions, empty ports and virtual functions are counted, not shown,
  /// unless `all`.
  package static func render(
    _ inventory: Inventory, _ style: Style, all: Bool = false
  ) -> [String] {
    var drawing = Drawing(topology: Topology(inventory), style: style, all: all)
    drawing.draw()
    if drawing.lines.isEmpty { return [Line("nothing known of this machine").text(style)] }
    return drawing.lines.texts(style)
  }

  private struct Drawing {
    let topology: Topology
    let style: Style
    let all: Bool
    var lines: [Line] = []

    /// Deeper than this the tree no longer moves to the right: a line is only so wide.
    static let deepest = 24

    mutating func draw() {
      let inventory = topology.index.inventory
      for socket in topology.sockets {
        if let package = socket.package {
          var line = Line(socket.title, .strong)
          if let model = inventory.processors.model {
            line.add("  \(DeviceNames.processor(model))")
          }
          line.add(
            ", \(Units.count(package.coreCount, "core")), "
              + Units.count(package.cpus.count, "thread"))
          lines.append(line)
        } else {
          lines.append(Line(socket.title, .strong))
        }
        for (position, node) in socket.nodes.enumerated() {
          draw(node, "", isLast: position == socket.nodes.count - 1)
        }
      }
      if let node = topology.unplaced {
        lines.append(Line(topology.unplacedTitle, .strong))
        bridges(node, "")
      }
      elsewhere(inventory)
    }

    /// Devices that are on no PCI bus.
    private mutating func elsewhere(_ inventory: Inventory) {
      let nics = inventory.nics.filter { $0.address == nil }
      let drives = inventory.nvme.filter { $0.address == nil }
      if nics.isEmpty && drives.isEmpty { return }
      lines.append(Line("not on PCI", .strong))
      let texts =
        nics.map { "\($0.name) (\($0.bus ?? "bus unknown")) \($0.model ?? "")" }
        + drives.map { "\($0.name) (\($0.transport ?? "transport unknown")) \($0.model ?? "")" }
      for (position, text) in texts.enumerated() {
        child("", isLast: position == texts.count - 1, Line(text))
      }
    }

    private mutating func child(_ prefix: String, isLast: Bool, _ text: Line) {
      var line = Line(prefix + branch(isLast), .dim)
      line.add(text)
      lines.append(line)
    }

    private func branch(_ isLast: Bool) -> String {
      style.unicode ? (isLast ? "└─ " : "├─ ") : (isLast ? "`- " : "|- ")
    }

    private func deeper(_ prefix: String, _ isLast: Bool) -> String {
      prefix + (isLast ? "   " : style.unicode ? "│  " : "|  ")
    }

    private mutating func draw(_ group: Topology.Node, _ prefix: String, isLast: Bool) {
      var line = Line("node \(group.id ?? 0)", .strong)
      if let node = group.node {
        line.add("  " + NodeText.parts(node).joined(separator: ", "))
      } else {
        line.add("  not among the online nodes", .warning)
      }
      child(prefix, isLast: isLast, line)
      bridges(group, deeper(prefix, isLast))
    }

    private mutating func bridges(_ group: Topology.Node, _ prefix: String) {
      var folded = Topology.Folded()
      var shown: [(name: String, roots: [Int], folded: Topology.Folded)] = []
      for bridge in group.bridges {
        let split = topology.split(bridge.roots, all: all)
        if split.shown.isEmpty {
          folded += split.folded
        } else {
          shown.append((bridge.name, split.shown, split.folded))
        }
      }
      for (position, bridge) in shown.enumerated() {
        let isLast = position == shown.count - 1 && folded.isEmpty
        child(prefix, isLast: isLast, Line("host bridge \(bridge.name)", .dim))
        functions(bridge.roots, bridge.folded, deeper(prefix, isLast), node: group.id)
      }
      if !folded.isEmpty { child(prefix, isLast: true, Line("+ " + folded.text, .dim)) }
    }

    /// Functions and all below them. A stack, not a recursion: a recording may be as deep as it
    /// likes.
    private mutating func functions(
      _ roots: [Int], _ folded: Topology.Folded, _ prefix: String, node: Int?
    ) {
      enum Step {
        case function(Int, prefix: String, depth: Int, isLast: Bool, siblings: Int)
        case folded(Topology.Folded, prefix: String)
      }
      func steps(
        _ shown: [Int], _ folded: Topology.Folded, _ prefix: String, _ depth: Int,
        _ siblings: [Int: Int] = [:]
      ) -> [Step] {
        var result = shown.enumerated().map { position, function in
          Step.function(
            function, prefix: prefix, depth: depth,
            isLast: position == shown.count - 1 && folded.isEmpty,
            siblings: siblings[function] ?? 0)
        }
        if !folded.isEmpty { result.append(.folded(folded, prefix: prefix)) }
        return result
      }
      var open = Array(steps(roots, folded, prefix, 0).reversed())
      while let step = open.popLast() {
        switch step {
        case .folded(let folded, let prefix):
          child(prefix, isLast: true, Line("+ " + folded.text, .dim))
        case .function(let position, let prefix, let depth, let isLast, let siblings):
          function(position, prefix, isLast: isLast, siblings: siblings, node: node)
          var split = topology.split(topology.below(position), all: all)
          let others = topology.joinSiblings(&split.folded, of: split.shown, below: position)
          let next = depth < Drawing.deepest ? deeper(prefix, isLast) : prefix
          open += steps(split.shown, split.folded, next, depth + 1, others).reversed()
        }
      }
    }

    private mutating func function(
      _ position: Int, _ prefix: String, isLast: Bool, siblings: Int, node: Int?
    ) {
      let function = topology.pci[position]
      var line = Line(prefix + branch(isLast), .dim)
      let (kind, name) = topology.words(position)
      let isDevice = !function.isBridge
      line.add(function.address.short + " ", isDevice ? .plain : .dim)
      line.add(kind, isDevice ? .strong : .plain)
      var end = Line()
      if let own = function.locality.numaNode, own != node { end.add(" (node \(own))", .warning) }
      if siblings > 0 { end.add(" +\(Units.count(siblings, "function"))", .dim) }
      let link = link(position)
      if !link.isEmpty {
        end.add("  [", .dim)
        end.add(link)
        end.add("]", .dim)
      }
      if let slot = function.slot, topology.index.function(function.parent)?.slot != slot {
        end = Line(" slot \(slot)", .dim).cut(to: 20).with(end)
      }
      if let name {
        // The name gives way: what the link does matters more.
        line.add(Line(" " + name).cut(to: max(8, style.columns - line.width - end.width)))
      }
      line.add(end)
      lines.append(line)
    }

    /// The link above a function.
    private func link(_ position: Int) -> Line {
      let function = topology.pci[position]
      if let hop = topology.hop(above: position) {
        var edge = LinkText.edge(
          current: hop.current, possible: hop.possible, isBelow: hop.verdict == .below, style)
        let unused = LinkText.unused(hop)
        if !unused.isEmpty { edge.add(", " + unused, .dim) }
        return edge
      }
      guard topology.hasLinkAbove(position), let link = function.link
      else { return Line() }
      return LinkText.edge(current: link.current, possible: link.maximum, isBelow: false, style)
    }
  }
}

/// What a NUMA node has, in words.
enum NodeText {
  static func parts(_ node: NUMANode) -> [String] {
    let facts = FactText(node.unknown)
    var parts: [String] = []
    switch node.kind {
    case .memoryless: parts.append("no memory")
    case .empty: parts.append("neither CPUs nor memory")
    default: parts.append(memory(node))
    }
    if node.kind == .cpuless {
      parts.append("no CPUs")
    } else if node.kind != .empty {
      parts.append(
        node.cpus.map { "CPUs " + InterruptTable.cpus($0) }
          ?? "CPUs \(facts.missing(["cpus"]).plain)")
    }
    if node.distances.count > 1 {
      parts.append(
        "distance " + node.distances.map { "\($0.value)" }.joined(separator: " "))
    }
    return parts
  }

  static func memory(_ node: NUMANode) -> String {
    guard let total = node.totalBytes else { return "memory unknown" }
    guard let free = node.freeBytes else { return Units.capacity(total) }
    return "\(Units.capacity(total)), \(Units.capacity(free)) free"
  }
}

extension Line {
  /// This line with another behind it.
  func with(_ other: Line) -> Line {
    var result = self
    result.add(other)
    return result
  }
}
