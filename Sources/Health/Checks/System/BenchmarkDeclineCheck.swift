internal import Base
internal import Benchmarks

/// Whether what the box delivers has fallen against its own past.
enum BenchmarkDeclineCheck: Check {
  static let info = CheckInfo(
    id: "benchmark-decline",
    title: "Benchmarks that fell",
    area: .system,
    harm: .smallLoss,
    why: """
      A link that repeats packets, a drive near its end or a fan that lets a GPU get hot answers as \
      before and reports no error. That it delivers less shows in its own figures over weeks. One \
      low run proves nothing: it is a suspicion until runs on following nights confirm it.
      """,
    reads: [
      "with tinyboxd: changes in the history of benchmarks that nobody has acknowledged, and how many "
        + "series have figures enough (/var/lib/tinybox/benchmarks.db)"
    ],
    verdicts: [
      .pass: """
      at least one series has the 12 figures that are needed, and none shows a confirmed fall; a \
      suspicion is named among the facts
      """,
      .warn: "a confirmed fall (decline), or a slow one over about eight months or more (drift)",
      .unknown: "the history cannot be read",
      .notApplicable: "no benchmark was run, tinyboxd was not asked, or too few figures yet",
    ],
    fix: """
      See when it fell and what changed at that time, and undo that. A fall that is meant, such as a \
      lower power cap, is acknowledged.
      """,
    risk: "the level of an acknowledged change counts as normal",
    sources: [
      "the method and its measured errors: docs/measurements.md, statistics of benchmarks"
    ],
    needs: [])

  /// The same whether tinyboxd was asked and has none, or was not asked.
  private static let nothing = "no history of benchmarks"
  static let path = "/var/lib/tinybox/benchmarks.db"
  /// Changes of one cause that are listed one by one.
  private static let listed = 16

  static func evaluate(_ box: Box) -> [Finding] {
    switch box.benchmarks {
    case nil: [notApplicable(nothing)]
    case .failure(let failure):
      [
        unknown(
          "the history of benchmarks is not readable",
          evidence: [Evidence(missing: "benchmarks", path: path, reason: "\(failure)")])
      ]
    case .success(let document): findings(document)
    }
  }

  private static func findings(_ document: BenchmarkChangesDocument) -> [Finding] {
    let falls = document.changes.filter { [.decline, .drift].contains($0.verdict) }
    if !falls.isEmpty { return falls.byCause.map(finding) }
    if document.seriesCount == 0 { return [notApplicable(nothing)] }
    let facts = Evidence(
      "benchmarks.judgedCount", "\(document.judgedCount) of \(document.seriesCount) series",
      path: path)
    if document.judgedCount == 0 {
      return [
        notApplicable(
          "no series has the \(BenchmarkSummary.figuresNeeded) figures that are needed",
          evidence: [facts])
      ]
    }
    let suspicions = document.changes.filter { $0.verdict == .suspicion }
    let judged = "\(document.judgedCount) series judged, none has fallen"
    return [
      pass(
        suspicions.isEmpty
          ? judged
          : judged + " for certain; \(Text.count(suspicions.count, "suspicion"))",
        evidence: [facts] + suspicions.prefix(listed).map(evidence))
    ]
  }

  /// One finding for changes with one cause.
  private static func finding(_ changes: [BenchmarkChange]) -> Finding {
    let worst = changes.max { ($0.share.map(abs) ?? 0) < ($1.share.map(abs) ?? 0) }
    guard let worst else { return unknown("no change", evidence: []) }
    let rest = changes.count == 1 ? "" : " and \(changes.count - 1) more"
    let shown = changes.prefix(listed)
    return warn(
      summary(worst, isOneOfMany: changes.count > 1), Subject(worst.series + rest),
      evidence: shown.map(evidence),
      advice: [
        Advice(
          "see when it fell and what changed",
          commands: ["tinyboxctl benchmark history \(Text.quoted(worst.series))"]),
        Advice(
          "where the change is meant, mark it as seen",
          commands: shown.map { "tinyboxctl benchmark acknowledge \($0.id)" },
          risk: "its new level counts as normal"),
      ])
  }

  private static func summary(_ change: BenchmarkChange, isOneOfMany: Bool) -> String {
    let day = change.time.prefix(10)
    if change.verdict == .drift {
      // Its explanation begins with the rate.
      return "slowly worse: "
        + (change.explanation.isEmpty ? "since \(day)" : change.explanation.joined(separator: "; "))
    }
    let cause =
      change.explanation.isEmpty ? "no known cause" : change.explanation.joined(separator: "; ")
    var amount = change.amount ?? "worse"
    // Rates are lower and times higher.
    if isOneOfMany, let share = change.share {
      amount = "up to \(Text.tenths(abs(share) * 100)) % worse"
    }
    return amount + " since \(day): \(cause)"
  }

  private static func evidence(_ change: BenchmarkChange) -> Evidence {
    let word =
      switch change.verdict {
      case .suspicion: "not confirmed: "
      case .drift: "slowly worse, "
      default: ""
      }
    return Evidence(
      "benchmarks.changes[\(change.id)]",
      "\(change.series): \(word)\(change.amount ?? "worse") since \(change.time.prefix(10)), found "
        + "\(change.foundAt.prefix(10))"
        + (change.z.map { ", \(Text.tenths(abs($0))) standard errors" } ?? ""),
      path: path)
  }
}
