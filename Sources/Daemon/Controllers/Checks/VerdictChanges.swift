internal import Base
internal import Events
internal import Health

/// What the checks say of each subject, and how it differs from what they said before. Pure.
struct VerdictChanges: Codable, Equatable {
  /// A verdict that is remembered.
  struct Entry: Codable, Equatable {
    var verdict: Verdict
    var summary: String
  }

  /// Verdicts worse than a pass, by check and subject. What is not in it passed, or is gone.
  private(set) var entries: [String: Entry] = [:]
  /// The checks that were run.
  private(set) var checks: Set<String> = []

  /// What a report says.
  /// - Parameter earlier: what was known before it. It stays for what cannot be judged now, so that
  ///   a verdict is not reported again after a reading failed.
  init(_ report: HealthReport, after earlier: VerdictChanges? = nil) {
    checks = Set(report.checks)
    if let earlier {
      let unreadable = Unreadable(report)
      entries = earlier.entries.filter { unreadable.covers($0.key) }
    }
    for finding in report.findings where VerdictChanges.rank(finding.verdict) > 0 {
      let key = VerdictChanges.key(finding)
      // The worst of a subject counts.
      let known = entries[key].map { VerdictChanges.rank($0.verdict) } ?? 0
      if known < VerdictChanges.rank(finding.verdict) {
        entries[key] = Entry(verdict: finding.verdict, summary: finding.summary)
      }
    }
  }

  /// What a report could not judge.
  private struct Unreadable {
    private var keys: Set<String> = []
    /// Checks that could judge no subject at all.
    private var checks: Set<String> = []

    init(_ report: HealthReport) {
      for finding in report.findings where finding.verdict == .unknown {
        keys.insert(VerdictChanges.key(finding))
        if finding.subject == nil, finding.address == nil { checks.insert(finding.check) }
      }
    }

    func covers(_ key: String) -> Bool {
      keys.contains(key) || checks.contains(VerdictChanges.check(of: key))
    }
  }

  private static func check(of key: String) -> String { String(key.prefix { $0 != " " }) }

  /// Names of drives and interfaces change from boot to boot: an address says more.
  private static func key(_ finding: Finding) -> String {
    "\(finding.check) \(finding.address?.description ?? finding.subject ?? "-")"
  }

  /// How bad a verdict is. `unknown` is no better and no worse than a pass: a reading that failed
  /// once is not an event.
  private static func rank(_ verdict: Verdict) -> Int {
    switch verdict {
    case .pass, .notApplicable, .unknown: 0
    case .warn: 1
    case .fail: 2
    }
  }

  /// The events since an earlier report, without time.
  static func events(since old: VerdictChanges, _ report: HealthReport) -> [EventDraft] {
    let ran = Set(report.checks)
    let unreadable = Unreadable(report)
    var drafts: [EventDraft] = []
    var seen: Set<String> = []
    for finding in report.findings {
      let key = key(finding)
      guard seen.insert(key).inserted, old.checks.contains(finding.check) else { continue }
      let before = old.entries[key].map { rank($0.verdict) } ?? 0
      let after = rank(finding.verdict)
      if after > before {
        drafts.append(draft(.checkWorse, finding, finding.verdict == .fail ? .error : .warning))
      } else if after < before, !unreadable.covers(key) {
        drafts.append(draft(.checkBetter, finding, nil))
      }
    }
    // A subject that is not judged any more is gone, and its findings with it.
    for (key, entry) in old.entries.sorted(by: { $0.key < $1.key })
    where !seen.contains(key) && !unreadable.covers(key) && ran.contains(check(of: key)) {
      let check = check(of: key)
      drafts.append(
        EventDraft(
          .checkBetter, subject: check,
          "\(check): no longer \(entry.verdict.rawValue), "
            + "there is nothing left to check (it was: \(entry.summary))"))
    }
    return drafts
  }

  private static func draft(
    _ kind: EventKind, _ finding: Finding, _ severity: Event.Severity?
  ) -> EventDraft {
    let subject = finding.subject.map { "\($0): " } ?? ""
    return EventDraft(
      kind, subject: finding.check, address: finding.address,
      "\(finding.check) is now \(finding.verdict.rawValue): \(subject)\(finding.summary)",
      severity: severity)
  }
}
