internal import Base
package import Inventory

/// The topology as a picture: sockets, NUMA nodes with their CPUs and memory, and the devices of
/// each node with the links they hang on.
package enum TopologySVG {
  /// An SVG document. The same inventory gives the same text.
  package static func render(_ inventory: Inventory) -> String {
    var picture = Picture(inventory)
    return picture.draw()
  }

  private struct Picture {
    let topology: Topology
    let cards: [PCIAddress: PCIAddress]
    var writer = SVGWriter()
    /// Levels of ports of the deepest node: all nodes have their columns in the same place.
    var levels = 1

    init(_ inventory: Inventory) {
      topology = Topology(inventory)
      cards = Diagram.cards(inventory)
    }

    // Pixels.
    static let margin = 24
    static let gap = 20
    static let bridgeWidth = 84
    static let portWidth = 78
    static let wire = 18
    static let linkWidth = 122
    static let deviceWidth = 236
    static let rowHeight = 50
    static let boxHeight = 38

    private var inventory: Inventory { topology.index.inventory }

    private func portX(_ level: Int) -> Int {
      16 + Picture.bridgeWidth + Picture.wire
        + (level - 1) * (Picture.portWidth + Picture.linkWidth)
    }
    private var deviceX: Int { portX(levels + 1) }
    private var nodeWidth: Int { deviceX + Picture.deviceWidth + 16 }

    /// A node measured, before its place is known.
    private struct Measured {
      var node: Topology.Node
      var diagram: Diagram
      var header: [String]
      var height: Int
    }

    mutating func draw() -> String {
      let unplaced = topology.unplaced.map { Diagram($0, topology, cards: cards) }
      // Without NUMA nodes a socket's box would be empty: the subtitle has its facts.
      let hasNodes = !inventory.memory.nodes.isEmpty
      let sockets = topology.sockets.filter { hasNodes || !$0.nodes.isEmpty }.map { socket in
        (socket: socket, diagrams: socket.nodes.map { Diagram($0, topology, cards: cards) })
      }
      let all = sockets.flatMap(\.diagrams) + (unplaced.map { [$0] } ?? [])
      levels = max(1, all.map(\.levels).max() ?? 1)

      let top = heading()
      var x = Picture.margin
      var y = top
      var rowHeight = 0
      // Sockets of one node each stand side by side in pairs; larger ones below each other.
      let areSmall = sockets.count > 1 && sockets.allSatisfy { $0.diagrams.count <= 1 }
      for (position, entry) in sockets.enumerated() {
        let nodes = zip(entry.socket.nodes, entry.diagrams).map { measure($0, $1) }
        let size = socket(entry.socket, nodes, x, y)
        rowHeight = max(rowHeight, size.height)
        if areSmall, position % 2 == 0, position < sockets.count - 1 {
          x += size.width + Picture.gap
        } else {
          x = Picture.margin
          y += rowHeight + Picture.gap
          rowHeight = 0
        }
      }
      if let node = topology.unplaced, let diagram = unplaced {
        let measured = measure(node, diagram)
        self.node(measured, Picture.margin, y, measured.height)
        y += measured.height + Picture.gap
      }
      if let panel = PeerPanel(inventory) {
        y = panel.draw(
          &writer, Picture.margin, y, room: max(writer.width, nodeWidth) - Picture.margin)
      }
      legend(y)
      return document()
    }

    private func document() -> String {
      let width = writer.width + Picture.margin
      let height = writer.height + Picture.margin
      let title = SVGWriter.escaped(DisplayText.clean("Topology of \(host)"))
      return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
        width="\(width)" height="\(height)" role="img" \
        aria-labelledby="topology-title topology-description">
        <title id="topology-title">\(title)</title>
        <desc id="topology-description">\(description)</desc>
        <style>
        \(SVGWriter.style)
        </style>
        <rect class="page" width="\(width)" height="\(height)"/>
        \(writer.body)</svg>

        """
    }

    /// For those who do not see the picture; the tables have the rest.
    private var description: String {
      let counts = [
        Units.count(topology.sockets.count { $0.shared.isEmpty }, "socket"),
        Units.count(inventory.memory.nodes.count, "NUMA node"),
        Units.count(inventory.gpus.count, "GPU"), Units.count(inventory.drives.count, "NVMe drive"),
        Units.count(inventory.nics.count, "network interface"),
      ]
      return counts.joined(separator: ", ")
        + ", each device with the bridges and links between it and its node"
    }

    private var host: String { inventory.machine.hostName ?? "a machine" }

    /// Title and subtitle; returns where the rest starts.
    private mutating func heading() -> Int {
      let room = nodeWidth
      let title = [host, StatusHeader.product(inventory.machine)].compactMap { $0 }
        .joined(separator: " · ")
      writer.text(Picture.margin, 44, title, "title", size: 20, room: room)
      let parts = [
        inventory.processors.model.map(DeviceNames.processor),
        inventory.processors.packages.isEmpty
          ? nil : Units.count(inventory.processors.packages.count, "socket"),
        inventory.memory.totalBytes.map { Units.capacity($0) },
        inventory.memory.nodes.isEmpty
          ? nil : Units.count(inventory.memory.nodes.count, "NUMA node"),
        inventory.gpus.isEmpty ? nil : Units.count(inventory.gpus.count, "GPU"),
      ].compactMap { $0 }
      writer.text(
        Picture.margin, 66, parts.joined(separator: ", "), "soft", size: 13, room: room)
      return 84
    }

    // MARK: Sockets and nodes

    private mutating func socket(
      _ socket: Topology.Socket, _ nodes: [Measured], _ x: Int, _ y: Int
    ) -> (width: Int, height: Int) {
      let columns = min(2, max(1, nodes.count))
      let width = columns * nodeWidth + (columns + 1) * Picture.gap
      var height = 40
      for start in stride(from: 0, to: nodes.count, by: columns) {
        let row = nodes[start..<min(start + columns, nodes.count)]
        height += (row.map(\.height).max() ?? 0) + Picture.gap
      }
      writer.box(x, y, width, max(height, 52), "socket", round: 8)
      let title: String
      if let package = socket.package {
        title =
          "\(socket.title) · \(Units.count(package.coreCount, "core")), "
          + Units.count(package.cpus.count, "thread")
      } else {
        title = socket.title
      }
      writer.text(
        x + Picture.gap, y + 26, title, "name", size: 14, room: width - 2 * Picture.gap)
      var top = y + 40
      for start in stride(from: 0, to: nodes.count, by: columns) {
        let row = nodes[start..<min(start + columns, nodes.count)]
        let tallest = row.map(\.height).max() ?? 0
        for (column, measured) in row.enumerated() {
          node(
            measured, x + Picture.gap + column * (nodeWidth + Picture.gap), top, tallest)
        }
        top += tallest + Picture.gap
      }
      return (width, max(height, 52))
    }

    private func measure(_ node: Topology.Node, _ diagram: Diagram) -> Measured {
      var header: [String] = []
      if let known = node.node {
        let room = (nodeWidth - 32) * 100 / (12 * 61)
        let cpus = known.cpus.map { InterruptTable.cpus($0).split(separator: ",") }
        let list = cpus?.joined(separator: ", ") ?? "unknown"
        let threads = known.cpus.map { $0.isEmpty ? "" : " (\($0.count))" } ?? ""
        header = Line("CPUs \(list)\(threads)").wrapped(to: room, indent: 5).prefix(3)
          .map(\.plain)
        var memory = "memory \(NodeText.memory(known))"
        if known.kind == .memoryless || known.kind == .empty { memory = "no memory" }
        header.append(memory)
        if known.distances.count > 1 {
          let values = known.distances.prefix(16).map { "\($0.value)" }.joined(separator: " ")
          header.append("distance \(values)")
        }
      } else if node.id != nil {
        header = ["not among the online nodes"]
      } else {
        header = inventory.memory.nodes.isEmpty ? [] : ["the node of these devices is unknown"]
      }
      var height = 36 + header.count * 18 + 10
      if diagram.rows > 0 { height += diagram.rows * Picture.rowHeight }
      if !diagram.folded.isEmpty { height += 20 }
      return Measured(node: node, diagram: diagram, header: header, height: height + 8)
    }

    private mutating func node(_ measured: Measured, _ x: Int, _ y: Int, _ height: Int) {
      writer.box(x, y, nodeWidth, height, "node", round: 6)
      let title = measured.node.id.map { "node \($0)" } ?? topology.unplacedTitle
      writer.text(x + 16, y + 25, title, "name", size: 15, room: 200)
      memoryBar(measured.node.node, x + nodeWidth - 16 - 160, y + 15)
      var line = y + 46
      for text in measured.header {
        writer.text(x + 16, line, text, "soft", size: 12, room: nodeWidth - 32)
        line += 18
      }
      let top = line
      boxes(measured.diagram, x, top)
      if !measured.diagram.folded.isEmpty {
        let end = top + measured.diagram.rows * Picture.rowHeight + 10
        writer.text(
          x + 16, end, "+ " + measured.diagram.folded.text, "soft", size: 11,
          room: nodeWidth - 32)
      }
    }

    /// How much of a node's memory is in use; its text says the same.
    private mutating func memoryBar(_ node: NUMANode?, _ x: Int, _ y: Int) {
      guard let total = node?.totalBytes, let free = node?.freeBytes, total > 0,
        (0...total).contains(free)
      else { return }
      let used = Int(Double(total - free) / Double(total) * 160)
      let share = Units.percent(Double(total - free) / Double(total))
      writer.open(title: "memory in use: \(share)")
      writer.text(x - 78, y + 8, "\(share) in use", "soft", size: 10, room: 76)
      writer.box(x, y, 160, 8, "bar", round: 3)
      if used > 0 { writer.box(x, y, used, 8, "used", round: 3) }
      writer.close()
    }

    // MARK: Boxes and links

    private func left(_ box: Diagram.Box) -> Int {
      switch box.kind {
      case .hostBridge: 16
      case .port, .toggle: portX(max(1, min(box.level, levels)))
      case .device: deviceX
      }
    }

    private func width(_ box: Diagram.Box) -> Int {
      switch box.kind {
      case .hostBridge: Picture.bridgeWidth
      case .port, .toggle: Picture.portWidth
      case .device: Picture.deviceWidth
      }
    }

    private mutating func boxes(_ diagram: Diagram, _ x: Int, _ top: Int) {
      // Lines first: boxes and labels lie above them.
      for box in diagram.boxes {
        guard let parent = box.parent.map({ diagram.boxes[$0] }) else { continue }
        let from = x + left(parent) + width(parent)
        let to = x + left(box)
        let y = top + box.row * Picture.rowHeight + Picture.boxHeight / 2
        let above = top + parent.row * Picture.rowHeight + Picture.boxHeight / 2
        let kind = style(box.link)
        let mark = box.sharesLink || box.link == nil ? nil : box.address.map(SVGWriter.Mark.link)
        if y == above {
          writer.line([(from, y), (to, y)], kind, mark)
        } else if box.sharesLink {
          writer.line([(from, above), (from + 8, above), (from + 8, y), (to, y)], "wire")
        } else {
          // The piece shared with the siblings is no link of its own.
          writer.line([(from, above), (from + 8, above), (from + 8, y)], "wire")
          writer.line([(from + 8, y), (to, y)], kind, mark)
        }
      }
      for box in diagram.boxes { draw(box, x, top) }
    }

    private func style(_ link: Diagram.Link?) -> String {
      guard let link else { return "wire" }
      switch link.verdict {
      case .full: return "link"
      case .below: return "below"
      case .unknown: return link.current == nil ? "unknown" : "link"
      }
    }

    private mutating func draw(_ box: Diagram.Box, _ x: Int, _ top: Int) {
      let left = x + left(box)
      let width = width(box)
      let y = top + box.row * Picture.rowHeight
      writer.open(title: box.tooltip, box.address.map(SVGWriter.Mark.device))
      writer.box(left, y, width, Picture.boxHeight, box.kind == .device ? "device" : "bridge")
      if box.kind == .device {
        writer.box(left, y, 5, Picture.boxHeight, box.tone, round: 2)
        let side = box.side.isEmpty ? 0 : SVGWriter.width(box.side, size: 11) + 8
        writer.text(left + 13, y + 16, box.title, "name", size: 12, room: width - 20 - side)
        if side > 0 {
          writer.text(left + width - 8, y + 16, box.side, "plain", size: 11, room: 90, at: .end)
        }
        writer.text(
          left + 13, y + 31, box.detail, box.isBelowInside ? "low" : "soft", size: 11,
          room: width - 18)
      } else {
        writer.text(
          left + width / 2, y + 16, box.title, "soft", size: 10, room: width - 6, at: .middle)
        writer.text(
          left + width / 2, y + 30, box.detail, "plain", size: 11, room: width - 6, at: .middle)
      }
      writer.close()
      if !box.sharesLink { label(box, left, y + Picture.boxHeight / 2) }
    }

    /// Width and speed above the link, and what they could be below it.
    private mutating func label(_ box: Diagram.Box, _ right: Int, _ y: Int) {
      guard let link = box.link else { return }
      let mark = box.address.map(SVGWriter.Mark.rate)
      let below = box.address.map(SVGWriter.Mark.note)
      let room = Picture.linkWidth - 14
      let middle = right - Picture.linkWidth / 2 + 4
      let isBelow = link.verdict == .below
      guard let current = link.current else {
        writer.text(
          middle, y - 5, "link unknown", "soft", size: 10, room: room, at: .middle, mark)
        return
      }
      let rate = LinkText.rate(current)
      writer.text(
        middle, y - 5, isBelow ? "now \(rate)" : rate, isBelow ? "low" : "plain", size: 10,
        room: room, at: .middle, mark)
      if isBelow, let possible = link.possible {
        writer.text(
          middle, y + 13, "of \(LinkText.rate(possible))", "low", size: 10, room: room,
          at: .middle, below)
      } else if !link.unused.isEmpty {
        writer.text(middle, y + 13, link.unused, "low", size: 9, room: room, at: .middle, below)
      } else if let port = link.port {
        writer.text(
          middle, y + 13, "port \(Diagram.inDomain(port))", "soft", size: 9, room: room,
          at: .middle,
          below)
      }
    }

    // MARK: Legend

    private mutating func legend(_ top: Int) {
      let y = top + 10
      var x = Picture.margin
      let limit = max(writer.width, nodeWidth)
      var line = y
      func place(_ width: Int) -> (Int, Int) {
        if x > Picture.margin, x + width > limit {
          x = Picture.margin
          line += 22
        }
        let spot = (x, line)
        x += width
        return spot
      }
      for (kind, name) in [
        ("gpu", "GPU"), ("nic", "network"), ("nvme", "NVMe"), ("other", "other device"),
      ] {
        let (x, y) = place(34 + SVGWriter.width(name, size: 12))
        writer.box(x, y - 10, 12, 12, kind, round: 2)
        writer.text(x + 18, y, name, "soft", size: 12, room: 200)
      }
      for (kind, name) in [
        ("link", "link at what both ends can do, or unknown"),
        ("below", "link below what both ends can do now (an idle GPU lowers its link)"),
        ("unknown", "link unknown"),
      ] {
        let (x, y) = place(60 + SVGWriter.width(name, size: 12))
        writer.line([(x, y - 4), (x + 32, y - 4)], kind)
        writer.text(x + 40, y, name, "soft", size: 12, room: 600)
      }
    }
  }
}
