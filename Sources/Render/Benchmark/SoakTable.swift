internal import Base
package import Benchmarks
internal import Inventory

/// A soak: its verdict and reasons, what was loaded, what was watched, and what was not.
package enum SoakTable {
  /// The lines.
  package static func render(_ report: SoakReport, _ style: Style) -> [String] {
    var lines = verdict(report, style)
    lines += section("loads", loads(report, style))
    lines += section("sensors", readings(report, style))
    lines += section("errors", errors(report, style))
    lines += section("links", links(report, style))
    lines += section("clocks", clocks(report, style))
    lines += section("not watched", unknown(report, style))
    return lines.texts(style)
  }

  private static func section(_ name: String, _ lines: [Line]) -> [Line] {
    lines.isEmpty ? [] : [Line(), Line(name, .strong)] + lines
  }

  /// The word of a verdict.
  static func tone(_ verdict: SoakReport.Verdict) -> Tone {
    switch verdict {
    case .pass: .strong
    case .warn: .warning
    case .fail: .bad
    }
  }

  private static func verdict(_ report: SoakReport, _ style: Style) -> [Line] {
    var line = Line(report.verdict.rawValue, tone(report.verdict))
    line.add(
      "  \(Units.duration(report.seconds)) of \(Units.duration(report.plannedSeconds)), from "
        + "\(report.started), \(Units.count(report.looks, "look"))")
    var lines = line.wrapped(to: style.columns, indent: 6)
    for reason in report.reasons {
      var line = Line("  ")
      line.add(reason.verdict.rawValue, tone(reason.verdict))
      line.add("  " + reason.text)
      lines += line.wrapped(to: style.columns, indent: 8)
    }
    return lines
  }

  private static func loads(_ report: SoakReport, _ style: Style) -> [Line] {
    var table = Table([
      .init("  load"), .init("did"), .init("rate"), .init("results", .right),
      .init("wrong", .right),
    ])
    for load in report.loads where load.outcome == .ran {
      let seconds = load.seconds > 0 ? load.seconds : nil
      let did =
        load.bytes.map(Units.capacity) ?? load.operations.map { FigureText.number($0) + " op" }
      let rate =
        load.bytes.flatMap { bytes in seconds.map { Units.rate(bytes / $0) } }
        ?? load.operations.flatMap { count in
          seconds.map { FigureText.number(count / $0 / 1e9) + " Gop/s" }
        }
      table.add([
        Line("  " + load.name), Line(did ?? "-"), Line(rate ?? "-"),
        Line(load.checkedResults.map(Units.count) ?? "-"),
        Line(Units.count(load.wrongResults), load.wrongResults > 0 ? .bad : .plain),
      ])
    }
    var lines = table.isEmpty ? [] : table.lines(style)
    for load in report.loads where load.outcome != .ran {
      lines += Line(
        "  \(load.name): \(word(load.outcome)): \(load.reason ?? "no reason was given")",
        load.outcome == .failed ? .bad : .dim
      ).wrapped(to: style.columns, indent: 4)
    }
    return lines
  }

  private static func word(_ outcome: SoakLoadReport.Outcome) -> String {
    switch outcome {
    case .ran: "ran"
    case .failed: "failed"
    case .notApplicable: "not applicable"
    case .skipped: "left out"
    }
  }

  private static func readings(_ report: SoakReport, _ style: Style) -> [Line] {
    if report.readings.isEmpty { return [] }
    var table = Table([
      .init("  sensor", minimum: 12), .init("least", .right), .init("most", .right),
      .init("critical", .right),
    ])
    for reading in report.readings {
      table.add([
        Line("  \(reading.subject) \(reading.name)"), Line(text(reading.least, reading, style)),
        Line(text(reading.most, reading, style)),
        Line(reading.criticalLimit.map { text($0, reading, style) } ?? "-"),
      ])
    }
    return table.lines(style)
  }

  private static func text(_ value: Double, _ reading: SoakReading, _ style: Style) -> String {
    switch reading.quantity {
    case .temperature: Units.celsius(value, isASCII: !style.unicode)
    case .power: Units.watts(value)
    case .clock: Int(exactly: value.rounded()).map(Units.hertz) ?? "unknown"
    }
  }

  private static func errors(_ report: SoakReport, _ style: Style) -> [Line] {
    let counters = report.counters.map { counter in
      let name = counter.name.map { " (\($0))" } ?? ""
      return Line(
        "  \(counter.subject)  \(counter.kind.words)\(name): \(Units.count(counter.growth)) more",
        tone(counter.kind.verdict))
    }
    let lost = report.lost.map {
      Line("  \($0.subject)  lost after \(Units.duration($0.seconds))", .bad)
    }
    return (lost + counters).flatMap { $0.wrapped(to: style.columns, indent: 4) }
  }

  private static func links(_ report: SoakReport, _ style: Style) -> [Line] {
    report.links.flatMap { link in
      Line(
        "  \(link.port.short) to \(link.device.short)  \(link.slowest.description) to "
          + "\(link.fastest.description), \(Units.count(link.changes, "change"))"
          + (link.isLoaded ? ", loaded" : ", not loaded")
      ).wrapped(to: style.columns, indent: 4)
    }
  }

  private static func clocks(_ report: SoakReport, _ style: Style) -> [Line] {
    var lines: [Line] = []
    if let clock = report.clock {
      lines += Line(
        "  compute rate of \(Units.count(clock.cpus, "CPU")): "
          + "\(FigureText.number(clock.firstOperationsPerSecond / 1e9)) Gop/s in the first tenth, "
          + "\(FigureText.number(clock.lastOperationsPerSecond / 1e9)) in the last"
      ).wrapped(to: style.columns, indent: 4)
    }
    for seen in report.throttling {
      lines += Line("  \(seen.subject)  \(seen.reason) in \(Units.percent(seen.share)) of looks")
        .wrapped(to: style.columns, indent: 4)
    }
    return lines
  }

  /// What is unknown, once for each reason.
  private static func unknown(_ report: SoakReport, _ style: Style) -> [Line] {
    BenchmarkTable.grouped(report.unknown, by: \.reason).flatMap { reason, alike in
      Line("  \(alike.map(\.name).joined(separator: ", ")): \(reason)", .dim)
        .wrapped(to: style.columns, indent: 4)
    }
  }
}
