extension HealthReport {
  /// This report, with the findings of an earlier one for the checks that were left out of this.
  package func completed(by earlier: HealthReport) -> HealthReport {
    let missing = Set(skipped)
    var report = self
    let kept = earlier.findings.filter { missing.contains($0.check) }
    let known = Set(earlier.checks)
    report.checks += skipped.filter(known.contains)
    report.skipped.removeAll(where: known.contains)
    let all = findings + kept
    var worst: [String: Verdict] = [:]
    for finding in all {
      worst[finding.check] = max(worst[finding.check] ?? finding.verdict, finding.verdict)
    }
    report.counts = [:]
    // A check without any finding is unknown, as where it runs.
    for check in report.checks {
      report.counts[(worst[check] ?? .unknown).rawValue, default: 0] += 1
    }
    report.verdict = all.map(\.verdict).max() ?? .unknown
    report.findings = all.byHarm
    return report
  }
}
