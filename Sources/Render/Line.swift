/// One line of text, with the meaning of its parts. Everything put into it is cleaned, so that no
/// name of a device controls the terminal; escapes are added only by `text`.
package struct Line: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// A part of one meaning.
  struct Run: Hashable, Sendable {
    var text: String
    var tone: Tone
  }
  private(set) var runs: [Run] = []
  /// Columns it takes.
  package private(set) var width = 0

  /// An empty line.
  package init() {}

  /// A line of one meaning.
  package init(_ text: String, _ tone: Tone = .plain) { add(text, tone) }

  /// Plain text.
  package init(stringLiteral value: String) { add(value) }

  /// Whether there is nothing in it.
  package var isEmpty: Bool { width == 0 && runs.isEmpty }

  /// The text alone.
  package var plain: String { runs.reduce(into: "") { $0 += $1.text } }

  /// Appends a text.
  package mutating func add(_ text: String, _ tone: Tone = .plain) {
    if text.isEmpty { return }
    append(DisplayText.clean(text), tone)
  }

  /// Appends another line.
  package mutating func add(_ other: Line) {
    runs += other.runs
    width += other.width
  }

  /// Fills with blanks up to a column.
  package mutating func pad(to column: Int) {
    if width < column { append(String(repeating: " ", count: column - width), .plain) }
  }

  private mutating func append(_ clean: String, _ tone: Tone) {
    if let last = runs.last, last.tone == tone {
      runs[runs.count - 1].text += clean
    } else {
      runs.append(Run(text: clean, tone: tone))
    }
    width += DisplayText.width(clean)
  }

  /// The line in at most `columns` columns; a cut one ends in `…`.
  package func cut(to columns: Int) -> Line {
    if width <= columns { return self }
    var result = Line()
    if columns <= 0 { return result }
    for run in runs {
      let room = columns - 1 - result.width
      if DisplayText.width(run.text) <= room {
        result.append(run.text, run.tone)
      } else {
        result.append(DisplayText.prefix(run.text, room) + "…", run.tone)
        break
      }
    }
    return result
  }

  /// The line in lines of at most `columns` columns, broken at blanks, and within words that are
  /// longer than a line. Lines after the first start with `indent` blanks.
  package func wrapped(to columns: Int, indent: Int = 0) -> [Line] {
    if width <= columns { return [self] }
    var lines: [Line] = []
    var current = Line()
    var blank = 0
    let indentation = String(repeating: " ", count: max(0, min(indent, columns / 2)))
    func flush() {
      lines.append(current)
      current = Line()
      current.add(indentation)
      blank = 0
    }
    for run in runs {
      for (index, word) in run.text.split(separator: " ", omittingEmptySubsequences: false)
        .enumerated()
      {
        if index > 0 { blank += 1 }
        if word.isEmpty { continue }
        var text = String(word)
        let wide = DisplayText.width(text)
        if current.width + blank + wide > columns, wide <= columns - indentation.utf8.count {
          flush()
        }
        if blank > 0 {
          current.append(String(repeating: " ", count: min(blank, columns)), .plain)
          blank = 0
        }
        // A word longer than a line, such as a path, is broken where the line ends.
        while current.width + DisplayText.width(text) > columns {
          let head = DisplayText.prefix(text, columns - current.width)
          if head.isEmpty, current.width <= indentation.utf8.count { break }
          current.append(head, run.tone)
          text = String(text.unicodeScalars.dropFirst(head.unicodeScalars.count))
          flush()
        }
        current.append(text, run.tone)
      }
    }
    lines.append(current)
    return lines
  }

  /// What is printed: at most the style's width, without blanks at the end.
  package func text(_ style: Style) -> String {
    var result = ""
    var shown = cut(to: style.columns).runs
    if let last = shown.last {
      var text = last.text
      while text.utf8.last == 0x20 { text.removeLast() }
      shown[shown.count - 1].text = text
    }
    for run in shown where !run.text.isEmpty {
      let text = style.unicode ? run.text : DisplayText.ascii(run.text)
      if style.color, let start = run.tone.start {
        result += start
        result += text
        result += "\u{1b}[0m"
      } else {
        result += text
      }
    }
    while result.utf8.last == 0x20 { result.removeLast() }
    return result
  }
}

extension [Line] {
  /// What is printed.
  func texts(_ style: Style) -> [String] { map { $0.text(style) } }
}
