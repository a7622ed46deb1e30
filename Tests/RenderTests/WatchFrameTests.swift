import Testing

@testable import Render

/// What a terminal does with the sequences a watch view uses, and no more: anything else fails.
struct Screen {
  var cells: [[Character]]
  var row = 0
  var column = 0
  var columns: Int

  init(rows: Int, columns: Int) {
    self.columns = columns
    cells = Array(repeating: Array(repeating: "#", count: columns), count: rows)
  }

  mutating func write(_ text: String) {
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      if scalar != "\u{1b}" {
        #expect(scalar.value >= 0x20)
        #expect(row < cells.count && column < columns, "written outside the screen")
        if row < cells.count, column < columns { cells[row][column] = Character(scalar) }
        column += 1
        continue
      }
      #expect(rest.popFirst() == "[")
      let parameters = rest.prefix { !("A"..."z").contains($0) }
      rest = rest.dropFirst(parameters.count)
      order(rest.popFirst(), String(String.UnicodeScalarView(parameters)))
    }
  }

  private mutating func order(_ final: Unicode.Scalar?, _ parameters: String) {
    switch final {
    case "H":
      let numbers = parameters.split(separator: ";").compactMap { Int($0) }
      row = numbers[0] - 1
      column = numbers[1] - 1
    case "K":
      // A cursor behind the last column erases the last letter in a real terminal.
      for position in min(column, columns - 1)..<columns { cells[row][position] = " " }
    case "J":
      for line in row..<cells.count {
        for position in (line == row ? column : 0)..<columns { cells[line][position] = " " }
      }
    case "m": break
    case "h", "l": #expect(parameters == "?2026")
    default: Issue.record("unexpected sequence \(parameters)\(String(describing: final))")
    }
  }

  var lines: [String] {
    cells.map { line in
      var text = String(line)
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}

@Suite struct WatchFrameTests {
  private func frame(_ lines: [String], rows: Int = 4, columns: Int = 10) -> WatchFrame {
    WatchFrame(lines: lines, rows: rows, columns: columns)
  }

  @Test func writesOnlyWhatChanged() {
    let first = frame(["one", "two", "three"])
    let second = frame(["one", "TWO", "three"])
    #expect(second.update(from: first) == "\u{1b}[?2026h\u{1b}[2;1HTWO\u{1b}[?2026l")
    #expect(first.update(from: first).isEmpty)
  }

  @Test func erasesTheRestOfAShorterLineOnly() {
    let first = frame(["longer"])
    #expect(frame(["long"]).update(from: first).contains("long\u{1b}[K"))
    #expect(!frame(["longest"]).update(from: first).contains("\u{1b}[K"))
  }

  @Test(arguments: [
    (["a", "b", "c"], ["a"]), (["a"], ["a", "b", "c", "d"]), ([], ["x"]), (["x"], []),
    (["0123456789", "b"], ["9876543210", "bb"]), (["0123456789"], ["x"]),
    (["x"], ["0123456789 and more"]), (["a", "b", "c", "d", "e", "f"], ["a", "b"]),
  ])
  func leadsToThePicture(_ before: [String], _ after: [String]) {
    var screen = Screen(rows: 4, columns: 10)
    let first = frame(before)
    let second = frame(after)
    screen.write(first.update(from: nil))
    func expected(_ lines: [String]) -> [String] {
      (0..<4).map { $0 < lines.count ? String(lines[$0].prefix(10)) : "" }
    }
    #expect(screen.lines == expected(before))
    screen.write(second.update(from: first))
    #expect(screen.lines == expected(after))
  }

  @Test(arguments: [(3, 6), (6, 14), (1, 1), (4, 9)])
  func resizes(_ rows: Int, _ columns: Int) {
    let lines = ["0123456789", "second", "third", "fourth"]
    let first = frame(lines)
    let second = frame(lines, rows: rows, columns: columns)
    var screen = Screen(rows: rows, columns: columns)
    screen.write(second.update(from: first))
    let expected = (0..<rows).map { $0 < lines.count ? String(lines[$0].prefix(columns)) : "" }
    #expect(screen.lines == expected)
  }

  @Test func keepsColourAndDropsOtherOrders() {
    let line = "\u{1b}[1;31mred text that is long\u{1b}[0m"
    #expect(WatchFrame.fitted(line, 8) == "\u{1b}[1;31mred text\u{1b}[0m")
    #expect(WatchFrame.width(line) == 21)
    #expect(WatchFrame.fitted("a\u{1b}[2Jb\u{7}\u{9b}c", 8) == "abc")
    #expect(WatchFrame.fitted("日本語", 5) == "日本")
  }
}
