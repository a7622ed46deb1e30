package import Base
package import Inventory

/// Interrupts of the box: per device and NUMA node, or one by one.
package enum InterruptTable {
  /// One line a device, then one a node. `irqs` lists every interrupt instead.
  package static func render(
    _ inventory: Inventory, _ style: Style, irqs: Bool = false
  ) -> [String] {
    if inventory.interrupts.isEmpty {
      let report = inventory.collectors.first { $0.name == "Interrupts" }
      let reason = report?.note.map { ": " + $0 } ?? ""
      return Line("no interrupts known" + reason).wrapped(to: style.columns, indent: 2).texts(style)
    }
    if irqs { return list(inventory.interrupts, style).render(style) }
    let nodes = NodeOfCPU(inventory.memory)
    var lines = devices(inventory, style).lines(style)
    if inventory.memory.nodes.count > 1 {
      lines.append(Line())
      lines += perNode(inventory, nodes).lines(style)
    }
    if let share = InterruptSummary.ownNodeShare(inventory), inventory.memory.nodes.count > 1 {
      lines.append(Line())
      lines += Line(
        "\(Units.percent(share)) of all device interrupts so far were handled on the device's "
          + "own node."
      ).wrapped(to: style.columns)
    }
    return lines.texts(style)
  }

  /// Every interrupt of one PCI function.
  package static func render(
    _ inventory: Inventory, _ style: Style, of device: PCIAddress
  ) -> [String] {
    let found = inventory.interrupts.filter { $0.device == device }
    if found.isEmpty {
      return [Line("no interrupts known for \(device.short)").text(style)]
    }
    return list(found, style).render(style)
  }

  private static func devices(_ inventory: Inventory, _ style: Style) -> Table {
    var table = Table([
      .init("device", minimum: 8), .init("address", drop: 4), .init("node", .right),
      .init("IRQs", .right), .init("movable", .right, drop: 3), .init("fixed", .right, drop: 1),
      .init("on node", .right), .init("handled", .right, drop: 2), .init("share", .right),
      .init("busiest", .right, drop: 5),
    ])
    for summary in InterruptSummary.all(inventory) {
      let isDevice = summary.device != nil
      let inside = summary.insideNode.map { inside in
        Line(
          summary.placed > 0 ? "\(inside)/\(summary.placed)" : "unknown",
          summary.placed == 0 || inside < summary.placed ? .warning : .plain)
      }
      let mobility = { (count: Int) -> Line in
        count == 0 && summary.mobilityUnknown > 0 ? Line("unknown", .warning) : Line("\(count)")
      }
      let dash = Line("-", .dim)
      table.add([
        name(summary),
        summary.device.map { Line($0.short) } ?? dash,
        summary.numaNode.map { Line("\($0)") } ?? (isDevice ? Line("?", .warning) : dash),
        Line(Units.count(summary.interrupts.count)), mobility(summary.movable),
        mobility(summary.fixed), isDevice ? inside ?? Line("unknown", .warning) : dash,
        handled(summary), ofCounts(summary, summary.share.map(Units.percent)),
        ofCounts(summary, summary.busiestCPU.map { "CPU \($0)" }),
      ])
    }
    return table
  }

  static func handled(_ summary: InterruptSummary) -> Line {
    summary.handled.map { Line(Units.count($0)) } ?? Line("unknown", .warning)
  }

  /// A value made of counts: unknown where they are, and none where there are none.
  private static func ofCounts(_ summary: InterruptSummary, _ value: String?) -> Line {
    if let value { return Line(value) }
    return summary.handled == nil ? Line("unknown", .warning) : Line("-", .dim)
  }

  private static func name(_ summary: InterruptSummary) -> Line {
    guard let device = summary.device else { return Line(summary.name ?? "no device") }
    // A GPU has no name of its own but its address, which stands beside it.
    let isAddress = summary.name == device.short || summary.name == device.description
    return Line(isAddress ? "GPU" : summary.name ?? "-", .strong)
  }

  private static func perNode(_ inventory: Inventory, _ nodes: NodeOfCPU) -> Table {
    struct Count {
      var delivered = 0
      var own = 0
      var handled = 0
    }
    var counts: [Int: Count] = [:]
    var unplaced = 0
    var uncounted = 0
    for interrupt in inventory.interrupts where interrupt.device != nil {
      if interrupt.effectiveAffinity == nil { unplaced += 1 }
      if !interrupt.isCounted { uncounted += 1 }
      if let node = interrupt.effectiveAffinity?.first.flatMap({ nodes[$0] }) {
        counts[node, default: Count()].delivered += 1
        if interrupt.numaNode == node { counts[node, default: Count()].own += 1 }
      }
      for (cpu, count) in interrupt.counts where count > 0 {
        if let node = nodes[cpu] { counts[node, default: Count()].handled &+= count }
      }
    }
    var table = Table([
      .init("node", .right), .init("CPUs", minimum: 8), .init("device IRQs", .right),
      .init("of own devices", .right), .init("handled", .right),
    ])
    for node in inventory.memory.nodes {
      let count = counts[node.id] ?? Count()
      table.add([
        Line("\(node.id)"), FactText(node.unknown).show(node.cpus, "cpus") { cpus($0) },
        number(count.delivered, unplaced), number(count.own, unplaced),
        // It is not known on which node the rest was handled.
        uncounted > 0 ? Line("unknown", .warning) : Line(Units.count(count.handled)),
      ])
    }
    if uncounted > 0 {
      table.add(
        note: Line("count of \(Units.count(uncounted, "interrupt")) unknown", .warning))
    }
    if unplaced > 0 {
      table.add(
        note: Line("CPU of \(Units.count(unplaced, "interrupt")) unknown", .warning))
    }
    return table
  }

  /// A count that leaves some out is not shown as none.
  private static func number(_ count: Int, _ unknown: Int) -> Line {
    count == 0 && unknown > 0 ? Line("unknown", .warning) : Line(Units.count(count))
  }

  static func list(_ interrupts: [Interrupt], _ style: Style) -> Table {
    var table = Table([
      .init("IRQ", .right), .init("name", minimum: 14), .init("device", minimum: 9, drop: 2),
      .init("role", drop: 3), .init("node", .right, drop: 1), .init("affinity", minimum: 8),
      .init("effective", minimum: 9), .init("movable", minimum: 16), .init("count", .right),
    ])
    for interrupt in interrupts {
      let facts = FactText(interrupt.unknown)
      let device = interrupt.deviceName ?? interrupt.device?.short
      table.add([
        Line("\(interrupt.number)"),
        interrupt.actions.isEmpty
          ? Line("no handler", .dim) : Line(interrupt.actions.joined(separator: ", ")),
        device.map { Line($0) } ?? Line("-", .dim), Line(role(interrupt)),
        facts.show(interrupt.numaNode, "numaNode"),
        facts.show(interrupt.affinity, "affinity") { cpus($0) },
        facts.show(interrupt.effectiveAffinity, "effectiveAffinity") { cpus($0) },
        mobility(interrupt), counts(interrupt, facts),
      ])
    }
    return table
  }

  /// A set of CPUs; the empty set is said in words, since an empty cell says nothing.
  static func cpus(_ set: NumberSet) -> String { set.isEmpty ? "none" : set.description }

  private static func role(_ interrupt: Interrupt) -> String {
    let queue = interrupt.queue.map { " \($0)" } ?? ""
    return interrupt.role == .other ? "other" : interrupt.role.rawValue + queue
  }

  private static func mobility(_ interrupt: Interrupt) -> Line {
    let why = interrupt.mobilityReason.map { ": \($0)" } ?? ""
    switch interrupt.mobility {
    case .movable: return "yes"
    case .fixed: return Line("no\(why)")
    case .unknown: return Line("unknown\(why)", .warning)
    }
  }

  private static func counts(_ interrupt: Interrupt, _ facts: FactText) -> Line {
    if !interrupt.isCounted { return facts.missing(["counts"]) }
    return Line(Units.count(interrupt.total))
  }
}
