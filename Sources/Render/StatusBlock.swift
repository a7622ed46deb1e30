/// A table of the status screen that can count rows which are alike instead of showing them.
struct Block {
  private var table: Table
  /// The command that shows all of them.
  private let more: String
  private let heading: Int
  private var rows: [Row] = []
  private var shown: Set<Int>?
  /// A line below the rows.
  var tail: Line?
  private var only: Line?

  private struct Row {
    var cells: [Line]
    var label: String
    var likeness: String
    /// Whether a cell says that something is not as it should be.
    var isMarked: Bool {
      cells.contains { $0.runs.contains { $0.tone == .bad || $0.tone == .warning } }
    }
  }

  init(name: String, more: String? = nil, columns: [Table.Column]) {
    self.more = more ?? "tinyboxctl devices \(name)"
    table = Table(columns)
    heading = 1
  }

  /// A line instead of a table.
  init(only line: Line) {
    more = ""
    table = Table([])
    heading = 0
    only = line
  }

  /// Adds a row. Rows of the same likeness differ in nothing but their address and readings.
  mutating func add(_ cells: [Line], label: String, likeness: String) {
    rows.append(Row(cells: cells, label: label, likeness: likeness))
  }

  private var extra: Int { (tail == nil ? 0 : 1) + (only == nil ? 0 : 1) }
  /// Lines with every row shown.
  var fullCount: Int { heading + rows.count + extra }
  /// Lines as it is folded.
  var lineCount: Int { heading + (shown.map { $0.count + 1 } ?? rows.count) + extra }

  /// Hides rows to save up to `lines` lines, and says how many it saved. One of each likeness
  /// stays if at all possible.
  mutating func fold(by lines: Int) -> Int {
    if rows.count < 3 || lines < 1 { return 0 }
    // One line goes to the count of those hidden.
    let keep = max(1, rows.count - lines - 1)
    var kept: Set<Int> = []
    var seen: Set<String> = []
    // What is marked goes first, then one of each.
    for marked in [true, false] {
      for (index, row) in rows.enumerated() where kept.count < keep {
        if row.isMarked == marked, seen.insert(row.likeness).inserted { kept.insert(index) }
      }
    }
    for index in rows.indices where kept.count < keep { kept.insert(index) }
    shown = kept
    return rows.count - kept.count - 1
  }

  func lines(_ style: Style) -> [Line] {
    if let only { return [only] }
    var table = table
    for (index, row) in rows.enumerated() where shown?.contains(index) ?? true {
      table.add(row.cells)
    }
    if let shown {
      let hidden = rows.indices.filter { !shown.contains($0) }.map { rows[$0] }
      let like = rows.indices.first {
        shown.contains($0) && rows[$0].likeness == hidden.first?.likeness
      }
      let areAlike = hidden.allSatisfy { $0.likeness == hidden.first?.likeness }
      if areAlike, let like {
        table.add(note: Line("+\(hidden.count) more, all like \(rows[like].label)", .dim))
      } else {
        table.add(note: Line("+\(hidden.count) more: \(more)", .dim))
      }
    }
    if let tail { table.add(note: tail) }
    return table.lines(style)
  }
}
