internal import Base
internal import Benchmarks

/// What a run was: counts, machine and time, and which ceilings are unknown for what reason.
enum BenchmarkFooter {
  static func lines(_ run: BenchmarkRun, _ style: Style, explains: Bool) -> [Line] {
    var lines = counts(run.results).wrapped(to: style.columns, indent: 2)
    for text in [description(run), machine(run)] where !text.isEmpty {
      lines += Line(text, .dim).wrapped(to: style.columns, indent: 2)
    }
    for (missing, results) in unknownCeilings(run.results) {
      let count = Units.count(results.count, "measurement")
      lines += Line("Ceiling unknown for \(count): \(missing).", .dim)
        .wrapped(to: style.columns, indent: 2)
    }
    if !explains, run.results.contains(where: { $0.hasFigure && $0.ceiling != nil }) {
      lines += Line("How each ceiling comes about: --explain", .dim).wrapped(to: style.columns)
    }
    return lines
  }

  /// `84 measured, 3 low, 1 invalid.`
  static func counts(_ results: [BenchmarkResult]) -> Line {
    if results.isEmpty { return "No measurement was made." }
    var line = Line()
    for verdict in BenchmarkResult.Verdict.allCases {
      let count = results.count { $0.verdict == verdict }
      if count == 0 { continue }
      if !line.isEmpty { line.add(", ") }
      line.add(
        "\(Units.count(count)) \(FigureText.word(verdict))",
        verdict == .notApplicable || verdict == .skipped ? .plain : FigureText.tone(verdict))
    }
    line.add(".")
    return line
  }

  /// When the run was, how long it took, and what kind of run it was.
  static func description(_ run: BenchmarkRun) -> String {
    var parts = [
      "Run \(run.id) of \(FigureText.time(run.started)) UTC"
        + (duration(run).map { ", \($0)" } ?? "")
    ]
    switch run.state {
    case .running: parts.append("it is still running")
    case .aborted: parts.append("it was aborted")
    case .discarded: parts.append("it is not in the history")
    case .done: break
    }
    if run.isQuick { parts.append("a quick run, which is not compared with the history") }
    switch run.trigger {
    case .manual: break
    case .scheduled: parts.append("started by the timer")
    case .confirmation: parts.append("started to confirm a suspicion")
    case .imported: parts.append("imported")
    }
    return parts.joined(separator: "; ") + "."
  }

  /// How long the run took; nil where one of its times is missing.
  static func duration(_ run: BenchmarkRun) -> String? {
    guard let start = BenchmarkTime.milliseconds(run.started),
      let end = run.finished.flatMap(BenchmarkTime.milliseconds), end >= start
    else { return nil }
    return Units.duration(Double(end - start) / 1000)
  }

  /// The facts that explain most: `kernel 6.1.0-28-amd64, governor performance, tinybox 0.9`.
  static func machine(_ run: BenchmarkRun) -> String {
    let names = [
      ("processor", ""), ("kernel", "kernel "), ("processor.governor", "governor "),
      ("bios", "BIOS "), ("iommu", "IOMMU "),
    ]
    var parts = names.compactMap { fact, label in run.context[fact].map { label + $0 } }
    if run.context["processor.governor"] == nil { parts.append("governor unknown") }
    parts.append("tinybox \(run.program)")
    return parts.joined(separator: ", ") + "."
  }

  /// What is missing for a ceiling, with the results whose ceiling it is.
  static func unknownCeilings(_ results: [BenchmarkResult]) -> [(String, [BenchmarkResult])] {
    let unknown = results.filter { result in
      result.hasFigure && result.ceiling.map { $0.value == nil } == true
    }
    return BenchmarkTable.grouped(unknown) { result in
      let missing = result.ceiling?.limits.filter { $0.value == nil } ?? []
      return missing.isEmpty
        ? "no limit is known"
        : missing.map { "\($0.name): \($0.arithmetic)" }.joined(separator: "; ")
    }
  }
}
