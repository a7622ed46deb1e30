/// A table for a terminal: columns as wide as their content, and no wider than the style allows.
///
/// Too wide a table first narrows its flexible columns, the widest first, then leaves out columns
/// in the order of their `drop`; what is left is cut.
package struct Table: Sendable {
  package struct Column: Sendable {
    /// Where its cells stand.
    package enum Alignment: Sendable { case left, right }
    /// Its heading.
    package var title: String
    /// Where its cells stand.
    package var alignment: Alignment
    /// A flexible column may be narrowed to this many columns of text; nil is never narrowed.
    package var minimum: Int?
    /// When it is left out of a narrow table: 1 goes first; nil stays.
    package var drop: Int?
    /// Never shown: its facts mean nothing on this machine.
    package var isHidden: Bool

    /// A column.
    package init(
      _ title: String, _ alignment: Alignment = .left, minimum: Int? = nil, drop: Int? = nil,
      isHidden: Bool = false
    ) {
      self.title = title
      self.alignment = alignment
      self.minimum = minimum
      self.drop = drop
      self.isHidden = isHidden
    }
  }

  private enum Row: Sendable {
    case cells([Line])
    case note(Line)
  }

  /// Columns of text between two columns.
  package var gap = 2
  private let columns: [Column]
  private var rows: [Row] = []

  /// A table without rows.
  package init(_ columns: [Column]) { self.columns = columns }

  /// Whether it has no rows.
  package var isEmpty: Bool { rows.isEmpty }

  /// Adds a row. Cells that are missing are empty.
  package mutating func add(_ cells: [Line]) { rows.append(.cells(cells)) }

  /// Adds a line that belongs to no column.
  package mutating func add(note: Line) { rows.append(.note(note)) }

  /// The lines, heading first.
  package func lines(_ style: Style) -> [Line] {
    let widths = fitted(style.columns)
    var lines: [Line] = []
    lines.reserveCapacity(rows.count + 1)
    lines.append(line(columns.map { Line($0.title, .dim) }, widths))
    for row in rows {
      switch row {
      case .cells(let cells): lines.append(line(cells, widths))
      case .note(let note): lines.append(note.cut(to: style.columns))
      }
    }
    return lines
  }

  /// What is printed.
  package func render(_ style: Style) -> [String] { lines(style).texts(style) }

  /// The width of each column; nil for one that is left out.
  private func fitted(_ available: Int) -> [Int?] {
    var widths: [Int?] = columns.map {
      $0.isHidden ? nil : DisplayText.width(DisplayText.clean($0.title))
    }
    for case .cells(let cells) in rows {
      for (index, cell) in cells.enumerated() where index < widths.count {
        if let width = widths[index], cell.width > width { widths[index] = cell.width }
      }
    }
    shrink(&widths, available)
    while total(widths) > available {
      let candidates = columns.indices.filter { widths[$0] != nil && columns[$0].drop != nil }
      guard let next = candidates.min(by: { (columns[$0].drop ?? 0) < (columns[$1].drop ?? 0) })
      else { break }
      // The narrowed columns get their room back.
      widths[next] = nil
      for index in columns.indices where widths[index] != nil && columns[index].minimum != nil {
        widths[index] = natural(index)
      }
      shrink(&widths, available)
    }
    return widths
  }

  private func natural(_ index: Int) -> Int {
    var width = DisplayText.width(DisplayText.clean(columns[index].title))
    for case .cells(let cells) in rows where index < cells.count {
      width = max(width, cells[index].width)
    }
    return width
  }

  private func total(_ widths: [Int?]) -> Int {
    let shown = widths.compactMap { $0 }
    return shown.reduce(0, +) + gap * max(0, shown.count - 1)
  }

  /// Narrows the widest flexible column step by step, each to its minimum at most.
  private func shrink(_ widths: inout [Int?], _ available: Int) {
    var excess = total(widths) - available
    while excess > 0 {
      var widest: Int?
      var second = 0
      for index in columns.indices {
        guard let width = widths[index], let minimum = columns[index].minimum, width > minimum
        else { continue }
        if let best = widest, let most = widths[best] {
          if width > most {
            second = most
            widest = index
          } else {
            second = max(second, width)
          }
        } else {
          widest = index
        }
      }
      guard let index = widest, let width = widths[index], let minimum = columns[index].minimum
      else { return }
      let target = max(minimum, min(width - 1, max(second, width - excess)))
      widths[index] = target
      excess -= width - target
    }
  }

  private func line(_ cells: [Line], _ widths: [Int?]) -> Line {
    var result = Line()
    var start = 0
    for (index, width) in widths.enumerated() {
      guard let width else { continue }
      let cell = index < cells.count ? cells[index].cut(to: width) : Line()
      let isRight = columns[index].alignment == .right
      result.pad(to: start + (isRight ? width - cell.width : 0))
      result.add(cell)
      start += width + gap
    }
    return result
  }
}
