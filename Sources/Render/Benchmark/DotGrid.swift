/// Dots on a grid of characters: 2 x 4 dots a character in Unicode's Braille patterns, 1 x 1 in ASCII.
struct DotGrid {
  private let columns: Int
  private let rows: Int
  private let unicode: Bool
  private var cells: [UInt8]

  init(columns: Int, rows: Int, unicode: Bool) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    self.unicode = unicode
    cells = Array(repeating: 0, count: self.columns * self.rows)
  }

  /// Dots beside each other.
  var width: Int { unicode ? columns * 2 : columns }
  /// Dots above each other.
  var height: Int { unicode ? rows * 4 : rows }

  /// The dot of a place: `x` and `y` from 0 to 1, `y` upwards.
  func dot(_ x: Double, _ y: Double) -> (x: Int, y: Int) {
    (Int((x * Double(width - 1)).rounded()), Int(((1 - y) * Double(height - 1)).rounded()))
  }

  /// Sets a dot; one outside is left out.
  mutating func set(_ dot: (x: Int, y: Int)) {
    guard dot.x >= 0, dot.x < width, dot.y >= 0, dot.y < height else { return }
    if !unicode {
      cells[dot.y * columns + dot.x] = 1
      return
    }
    // The bits of a pattern, left column and right column from above: Unicode 15, 21.1 "Braille".
    let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    cells[dot.y / 4 * columns + dot.x / 2] |= bits[dot.x % 2][dot.y % 4]
  }

  /// Sets the dots between two, so that a series reads as a line. In ASCII dots alone are set: a line of
  /// marks would look like measurements.
  mutating func connect(_ a: (x: Int, y: Int), _ b: (x: Int, y: Int)) {
    set(a)
    set(b)
    if !unicode { return }
    let steps = max(abs(b.x - a.x), abs(b.y - a.y))
    for step in stride(from: 1, to: steps, by: 1) {
      let part = Double(step) / Double(steps)
      set(
        (
          a.x + Int((Double(b.x - a.x) * part).rounded()),
          a.y + Int((Double(b.y - a.y) * part).rounded())
        ))
    }
  }

  /// The characters of a row, from above.
  func row(_ row: Int) -> String {
    let cells = cells[(row * columns)..<((row + 1) * columns)]
    return String(
      String.UnicodeScalarView(
        cells.map { cell -> Unicode.Scalar in
          if cell == 0 { return " " }
          return unicode ? Unicode.Scalar(0x2800 + UInt32(cell)) ?? "?" : "*"
        }))
  }
}

/// A series in one line of characters.
enum Sparkline {
  /// Blocks of eight heights, in ASCII digits from 0 to 7.
  static func text(_ values: [Double], unicode: Bool) -> String {
    guard let scale = PlotScale(values) else { return "" }
    let marks = Array(unicode ? "▁▂▃▄▅▆▇█" : "01234567")
    return String(
      values.map { value in
        value.isFinite ? marks[Int((scale.position(value) * 7).rounded())] : " "
      })
  }
}
