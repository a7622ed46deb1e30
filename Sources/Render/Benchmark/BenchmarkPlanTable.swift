internal import Base
package import Benchmarks

/// The suites: what each measures, how much, for how long, and what is missing.
package enum BenchmarkPlanTable {
  /// The lines.
  package static func render(_ suites: [PlannedSuite], _ style: Style) -> [String] {
    var table = Table([
      .init("suite"), .init("measurements", .right), .init("full run", .right),
      .init("quick run", .right),
    ])
    for suite in suites {
      let isPossible = !suite.possible.isEmpty
      table.add([
        Line(suite.info.name, .strong), Line(isPossible ? Units.count(suite.possible.count) : "-"),
        time(suite, isQuick: false), time(suite, isQuick: true),
      ])
    }
    if suites.isEmpty { return ["No suite is known."] }
    let rows = table.lines(style)
    var lines = [rows[0]]
    for (suite, row) in zip(suites, rows.dropFirst()) {
      lines.append(row)
      for note in notes(suite) { lines += note.wrapped(to: style.columns, indent: 4) }
    }
    lines.append(Line())
    lines += total(suites).wrapped(to: style.columns)
    return lines.texts(style)
  }

  private static func time(_ suite: PlannedSuite, isQuick: Bool) -> Line {
    suite.possible.isEmpty
      ? Line("-", .dim) : Line(Units.duration(suite.seconds(isQuick: isQuick).rounded(.up)))
  }

  /// What it measures; missing programs, and once for each reason what is not measured.
  private static func notes(_ suite: PlannedSuite) -> [Line] {
    var notes = [Line("  " + suite.info.abstract, .dim)]
    func note(_ tone: Tone, _ text: String) { notes.append(Line("  " + text, tone)) }
    if !suite.missingPrograms.isEmpty {
      let programs = suite.missingPrograms.joined(separator: ", ")
      note(.warning, "not measured: install \(programs)")
    }
    if suite.measurements.isEmpty { note(.plain, "not applicable: nothing to measure here") }
    for (obstacle, alike) in BenchmarkTable.grouped(suite.measurements, by: \.obstacle) {
      let count = Units.count(alike.count, "measurement")
      switch obstacle {
      case .notApplicable(let reason): note(.plain, "\(count) not applicable: \(reason)")
      case .skipped(let reason): note(.warning, "\(count) skipped: \(reason)")
      case nil: break
      }
    }
    return notes
  }

  private static func total(_ suites: [PlannedSuite]) -> Line {
    let count = suites.reduce(0) { $0 + $1.possible.count }
    func time(_ isQuick: Bool) -> String {
      Units.duration(suites.reduce(0) { $0 + $1.seconds(isQuick: isQuick) }.rounded(.up))
    }
    return Line(
      "\(Units.count(count, "measurement")), at most \(time(false)), in a quick run \(time(true)).",
      .dim)
  }
}
