internal import Base
internal import Health
internal import Inventory

/// The verdict of the checks, and the worst of what they found.
struct StatusFindings {
  /// How many findings the screen names; the rest is for `tinyboxctl check`.
  static let shown = 2

  private let verdict: [Line]
  private var findings: [[Line]] = []
  private let last: [Line]

  init(_ report: HealthReport, _ inventory: Inventory, _ style: Style) {
    var line = Labelled.start("health")
    switch report.verdict {
    case .fail: line.add("!! ", .bad)
    case .warn: line.add("! ", .warning)
    case .unknown: line.add("? ", .warning)
    case .pass, .notApplicable: break
    }
    line.add(StatusFindings.verdict(report), report.verdict == .fail ? .strong : .plain)
    verdict = line.wrapped(to: style.columns, indent: Labelled.column)
    let rows = HealthRow.byCheck(report.findings.filter { $0.verdict >= .warn })
    for row in rows.prefix(StatusFindings.shown) {
      var line = Labelled.start("")
      line.add(row.verdict == .fail ? "!! " : "! ", row.verdict.tone)
      if let subjects = row.subjectText { line.add(subjects + ": ") }
      line.add(row.summary)
      line.add(" (\(row.check)" + (row.others == 0 ? ")" : ", and \(row.others) more)"), .dim)
      // Nothing that is said of one device needs more than three lines.
      findings.append(Array(line.wrapped(to: style.columns, indent: Labelled.column + 2).prefix(3)))
    }
    last =
      UnknownCount(inventory).text.map { [Labelled.start("").with(Line("  " + $0, .dim))] } ?? []
  }

  /// `1 failed, 2 warnings, 3 unknown, of 31 checks: tinyboxctl check`.
  private static func verdict(_ report: HealthReport) -> String {
    let all = Units.count(report.checks.count + report.skipped.count, "check")
    let of =
      report.skipped.isEmpty
      ? "of \(all)" : "of \(report.checks.count) quick checks (\(all) in 'tinyboxctl check')"
    let wrong: [(Verdict, String, String)] = [
      (.fail, "failed", "failed"), (.warn, "warning", "warnings"),
      (.unknown, "unknown", "unknown"),
    ]
    let parts = wrong.compactMap { verdict, one, many -> String? in
      let count = report.count(verdict)
      return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
    }
    return parts.isEmpty
      ? "nothing wrong, \(of)" : parts.joined(separator: ", ") + ", \(of)"
  }

  /// Lines with everything shown.
  var count: Int { findings.reduce(verdict.count + last.count) { $0 + $1.count } }

  /// At most `limit` lines, the verdict first; findings that do not fit are left to the command.
  func limited(to limit: Int) -> [Line] {
    var lines = verdict
    for finding in findings where lines.count + finding.count <= max(limit, verdict.count + 1) {
      lines += finding
    }
    if lines.count + last.count <= limit { lines += last }
    return lines
  }
}
