/// Text that comes from devices and files, made safe for a terminal, and measured as one shows it.
package enum DisplayText {
  /// More than this is no name: the rest is left out. In Unicode scalars.
  static let longest = 4096

  /// The text without anything a terminal would obey or that would hide what is there: control
  /// characters, escapes, bidirectional marks, line separators and unassigned codes become `?`,
  /// tabs and line feeds a blank.
  package static func clean(_ text: String) -> String {
    if isPrintableASCII(text) { return text }
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      count += 1
      if count > longest { break }
      result.append(replacement(scalar))
    }
    return String(result)
  }

  /// Columns the text takes in a terminal. East Asian wide characters and emoji take two,
  /// combining marks none. The text must be clean.
  package static func width(_ text: String) -> Int {
    if isPrintableASCII(text) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// The text in at most `columns` columns; a cut one ends in `…`. The text must be clean.
  package static func cut(_ text: String, to columns: Int) -> String {
    if columns <= 0 { return "" }
    if width(text) <= columns { return text }
    return prefix(text, columns - 1) + "…"
  }

  /// As much of the start of a clean text as fits.
  static func prefix(_ text: String, _ columns: Int) -> String {
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let wide = width(scalar)
      if used + wide > columns { break }
      used += wide
      result.append(scalar)
    }
    return String(result)
  }

  /// The text in ASCII: known symbols by a likeness, all else as `?`, keeping its width.
  static func ascii(_ text: String) -> String {
    if isPrintableASCII(text) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else if let likeness = likeness[scalar] {
        result.append(likeness)
      } else {
        for _ in 0..<width(scalar) { result.append("?") }
      }
    }
    return result
  }

  /// Each replaces one column by one column.
  private static let likeness: [Unicode.Scalar: Character] = [
    "…": "~", "·": "-", "↓": "v", "→": ">", "←": "<", "–": "-", "×": "x", "│": "|", "─": "-",
    "├": "|", "└": "`", "°": " ", "µ": "u", "≤": "<", "≥": ">", "‘": "'", "’": "'", "\u{a0}": " ",
  ]

  static func isPrintableASCII(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
  }

  private static func replacement(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.value < 0x7f {
      if scalar.value >= 0x20 { return scalar }
      return scalar == "\t" || scalar == "\n" || scalar == "\r" ? " " : "?"
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return "?"
    case .spaceSeparator: return scalar.value == 0x3000 ? scalar : " "
    default: return scalar
    }
  }

  /// Columns of one scalar, after Unicode's East Asian Width.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    // Vowels and finals of Hangul join the syllable before them.
    if value >= 0x1160 && value <= 0x11ff { return 0 }
    if value < 0x1100 { return 1 }
    if wide.contains(where: { $0.contains(value) }) { return 2 }
    return scalar.properties.isEmojiPresentation ? 2 : 1
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6,
    0x16fe0...0x18aff, 0x1b000...0x1b2ff, 0x1f200...0x1f320, 0x1f330...0x1f64f,
    0x1f680...0x1f6ff, 0x1f900...0x1faff, 0x20000...0x3fffd,
  ]
}
