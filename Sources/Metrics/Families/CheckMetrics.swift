internal import Health

/// What the checks say.
///
/// A verdict is a series of its own with 0 or 1, as systemd's unit states are in node_exporter:
/// alert rules name it in words, sums over it mean something, and a verdict added later changes no
/// number. OpenMetrics would have a stateset for it, whose label must be called like the family;
/// that would give the two formats different series, and rules could fit one of them only.
enum CheckMetrics {
  private static let verdict = MetricFamily.Label(
    "verdict", "`pass`, `notApplicable`, `unknown`, `warn` or `fail`")

  static let families: [MetricFamily] = [
    MetricFamily(
      "checks", help: "Checks that ended with a verdict, each counting by its worst finding.",
      labels: [verdict], bound: "5"
    ) { input in
      guard let report = input.report else { return [] }
      return Verdict.allCases.compactMap { Sample(report.count($0), $0.rawValue) }
    },
    MetricFamily(
      "check_verdict", help: "The worst finding of a check: 1 for its verdict, 0 for the others.",
      labels: [.init("check", "id of the check"), verdict], bound: "5 a check"
    ) { input in
      guard let report = input.report else { return [] }
      var worst: [String: Verdict] = [:]
      for finding in report.findings {
        worst[finding.check] = max(worst[finding.check] ?? finding.verdict, finding.verdict)
      }
      return report.checks.flatMap { check in
        Verdict.allCases.compactMap {
          Sample((worst[check] ?? .unknown) == $0, check, $0.rawValue)
        }
      }
    },
  ]
}
