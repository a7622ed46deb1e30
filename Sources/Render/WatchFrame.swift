/// One picture of a live view, and what must be written to a terminal to turn another into it.
///
/// Pure: the owner of the terminal writes the text. Lines that did not change are not written, no
/// line is erased before it is written, and nothing scrolls, so that nothing flickers.
package struct WatchFrame: Hashable, Sendable {
  /// Lines as the renderers give them: text with SGR sequences and nothing else.
  package var lines: [String]
  /// Lines of the terminal.
  package var rows: Int
  /// Columns of the terminal.
  package var columns: Int

  /// A frame of a terminal of this size. Lines below its last row are not shown.
  package init(lines: [String], rows: Int, columns: Int) {
    let (rows, columns) = (max(1, rows), max(1, columns))
    self.rows = rows
    self.columns = columns
    self.lines = lines.prefix(rows).map { WatchFrame.fitted($0, columns) }
  }

  /// The text that makes a terminal showing `previous` show this frame; nil when the terminal
  /// shows something else, such as at the start. Empty when nothing changed.
  ///
  /// After a change of size every line is written again, since terminals differ in what they keep.
  package func update(from previous: WatchFrame?) -> String {
    let isSameSize = previous?.rows == rows && previous?.columns == columns
    let old = isSameSize ? previous?.lines ?? [] : []
    var body = ""
    for (row, line) in lines.enumerated() {
      if row < old.count, old[row] == line { continue }
      body += "\u{1b}[\(row + 1);1H\(line)"
      // At the last column the cursor has not moved on: erasing there would eat the last letter.
      let shown = WatchFrame.width(line)
      let wasWider = row < old.count ? WatchFrame.width(old[row]) > shown : !isSameSize
      if shown < columns, wasWider { body += "\u{1b}[K" }
    }
    let isShorter = isSameSize ? lines.count < old.count : lines.count < rows
    if isShorter { body += "\u{1b}[\(lines.count + 1);1H\u{1b}[J" }
    if body.isEmpty { return "" }
    // Synchronized update: terminals that know it show the change at once, others ignore it.
    return "\u{1b}[?2026h" + body + "\u{1b}[?2026l"
  }

  /// Columns a line takes, its SGR sequences left out.
  static func width(_ line: String) -> Int {
    var total = 0
    scan(line) { if case .text(let scalar) = $0 { total += DisplayText.width(scalar) } }
    return total
  }

  /// The line cut to the columns. SGR sequences are kept, all else that a terminal would obey is
  /// dropped.
  static func fitted(_ line: String, _ columns: Int) -> String {
    if DisplayText.isPrintableASCII(line), line.utf8.count <= columns { return line }
    var result = String.UnicodeScalarView()
    var used = 0
    var isFull = false
    scan(line) { part in
      switch part {
      case .style(let sequence): result.append(contentsOf: sequence)
      case .text(let scalar):
        let wide = DisplayText.width(scalar)
        if used + wide > columns { isFull = true }
        if isFull { return }
        used += wide
        result.append(scalar)
      }
    }
    return String(result)
  }

  private enum Part {
    case text(Unicode.Scalar)
    case style([Unicode.Scalar])
  }

  private static func scan(_ line: String, _ take: (Part) -> Void) {
    var sequence: [Unicode.Scalar] = []
    for scalar in line.unicodeScalars {
      if !sequence.isEmpty {
        sequence.append(scalar)
        if sequence.count == 2 {
          if scalar != "[" { sequence = [] }
        } else if scalar == "m" {
          take(.style(sequence))
          sequence = []
        } else if !(scalar == ";" || (scalar.value >= 0x30 && scalar.value <= 0x39)) {
          // Some other order to the terminal.
          sequence = []
        }
      } else if scalar.value == 0x1b {
        sequence = [scalar]
      } else if scalar.value >= 0x20, scalar.value < 0x7f || scalar.value > 0x9f {
        take(.text(scalar))
      }
    }
  }
}
