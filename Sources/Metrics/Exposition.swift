/// The text formats that Prometheus and others read.
package enum Exposition: String, Sendable, CaseIterable {
  /// Prometheus text format 0.0.4, also what node_exporter's textfile collector reads.
  case prometheus
  /// OpenMetrics 1.0.
  case openmetrics

  /// The metrics of a machine, families in the order of `MetricFamilies.all`, samples in the order
  /// of the inventory. A family without samples is left out.
  package func text(_ input: MetricsInput) -> String {
    var text = ""
    for family in MetricFamilies.all { write(family, family.samples(input), to: &text) }
    if self == .openmetrics { text += "# EOF\n" }
    return text
  }

  /// One family. Of samples with the same labels, which no format allows, the first one counts; a
  /// counter below zero is none.
  func write(_ family: MetricFamily, _ samples: [Sample], to text: inout String) {
    var seen: Set<String> = []
    var lines = ""
    for sample in samples {
      if family.kind == .counter, sample.value.hasPrefix("-") { continue }
      let series = family.sampleName + Exposition.labels(family, sample)
      if seen.insert(series).inserted { lines += "\(series) \(sample.value)\n" }
    }
    if lines.isEmpty { return }
    // OpenMetrics describes the family, Prometheus the samples, and has neither units nor infos.
    let isOpen = self == .openmetrics
    let name = isOpen ? family.name : family.sampleName
    let type = !isOpen && family.kind == .info ? "gauge" : family.kind.rawValue
    text += "# HELP \(name) \(Exposition.escaped(family.help, quotes: isOpen))\n"
    text += "# TYPE \(name) \(type)\n"
    if isOpen, let unit = family.unit { text += "# UNIT \(name) \(unit)\n" }
    text += lines
  }

  private static func labels(_ family: MetricFamily, _ sample: Sample) -> String {
    let pairs = zip(family.labels, sample.labels).filter { !$0.1.isEmpty }
    if pairs.isEmpty { return "" }
    return "{" + pairs.map { "\($0.name)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",")
      + "}"
  }

  /// A text as label values have it, and help texts without escaping quotes: at most 200
  /// characters; control characters, which no reader promises to take, replaced.
  static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(200) {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      case "\0"..<" ", "\u{7f}"..."\u{9f}": result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
