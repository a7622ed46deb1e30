internal import Base
package import Health

/// What is not fine, worst first, and a line that counts the rest.
package enum HealthTable {
  /// More unknown rows than this are counted by check, not listed.
  static let mostUnknown = 8

  /// The table.
  /// - Parameter all: also list what is fine and what does not apply.
  package static func render(_ report: HealthReport, _ style: Style, all: Bool) -> [String] {
    var rows = all ? HealthRow.rows(report.findings) : HealthRow.byCheck(report.findings)
    var hidden: [HealthRow] = []
    if !all {
      rows.removeAll { $0.verdict < .unknown }
      let unknown = rows.filter { $0.verdict == .unknown }
      if unknown.count > mostUnknown {
        hidden = unknown
        rows.removeAll { $0.verdict == .unknown }
      }
    }
    var lines: [Line] = []
    if !rows.isEmpty { lines += table(rows, style) }
    if !hidden.isEmpty {
      if !lines.isEmpty { lines.append(Line()) }
      lines += unknownChecks(hidden, style)
    }
    if !lines.isEmpty { lines.append(Line()) }
    lines += summary(report, all: all, style)
    return lines.texts(style)
  }

  private static func table(_ rows: [HealthRow], _ style: Style) -> [Line] {
    let words = max(7, rows.map { $0.verdict.word.utf8.count }.max() ?? 7)
    let ids = rows.map { DisplayText.width($0.check) }.max() ?? 5
    let start = words + 2 + max(5, ids) + 2
    var heading = Line("verdict", .dim)
    heading.pad(to: words + 2)
    heading.add("check", .dim)
    heading.pad(to: start)
    heading.add("what", .dim)
    var lines = [heading]
    for row in rows {
      var line = Line(row.verdict.word, row.verdict.tone)
      line.pad(to: words + 2)
      line.add(row.check, row.verdict >= .warn ? .strong : .plain)
      line.pad(to: start)
      if let subjects = row.subjectText { line.add(subjects + ": ") }
      line.add(row.text)
      lines += line.wrapped(to: style.columns, indent: min(start, style.columns / 2))
    }
    return lines
  }

  private static func unknownChecks(_ rows: [HealthRow], _ style: Style) -> [Line] {
    var ids: [String] = []
    for row in rows where !ids.contains(row.check) { ids.append(row.check) }
    var line = Line("unknown", Verdict.unknown.tone)
    line.add("  \(Units.count(ids.count, "check")) unknown: ")
    line.add(ids.joined(separator: ", "))
    return line.wrapped(to: style.columns, indent: 9)
  }

  /// `3 checks fine, 1 failed, ...` and where to go from there.
  private static func summary(_ report: HealthReport, all: Bool, _ style: Style) -> [Line] {
    var line = Line()
    line.add(counts(report))
    if let profile = report.profile {
      line.add("; profile \(profile)")
    } else {
      line.add("; no profile")
    }
    if let trust = trust(report) { line.add("; \(trust)") }
    line.add(".")
    var lines = line.wrapped(to: style.columns)
    let worst = report.findings.first { $0.verdict >= .unknown }
    if let worst {
      lines += Line("Why, and what to do: tinyboxctl check --explain \(worst.check)", .dim)
        .wrapped(to: style.columns, indent: 2)
    } else if !all {
      lines.append(Line("What was looked at: tinyboxctl check --all", .dim))
    }
    return lines
  }

  /// What to do where rights were missing.
  private static func trust(_ report: HealthReport) -> String? {
    let isDenied = report.findings.contains { $0.verdict == .unknown && $0.isForRights }
    return isDenied ? "run with sudo to see more" : nil
  }

  /// `2 failed, 1 warning, 3 unknown, 40 fine, 6 not applicable`.
  static func counts(_ report: HealthReport) -> String {
    let parts: [(Verdict, String, String)] = [
      (.fail, "failed", "failed"), (.warn, "warning", "warnings"),
      (.unknown, "unknown", "unknown"), (.pass, "fine", "fine"),
      (.notApplicable, "not applicable", "not applicable"),
    ]
    let words = parts.compactMap { verdict, one, many -> String? in
      let count = report.count(verdict)
      return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
    }
    return "\(Units.count(report.checks.count, "check")): " + words.joined(separator: ", ")
  }
}

/// Findings of one check that say the same of several subjects.
struct HealthRow {
  var check: String
  var verdict: Verdict
  var subjects: [String]
  var summary: String
  /// Findings of the same check that say something else and are not listed.
  var others = 0

  /// The summary, with how many findings of the check say something else.
  var text: String { others == 0 ? summary : "\(summary) (and \(others) more)" }

  /// One row a check: what its first finding says, with all subjects of which it says that, and how many
  /// others there are that are not fine.
  static func byCheck(_ findings: [Finding]) -> [HealthRow] {
    var rows: [HealthRow] = []
    var index: [String: Int] = [:]
    for row in HealthRow.rows(findings) {
      if let first = index[row.check] {
        if row.verdict >= .unknown { rows[first].others += max(1, row.subjects.count) }
      } else {
        index[row.check] = rows.count
        rows.append(row)
      }
    }
    return rows
  }

  static func rows(_ findings: [Finding]) -> [HealthRow] {
    struct Key: Hashable {
      var check: String
      var verdict: Verdict
      var summary: String
    }
    var index: [Key: Int] = [:]
    var rows: [HealthRow] = []
    for finding in findings {
      let key = Key(check: finding.check, verdict: finding.verdict, summary: finding.summary)
      let subjects = finding.subject.map { [$0] } ?? []
      if let position = index[key] {
        rows[position].subjects += subjects
      } else {
        index[key] = rows.count
        rows.append(
          HealthRow(
            check: finding.check, verdict: finding.verdict, subjects: subjects,
            summary: finding.summary))
      }
    }
    return rows
  }

  private static func withoutSlot(_ name: String) -> String {
    guard let start = name.firstRange(of: " (slot ") else { return name }
    return String(name[..<start.lowerBound])
  }

  /// `GPU0, GPU1`, no more than six named; addresses of GPUs and slots only where there is one.
  var subjectText: String? {
    guard let first = subjects.first else { return nil }
    if subjects.count == 1 { return first }
    let names = subjects.prefix(6).map { name in
      let short = HealthRow.withoutSlot(name)
      let isNumbered = short.hasPrefix("GPU") && short.dropFirst(3).first?.isNumber == true
      return isNumbered ? String(short.prefix { $0 != " " }) : short
    }
    let more = subjects.count - names.count
    return names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}

extension Verdict {
  /// As a person reads it.
  package var word: String {
    switch self {
    case .pass: "pass"
    case .notApplicable: "-"
    case .unknown: "unknown"
    case .warn: "warn"
    case .fail: "FAIL"
    }
  }

  var tone: Tone {
    switch self {
    case .pass: .plain
    case .notApplicable: .dim
    case .unknown, .warn: .warning
    case .fail: .bad
    }
  }
}
