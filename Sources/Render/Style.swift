/// How text is shown. The caller decides: only it knows whether a terminal reads.
package struct Style: Hashable, Sendable {
  /// Whether colour and weight are marked with escape sequences (SGR).
  package var color: Bool
  /// Columns a line may take; lines are cut or wrapped to it. At least 20 is used.
  package var width: Int
  /// Whether box characters, arrows and foreign letters may be printed; otherwise ASCII only.
  package var unicode: Bool

  /// A style; the default is plain text for 80 columns.
  package init(color: Bool = false, width: Int = 80, unicode: Bool = true) {
    self.color = color
    self.width = width
    self.unicode = unicode
  }

  /// The width that is really used: a width below 20 shows nothing useful.
  var columns: Int { max(20, min(width, 4096)) }
}

/// What a piece of text means; colour follows from it, and never carries the meaning alone.
package enum Tone: Hashable, Sendable {
  /// Ordinary text.
  case plain
  /// Names and headings.
  case strong
  /// Labels, table headers, absent facts.
  case dim
  /// Something that deserves a look.
  case warning
  /// Something that is broken.
  case bad

  /// The escape sequence that starts it; nil for plain text.
  var start: String? {
    switch self {
    case .plain: nil
    case .strong: "\u{1b}[1m"
    case .dim: "\u{1b}[2m"
    case .warning: "\u{1b}[33m"
    case .bad: "\u{1b}[1;31m"
    }
  }
}
