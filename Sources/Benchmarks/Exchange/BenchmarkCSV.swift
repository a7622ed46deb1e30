package import Base

/// Results as comma-separated values (RFC 4180): one result a line, the columns in an order that stays.
package enum BenchmarkCSV {
  /// The columns. New ones are added at the end.
  package static let columns = [
    "run", "started", "finished", "trigger", "state", "quick", "program", "series", "suite",
    "metric", "subject", "unit", "better", "verdict", "value", "low", "high", "spread", "samples",
    "dropped", "ceiling", "ceilingShare", "ceilingWhy", "flags", "causes", "reason", "context",
    "details",
  ]

  /// The first line.
  package static var header: String { record(columns) }

  /// The lines of a run's results. What is unknown is empty.
  package static func records(_ run: BenchmarkRun) throws(Failure) -> String {
    var text = ""
    for result in run.results {
      let context = run.context.merging(result.context) { _, own in own }
      let series = result.series
      text += record(
        [
          run.id, run.started, run.finished ?? "", run.trigger.rawValue, run.state.rawValue,
          "\(run.isQuick)", run.program, series.key, series.suite, series.metric, series.subject,
          series.unit.rawValue, series.better.rawValue, result.verdict.rawValue,
        ] + [result.value, result.low, result.high, result.spread].map(number) + [
          result.sampleCount.map { "\($0)" } ?? "", "\(result.dropped)",
          number(result.ceiling?.value),
          number(result.ceilingShare), result.ceiling?.arithmetic ?? "",
          result.flags.map(\.rawValue).joined(separator: " "),
          result.causes.joined(separator: " "), result.reason ?? "", try json(context),
          try json(result.details),
        ])
    }
    return text
  }

  private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  private static func json(_ facts: [String: String]) throws(Failure) -> String {
    facts.isEmpty ? "" : String(decoding: try JSON.line(facts), as: UTF8.self)
  }

  private static func record(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  private static func field(_ text: String) -> String {
    // Looked at as bytes: a carriage return and a line feed are one character to Swift.
    let marks: Set<UInt8> = [
      UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"),
    ]
    guard text.utf8.contains(where: marks.contains) else { return text }
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { quoted.append(byte) }
      quoted.append(byte)
    }
    return String(decoding: quoted + [UInt8(ascii: "\"")], as: UTF8.self)
  }
}
