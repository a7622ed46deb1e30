internal import Base
internal import Inventory
package import PeerToPeer

/// `tinyboxctl p2p`: the matrix, and the reasons.
package enum PeerToPeerView {
  /// Columns of text of a cell.
  private static let cellWidth = 3

  /// The lines.
  package static func render(_ map: PeerMap, _ style: Style) -> [String] {
    let matrix = PeerMatrix(map)
    var lines: [Line] = []
    for report in map.unseen {
      let line = Line("could not look for \(report.name): \(report.note ?? "unknown")", .warning)
      lines += line.wrapped(to: style.columns, indent: 2)
    }
    if map.devices.count < 2 {
      let what =
        map.devices.first.map { "\($0.label) is the only device that could take part" }
        ?? (map.unseen.isEmpty ? "no GPU, NVMe drive or NIC on PCI" : "no device was seen")
      lines.append(Line("nothing to show: \(what)"))
      return lines.texts(style)
    }
    if matrix.columns.isEmpty {
      lines.append("no device shows memory to peers: there is nothing to reach")
      lines += reasons(matrix, style)
      return lines.texts(style)
    }
    lines.append(Line("rows start transfers, columns own the memory", .dim))
    lines += grid(matrix, style)
    lines.append("")
    lines += Line(([matrix.linkLegend].compactMap { $0 } + [legend]).joined(separator: "  "))
      .wrapped(to: style.columns)
    lines += Line(matrix.summary + "; predictions, not measured").wrapped(to: style.columns)
    let silent = matrix.withoutMemory
    if !silent.isEmpty {
      let names = silent.map(\.name).joined(separator: ", ")
      lines += Line("no columns, because they show no memory to peers: \(names)", .dim)
        .wrapped(to: style.columns, indent: 2)
    }
    lines += reasons(matrix, style)
    return lines.texts(style)
  }

  private static let legend = PeerMatrix.verdicts.map {
    "\(PeerMatrix.mark($0)) \(PeerMatrix.words($0))"
  }.joined(separator: "  ")

  // MARK: The matrix

  private static func grid(_ matrix: PeerMatrix, _ style: Style) -> [Line] {
    let devices = matrix.map.devices
    let digits = "\(devices.count)".utf8.count
    let widest = devices.map { DisplayText.width(DisplayText.clean($0.label)) }.max() ?? 0
    let name = min(widest, max(8, style.columns - digits - 3 - 4 * cellWidth))
    let start = digits + 1 + name + 1
    let room = max(1, (style.columns - start) / cellWidth)
    var lines: [Line] = []
    for first in stride(from: 0, to: matrix.columns.count, by: room) {
      let columns = matrix.columns[first..<min(first + room, matrix.columns.count)]
      if first > 0 { lines.append("") }
      var heading = Line()
      for (position, column) in columns.enumerated() {
        let number = "\(column + 1)"
        heading.pad(to: start + (position + 1) * cellWidth - number.utf8.count)
        heading.add(number, .dim)
      }
      lines.append(heading)
      for (row, device) in devices.enumerated() {
        var line = Line()
        let number = "\(row + 1)"
        line.pad(to: digits - number.utf8.count)
        line.add(number, .dim)
        line.add(" ")
        line.add(Line(device.label, .strong).cut(to: name))
        for (position, column) in columns.enumerated() {
          guard let verdict = matrix.cell(row, column), let mark = matrix.mark(row, column)
          else { continue }
          line.pad(to: start + (position + 1) * cellWidth - 1)
          line.add(mark, tone(verdict))
        }
        lines.append(line)
      }
    }
    return lines
  }

  static func tone(_ verdict: PeerVerdict) -> Tone {
    switch verdict {
    case .direct: .strong
    case .viaHostBridge: .plain
    case .blocked: .bad
    case .unknown: .warning
    case .itself: .dim
    }
  }

  // MARK: What stands in the way

  private struct Group {
    var text: String
    var details: [String] = []
    /// Places in the map's list.
    var pairs: [Int] = []
    var remedy: PeerRemedy?
    var effect: PeerReason.Effect?
  }

  private static func reasons(_ matrix: PeerMatrix, _ style: Style) -> [Line] {
    var lines: [Line] = []
    let blocking = groups(matrix, [.blocks])
    add("blocked by", blocking, matrix, &lines, style)
    add("through the host bridge because of", groups(matrix, [.redirects]), matrix, &lines, style)
    add("unknown for want of", unknowns(matrix), matrix, &lines, style)
    add("drivers disagree", contradictions(matrix), matrix, &lines, style)
    add("to know", groups(matrix, [.note]), matrix, &lines, style)
    return lines
  }

  private static func groups(_ matrix: PeerMatrix, _ effects: Set<PeerReason.Effect>) -> [Group] {
    var order: [String] = []
    var found: [String: Group] = [:]
    var bridges: Set<PCIAddress> = []
    for (place, pair) in matrix.map.pairs.enumerated() where matrix.isShown(pair) {
      for reason in pair.reasons where effects.contains(reason.effect) {
        // Drives and NICs without memory are listed already.
        if reason.kind == "noTargetMemory" { continue }
        // What the driver overrules is a disagreement, and needs no fix.
        if reason.effect == .blocks, pair.isOverruled { continue }
        let key = reason.general
        if found[key] == nil {
          order.append(key)
          found[key] = Group(text: key, remedy: matrix.map.remedy(reason), effect: reason.effect)
        }
        if found[key]?.pairs.last != place { found[key]?.pairs.append(place) }
        if case .redirect(let bridge, _, _) = reason, bridges.insert(bridge).inserted {
          found[key]?.details.append(reason.text)
          found[key]?.remedy = matrix.map.remedy(redirects: bridges.sorted())
        }
      }
    }
    return order.compactMap { found[$0] }
  }

  private static func unknowns(_ matrix: PeerMatrix) -> [Group] {
    var order: [String] = []
    var found: [String: Group] = [:]
    var texts: [PeerFactKey: String] = [:]
    for (place, pair) in matrix.map.pairs.enumerated()
    where pair.verdict == .unknown && matrix.isShown(pair) {
      for key in pair.missing {
        let text = texts[key] ?? matrix.map.fact(key).general
        texts[key] = text
        if found[text] == nil {
          order.append(text)
          found[text] = Group(text: text)
        }
        if found[text]?.pairs.last != place { found[text]?.pairs.append(place) }
      }
    }
    return order.compactMap { found[$0] }
  }

  private static func contradictions(_ matrix: PeerMatrix) -> [Group] {
    var order: [String] = []
    var found: [String: Group] = [:]
    for (place, pair) in matrix.map.pairs.enumerated() {
      for text in pair.contradictions {
        if found[text] == nil { order.append(text) }
        found[text, default: Group(text: text)].pairs.append(place)
      }
    }
    return order.compactMap { found[$0] }
  }

  private static func add(
    _ title: String, _ groups: [Group], _ matrix: PeerMatrix, _ lines: inout [Line], _ style: Style
  ) {
    if groups.isEmpty { return }
    lines.append("")
    lines.append(Line(title, .strong))
    for group in groups {
      var line = Line("  ")
      line.add(group.text, group.effect == .blocks ? .bad : .plain)
      lines += line.wrapped(to: style.columns, indent: 4)
      func detail(_ label: String, _ text: String) {
        var line = Line("    ")
        line.add(label, .dim)
        line.add(text)
        lines += line.wrapped(to: style.columns, indent: 6)
      }
      for text in group.details.prefix(16) { detail("", text) }
      if group.details.count > 16 { detail("", "and \(group.details.count - 16) more") }
      let numbers = matrix.numbers(group.pairs)
      detail(
        "pairs ",
        numbers.utf8.count <= 2 * style.columns
          ? numbers : "\(Units.count(group.pairs.count)) of \(Units.count(matrix.shownCount))")
      for (label, text) in remedyLines(group.remedy) { detail(label, text) }
    }
  }

  /// A remedy in lines: label and text.
  static func remedyLines(_ remedy: PeerRemedy?) -> [(String, String)] {
    guard let remedy else { return [] }
    var lines = [("fix   ", remedy.text + (remedy.needsReboot ? " (reboot)" : ""))]
    if let argument = remedy.kernelArgument { lines.append(("boot  ", argument)) }
    for command in remedy.commands.prefix(4) { lines.append(("try   ", command)) }
    if remedy.commands.count > 4 {
      lines.append(("try   ", "and \(remedy.commands.count - 4) more, one for each port"))
    }
    if let cost = remedy.cost { lines.append(("cost  ", cost)) }
    return lines
  }
}
