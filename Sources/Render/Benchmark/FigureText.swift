internal import Base
package import Benchmarks

/// The scale in which figures are written: a divisor and the name of the unit.
struct FigureScale: Hashable {
  var divisor: Double
  /// With the blank before it, where there is one: ` GB/s`, `k IOPS`.
  var name: String

  /// The scale for a figure of a series.
  init(_ series: BenchmarkSeries, _ value: Double) {
    let names: [String]
    var divisor = 1.0
    switch series.unit {
    case .bytesPerSecond: names = [" B/s", " kB/s", " MB/s", " GB/s", " TB/s"]
    case .operationsPerSecond:
      // Drives and file servers count input and output operations, models tokens.
      let units = ["nvme": " IOPS", "nfs": " IOPS", "runtime": " tok/s"]
      let unit = series.metric == "steps" ? " steps/s" : units[series.suite] ?? " op/s"
      names = ["", "k", "M", "G", "T"].map { $0 + unit }
    case .seconds:
      names = [" ns", " µs", " ms", " s"]
      divisor = 1e-9
    }
    var index = 0
    while index < names.count - 1, value.isFinite, abs(value) / divisor >= 999.5 {
      divisor *= 1000
      index += 1
    }
    self.divisor = divisor
    name = names[index]
  }

  /// The number of a figure, without its unit.
  func number(_ value: Double) -> String { FigureText.number(value / divisor) }
}

/// Figures of benchmarks as people read them.
package enum FigureText {
  /// A figure with its unit: `31.5 GB/s`, `98 ns`, `412k IOPS`; `unknown` for what is no number.
  package static func text(_ value: Double?, _ series: BenchmarkSeries) -> String {
    guard let value, value.isFinite else { return "unknown" }
    let scale = FigureScale(series, value)
    return scale.number(value) + scale.name
  }

  /// Three digits that count; very large and very small numbers with their power of ten.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "unknown" }
    let size = abs(value)
    if size == 0 || (size >= 0.01 && size < 1e6) { return Units.short(value) }
    var (scaled, power) = (value, 0)
    while abs(scaled) >= 9.995 { (scaled, power) = (scaled / 10, power + 1) }
    while abs(scaled) < 0.9995, power > -330 { (scaled, power) = (scaled * 10, power - 1) }
    return Units.short(scaled) + "e\(power)"
  }

  /// The interval of a figure: `±0.8 %` where both ends are about as far, else `31.2..31.9` in the scale
  /// of the figure; empty without an interval.
  static func interval(_ value: Double?, _ low: Double?, _ high: Double?, _ scale: FigureScale)
    -> String
  {
    guard let value, let low, let high, value.isFinite, low.isFinite, high.isFinite, low <= high
    else { return "" }
    let (below, above) = ((value - low) / abs(value), (high - value) / abs(value))
    let wider = max(below, above)
    if value != 0, min(below, above) >= 0, wider.isFinite, wider < 1,
      wider < 0.01 || min(below, above) * 2 >= wider
    {
      return "±\(percent(wider))"
    }
    return scale.number(low) + ".." + scale.number(high)
  }

  /// A change or a half-width in percent with the digits that count: `0.8 %`, `12 %`.
  static func percent(_ share: Double) -> String {
    let percent = abs(share) * 100
    if !percent.isFinite { return "unknown" }
    if percent > 0, percent < 0.05 { return "<0.1 %" }
    return
      (percent < 1e6 ? Units.decimal(percent, places: percent < 9.95 ? 1 : 0) : number(percent))
      + " %"
  }

  /// A change with its sign: `+2.1 %`, `-12 %`, `0 %`.
  static func change(_ share: Double) -> String {
    let text = percent(share)
    return (text == "0 %" ? "" : share < 0 ? "-" : "+") + text
  }

  /// The share of the ceiling as a bar, and what the ceiling is: `######---- 62 % of 38.4 GB/s`. A lower
  /// figure is better for a time: its ceiling is the least time.
  static func ceiling(_ result: BenchmarkResult) -> Line {
    guard let ceiling = result.ceiling else { return Line("-", .dim) }
    guard let value = ceiling.value, value.isFinite else { return Line("ceiling unknown", .dim) }
    let most = (result.series.better == .lower ? "least " : "") + text(value, result.series)
    guard let share = result.ceilingShare, share.isFinite, share >= 0 else {
      return Line("share unknown of \(most)", .dim)
    }
    let filled = share >= 1 ? bar : Int((share * Double(bar)).rounded())
    var line = Line(String(repeating: "#", count: filled), tone(result.verdict))
    line.add(String(repeating: "-", count: bar - filled), .dim)
    line.add(" \(share < 10 ? Units.percent(share) : percent(share)) of ")
    line.add(most)
    return line
  }

  /// Marks of a full bar.
  private static let bar = 9

  /// The word of a verdict.
  package static func word(_ verdict: BenchmarkResult.Verdict) -> String {
    switch verdict {
    case .measured: "measured"
    case .low: "low"
    case .invalid: "invalid"
    case .failed: "failed"
    case .notApplicable: "not applicable"
    case .skipped: "skipped"
    }
  }

  /// How a verdict is marked.
  static func tone(_ verdict: BenchmarkResult.Verdict) -> Tone {
    switch verdict {
    case .measured: .plain
    case .low: .warning
    case .invalid, .failed: .bad
    case .notApplicable, .skipped: .dim
    }
  }

  /// What qualifies a figure, in words.
  static func words(_ flag: BenchmarkResult.Flag, _ result: BenchmarkResult) -> String {
    switch flag {
    case .didNotSettle: "did not settle"
    case .fewSamples:
      (result.sampleCount.map { "\(Units.count($0, "sample")), " } ?? "")
        + "too few \(result.sampleCount == nil ? "samples " : "")for an interval"
    case .quick: "quick"
    case .standIn: "measured on a stand-in for the device"
    }
  }

  /// Why a figure is below its mark: ids of failed checks.
  static func causes(_ causes: [String]) -> String {
    causes.isEmpty ? "no known cause" : causes.joined(separator: ", ")
  }

  /// What is known about the reason of a change.
  static func explanation(_ sentences: [String]) -> String {
    sentences.isEmpty ? "no known cause" : sentences.joined(separator: "; ")
  }

  /// `2026-11-29 23:01`, UTC.
  static func time(_ text: String, seconds: Bool = false) -> String {
    guard BenchmarkTime.milliseconds(text) != nil else { return text }
    return text.prefix(seconds ? 19 : 16).map { $0 == "T" ? " " : String($0) }.joined()
  }
}
