internal import SimulatedSeries
internal import Statistics
internal import TestSupport

/// How the test of drift did on series of one kind, asked every week.
struct DriftScore {
  /// Series-years from the half-year on that the test needs.
  private(set) var years = 0.0
  /// How often a drift was reported that had not been in the half-year before.
  private(set) var reported = 0
  /// The week of each series' first report in the direction of its drift.
  private(set) var weeks: [Double] = []
  private(set) var series = 0

  var reportedPerYear: Double { reported > 0 ? Double(reported) / years : 0 }
  var found: Double { Double(weeks.count) / Double(max(series, 1)) }

  init(_ family: SeriesFamily, _ count: Int) {
    for index in 0..<count {
      var generator = SeededGenerator(round: index, function: "drift of \(family.rawValue)")
      let series = family.series(index, using: &generator)
      watch(series, using: &generator)
    }
  }

  private mutating func watch(_ series: SimulatedSeries, using generator: inout SeededGenerator) {
    var series = series
    var days: [Double] = []
    var values: [Double] = []
    var last = -DriftTest.least
    var isFound = false
    self.series += 1
    years += (Double(SimulatedSeries.weeks * 7) - DriftTest.least) / 365.25
    for week in 0..<SimulatedSeries.weeks {
      let day = Double(week * 7)
      days.append(day)
      values.append(series.value(on: day, using: &generator))
      guard let drift = DriftTest().drift(days: days, values: values) else { continue }
      if day - last >= DriftTest.least { reported += 1 }
      last = day
      if !isFound, drift.isBetter == (series.driftPerYear > 0) {
        isFound = true
        weeks.append(Double(week))
      }
    }
  }
}
