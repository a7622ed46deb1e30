internal import Inventory

/// What is wrong, as far as the inventory proves it, and how much could not be told.
struct StatusFindings {
  private var findings: [[Line]] = []
  private var last: [Line] = []
  private let style: Style

  init(_ index: InventoryIndex, _ style: Style) {
    self.style = style
    let unknown = UnknownCount(index.inventory).text
    for finding in Finding.all(index) {
      var line = Labelled.start(findings.isEmpty ? "health" : "")
      line.add(finding.severity == .bad ? "!! " : "! ", finding.severity == .bad ? .bad : .warning)
      line.add(finding.text, finding.severity == .bad ? .strong : .plain)
      // Nothing that is said of one device needs more than three lines.
      let lines = line.wrapped(to: style.columns, indent: Labelled.column + 2)
      findings.append(Array(lines.prefix(3)))
    }
    if findings.isEmpty {
      last = Labelled.lines(
        "health", ["nothing found wrong in what could be read", unknown], style, limit: 2)
    } else if let unknown {
      last = [Labelled.start("").with(Line("  " + unknown, .dim))]
    }
  }

  /// Lines with everything shown.
  var count: Int { findings.reduce(last.count) { $0 + $1.count } }

  /// At most `limit` lines if that shows at least one finding; what is left out is counted.
  func limited(to limit: Int) -> [Line] {
    if count <= limit { return findings.flatMap { $0 } + last }
    var lines: [Line] = []
    var shown = 0
    for finding in findings where shown == 0 || lines.count + finding.count + 1 <= limit {
      lines += finding
      shown += 1
    }
    var words: [String] = []
    if shown < findings.count { words.append("+\(findings.count - shown) more") }
    if let unknown = last.first { words.append(unknown.plain.trimmed) }
    if !words.isEmpty {
      lines.append(Labelled.start("").with(Line("  " + words.joined(separator: ", "), .dim)))
    }
    return lines
  }
}

extension String {
  /// Without blanks at its start.
  var trimmed: String { String(drop { $0 == " " }) }
}
