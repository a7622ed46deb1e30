internal import Base
package import Benchmarks

/// Trials of the placement of devices.
package enum TrialTable {
  /// Trials that were made, or would be.
  package static func render(_ document: BenchmarkTrialDocument, _ style: Style) -> [String] {
    if document.devices.isEmpty { return [Line("nothing to change").text(style)] }
    var lines: [Line] = []
    for device in document.devices {
      if !lines.isEmpty { lines.append(Line()) }
      lines += render(device, style)
    }
    return lines.texts(style)
  }

  /// The trials that were kept, newest first.
  package static func render(_ document: BenchmarkTrialsDocument, _ style: Style) -> [String] {
    if document.trials.isEmpty {
      return [
        Line("no trial was made: 'sudo tinyboxctl benchmark placement DEVICE' makes one").text(
          style)
      ]
    }
    var table = Table([
      .init("time (UTC)"), .init("series", minimum: 16), .init("verdict"), .init("on / off"),
      .init("pairs", .right), .init("plan", minimum: 16),
    ])
    for trial in document.trials.reversed() {
      table.add([
        Line(FigureText.time(trial.time)), Line(trial.series),
        Line(word(trial.verdict), tone(trial.verdict)), Line(ratio(trial)),
        Line("\(trial.pairs.count)"), Line(trial.plan, .dim),
      ])
    }
    return table.render(style)
  }

  /// `1.12 (1.08 to 1.16)`.
  static func ratio(_ trial: BenchmarkTrial) -> String {
    let numbers = [trial.ratio, trial.low, trial.high].map { Units.decimal($0, places: 3) }
    return "\(numbers[0]) (\(numbers[1]) to \(numbers[2]))"
  }

  static func word(_ verdict: BenchmarkTrial.Verdict) -> String {
    switch verdict {
    case .gain: "gain"
    case .noGainShown: "no gain shown"
    case .worse: "worse"
    }
  }

  private static func tone(_ verdict: BenchmarkTrial.Verdict) -> Tone {
    switch verdict {
    case .gain: .strong
    case .noGainShown: .plain
    case .worse: .bad
    }
  }

  // MARK: A device

  /// Settings that are listed: of an interface with many queues there are hundreds.
  private static let longestList = 12

  private static func render(_ device: BenchmarkTrialDocument.Device, _ style: Style) -> [Line] {
    var heading = Line(device.device, .strong)
    if let address = device.address { heading.add("  \(address.short)") }
    if let plan = device.plan { heading.add("  plan \(plan)", .dim) }
    var lines = [heading]
    let shown = device.settings.prefix(longestList)
    lines += shown.flatMap { setting in
      var line = Line("  " + setting.name)
      if let detail = setting.detail { line.add(" (\(detail))", .dim) }
      line.add(": off \(value(setting.off)), on ")
      line.add(value(setting.on), .strong)
      return line.wrapped(to: style.columns, indent: 4)
    }
    if shown.count < device.settings.count {
      lines.append(Line("  and \(device.settings.count - shown.count) more settings", .dim))
    }
    for reason in device.leftAlone {
      lines += Line("  left alone: " + reason, .dim).wrapped(to: style.columns, indent: 4)
    }
    for reason in device.refused {
      lines += Line("  refused: " + reason, .warning).wrapped(to: style.columns, indent: 4)
    }
    for load in device.loads { lines += render(load, style) }
    lines += Line(outcome(device), device.outcome == .notTried ? .warning : .plain)
      .wrapped(to: style.columns, indent: 2)
    return lines
  }

  private static func render(_ load: BenchmarkTrialDocument.Load, _ style: Style) -> [Line] {
    var line = Line("  \(load.name): ")
    guard let trial = load.trial else {
      line.add(load.movesLoad ? "moved to its node; " : "on its node; ")
      line.add(
        "\(Units.count(BenchmarkTrial.leastPairs)) to \(Units.count(BenchmarkTrial.mostPairs, "pair")), "
          + "\(Units.duration(load.leastSeconds)) to \(Units.duration(load.mostSeconds))")
      return line.wrapped(to: style.columns, indent: 4)
    }
    line.add(word(trial.verdict), tone(trial.verdict))
    line.add(", on over off \(ratio(trial)), \(Units.count(trial.pairs.count, "pair"))")
    if let tail = load.tailRatio {
      line.add(", tail \(Units.decimal(tail, places: 3))", load.isTailWorse == true ? .bad : .plain)
    }
    if load.isTailWorse == true { line.add(": the tail loses more than the median gains", .bad) }
    let series = load.series
    let off = FigureText.text(median(trial.pairs.map(\.off)), series)
    let on = FigureText.text(median(trial.pairs.map(\.on)), series)
    return line.wrapped(to: style.columns, indent: 4)
      + Line("    \(series.subject): \(off) off, \(on) on", .dim)
      .wrapped(to: style.columns, indent: 6)
  }

  private static func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    return sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  private static func outcome(_ device: BenchmarkTrialDocument.Device) -> String {
    let text =
      switch device.outcome {
      case .planned: "nothing was changed: this is what a trial would do"
      case .putBack:
        device.settings.isEmpty
          ? "no setting was changed" : "every setting is as it was found"
      case .kept: "the placement is kept"
      case .notTried: "not tried, and nothing changed"
      }
    return text + (device.reason.map { ": \($0)" } ?? "")
  }

  private static func value(_ text: String?) -> String {
    guard let text else { return "not set" }
    return text.isEmpty ? "none" : text
  }
}
