package import Health
package import Inventory

/// The whole box on one screen: which machine this is, what is in it, what is wrong, what it does.
package enum StatusScreen {
  /// The screen, line by line.
  ///
  /// A normal box fits `height` lines. When there is more than fits, devices that are alike are
  /// counted instead of listed, drives first, then NICs, then GPUs; the count says so.
  /// - Parameter health: what the checks say of the inventory.
  package static func render(
    _ inventory: Inventory, _ health: HealthReport, _ style: Style, height: Int = 24
  ) -> [String] {
    let index = DeviceIndex(inventory)
    let header = StatusHeader.lines(inventory, style)
    let now = StatusNow.lines(index, style)
    let findings = StatusFindings(health, inventory, style)
    var blocks = StatusDevices.blocks(index, style)

    let fixed = header.count + now.count
    let room = max(8, height - fixed)
    // What is wrong matters more than a drive more or less, but must not push out what is there.
    var findingLines = min(findings.count, max(2, room / 3))
    let full = blocks.reduce(0) { $0 + $1.fullCount }
    var excess = full + findingLines - room
    // GPUs come first on the screen, and are the last to be counted.
    for position in blocks.indices.reversed() where excess > 0 {
      excess -= blocks[position].fold(by: excess)
    }
    let used = blocks.reduce(0) { $0 + $1.lineCount }
    findingLines = max(findingLines, room - used)

    var sections: [[Line]] = [header]
    sections += blocks.map { $0.lines(style) }
    sections.append(findings.limited(to: findingLines))
    sections.append(now)
    var spare = height - sections.reduce(0) { $0 + $1.count }
    // Air between sections only where there is room for it; before the findings first.
    var blank = Set<Int>()
    for position in [sections.count - 2, 1, sections.count - 1] + Array(2..<sections.count)
    where spare > 0 && position > 0 && !blank.contains(position) {
      blank.insert(position)
      spare -= 1
    }
    var lines: [Line] = []
    for (position, section) in sections.enumerated() {
      if blank.contains(position) { lines.append(Line()) }
      lines += section
    }
    return lines.texts(style)
  }
}

/// Lines that start with a label, their text standing below each other.
enum Labelled {
  static let column = 8

  /// The label and the parts that fit on `limit` lines, separated by commas.
  static func lines(
    _ label: String, _ parts: [String?], _ style: Style, limit: Int = 1
  ) -> [Line] {
    var result: [Line] = []
    var current = start(label)
    var isFirst = true
    for part in parts.compactMap({ $0 }) {
      let text = Line(part)
      if isFirst {
        current.add(text)
        isFirst = false
      } else if current.width + 2 + text.width <= style.columns {
        current.add(", ")
        current.add(text)
      } else if result.count + 1 < limit {
        current.add(",")
        result.append(current)
        current = start("")
        current.add(text)
      }
    }
    if isFirst { current.add("unknown", .warning) }
    return result + [current]
  }

  static func start(_ label: String) -> Line {
    var line = Line(label, .dim)
    line.pad(to: column)
    return line
  }
}
