internal import SimulatedSeries
internal import Statistics
internal import TestSupport

/// A detector that is given a whole series.
protocol BatchDetector {
  /// Where values change, in ascending order.
  func changes(in values: [Double], using generator: inout some RandomNumberGenerator) -> [Int]
}

/// Makes of it one that watches: each week it is given all values so far, and what it had not reported
/// within four weeks of the place is new. It asks for no runs.
struct EveryWeek<Batch: BatchDetector>: SeriesDetector {
  private let batch: Batch
  private var days: [Double] = []
  private var values: [Double] = []
  private var reported: [Int] = []
  private var generator: SeededGenerator

  init(_ batch: Batch, round: Int) {
    self.batch = batch
    generator = SeededGenerator(round: round)
  }

  mutating func add(day: Double, _ value: Double, isConfirmation: Bool) -> SeriesAnswer {
    days.append(day)
    values.append(value)
    var answer = SeriesAnswer()
    guard values.count > ChangeDetector.burnIn else { return answer }
    let changes = batch.changes(in: values, using: &generator)
    let ends = [0] + changes + [values.count]
    for (place, index) in changes.enumerated()
    where !reported.contains(where: { abs($0 - index) <= 4 }) {
      reported.append(index)
      let before = Self.mean(values[ends[place]..<index])
      let after = Self.mean(values[index..<ends[place + 2]])
      answer.changes.append((days[index], after > before))
    }
    return answer
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }
}
