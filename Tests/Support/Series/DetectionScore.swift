internal import Statistics

/// Something that gets one result after the other and says when it sees a change.
package protocol SeriesDetector {
  /// The changes that this result completes, and how many runs are wanted on the following nights.
  mutating func add(day: Double, _ value: Double, isConfirmation: Bool) -> SeriesAnswer
}

/// What a detector says of one result.
package struct SeriesAnswer: Sendable {
  /// On which day each new change began, and whether values are higher since.
  package var changes: [(day: Double, rises: Bool)] = []
  /// How many runs are wanted, each on a night of its own.
  package var runsWanted = 0

  /// An answer that says nothing.
  package init() {}
}

/// How a detector did.
package struct DetectionScore: Sendable {
  /// Series-years in which something could be found: without the first twelve weeks.
  package private(set) var years = 0.0
  /// Changes that were found and did not happen.
  package private(set) var falseAlarms = 0
  /// Steps that happened.
  package private(set) var steps = 0
  /// Nights with runs that were asked for.
  package private(set) var nights = 0
  /// Weeks from each step to when it was found, for those found.
  package private(set) var delays: [Double] = []

  /// No series yet.
  package init() {}

  /// Lets a detector watch a series of two years, with runs on the six nights between weeks when it asks
  /// for them.
  package mutating func watch(
    _ series: SimulatedSeries, with detector: some SeriesDetector,
    using generator: inout some RandomNumberGenerator
  ) {
    var (series, detector) = (series, detector)
    var isFound = false
    years += Double(SimulatedSeries.weeks - ChangeDetector.burnIn) * 7 / 365.25
    if series.stepWeek != nil { steps += 1 }
    for week in 0..<SimulatedSeries.weeks {
      for night in 0...6 {
        let day = Double(week * 7 + night)
        let value = series.value(on: day, using: &generator)
        let answer = detector.add(day: day, value, isConfirmation: night > 0)
        if night > 0 { nights += 1 }
        for change in answer.changes {
          if !isFound, let delay = Self.delay(of: change, found: day, in: series) {
            isFound = true
            delays.append(delay / 7)
          } else {
            falseAlarms += 1
          }
        }
        guard answer.runsWanted > 0 else { break }
      }
    }
  }

  /// Days from the step to its discovery; nil when the change is another one: found before it or half a
  /// year later, in the other direction, or said to be more than six weeks from it.
  private static func delay(
    of change: (day: Double, rises: Bool), found: Double, in series: SimulatedSeries
  ) -> Double? {
    guard let week = series.stepWeek else { return nil }
    let delay = found - Double(week * 7)
    let isIt =
      (0...182).contains(delay) && change.rises == (series.step > 0)
      && abs(change.day - Double(week * 7)) <= 42
    return isIt ? delay : nil
  }

  /// Both together.
  package static func + (one: DetectionScore, other: DetectionScore) -> DetectionScore {
    var sum = one
    sum.years += other.years
    sum.falseAlarms += other.falseAlarms
    sum.steps += other.steps
    sum.nights += other.nights
    sum.delays += other.delays
    return sum
  }

  /// False alarms of one series in a year.
  package var falseAlarmsPerYear: Double { years > 0 ? Double(falseAlarms) / years : 0 }
  /// The part of the steps that was found; nil without steps.
  package var recall: Double? { steps > 0 ? Double(delays.count) / Double(steps) : nil }
  /// The part of what was found that happened; nil when nothing was found.
  package var precision: Double? {
    let found = delays.count + falseAlarms
    return found > 0 ? Double(delays.count) / Double(found) : nil
  }
  /// Nights of runs a series-year.
  package var nightsPerYear: Double { years > 0 ? Double(nights) / years : 0 }
  /// Weeks within which so many of the found steps were found; nil when none was.
  package func delay(_ part: Double) -> Double? { Summary.percentile(part, of: delays) }
}
