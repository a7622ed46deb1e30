/// What speaks for a supposed step besides its z: enough points, neighbours that are not alike, and a
/// step rather than a slope.
struct StepEvidence {
  /// How many nights have confirmed it.
  let confirmed: Int
  /// The step's z, less where neighbours are alike: many points in a row then say what few do.
  let z: Double
  /// Whether five nights or eight weeks have been measured, and at least half of the new level's points are
  /// beyond the spread: a few outliers are not a level.
  let isEnough: Bool

  private let step: StepScan.Step
  private let first: Int
  private let days: [Double]
  private let values: [Double]

  /// - Parameter start: where the series starts anew.
  init(
    _ step: StepScan.Step, from start: Int, days: [Double], values: [Double], confirms: [Bool]
  ) {
    (self.step, self.days, self.values) = (step, days, values)
    first = max(start, step.start - StepScan.longestLeft)
    let length = values.count - step.start
    confirmed = confirms[step.start...].count { $0 }
    isEnough =
      (confirmed >= ChangeDetector.confirmingRuns || length >= 8) && 2 * step.beyond >= length

    let weekly = Self.likeness(
      values[first..<step.start], confirms[first..<step.start], level: step.before,
      spread: step.spread)
    let nightly = Self.nightlyLikeness(
      step, from: first, days: days, values: values, confirms: confirms)
    let kept = (1 - weekly) / (1 + weekly)
    let left = Double(step.start - first)
    let nights = Double(confirmed)
    // Alike nights are one stretch of time: worth half a point, and a little for its length.
    let right =
      (Double(length) - nights) * kept
      + (nightly > 0 ? (nights * (1 - nightly) / (1 + nightly) + 0.5) * kept : nights)
    let variance = 1 / Double(length) + 1 / left
    let corrected = 1 / max(min(right, Double(length)), 1) + 1 / max(left * kept, 1)
    // Alike or not, noise does not go beyond the clip and stay there for six nights.
    let isFar = step.isFar && confirmed >= ChangeDetector.confirmingRuns
    z = step.z * (isFar ? 1 : (variance / corrected).squareRoot())
  }

  /// The correlation of one week with the next, 0...0.9, of points measured for no suspicion.
  static func likeness(
    _ values: ArraySlice<Double>, _ confirms: ArraySlice<Bool>, level: Double, spread: Double
  ) -> Double {
    var products = 0.0
    var squares = 0.0
    var count = 0.0
    var last: Double?
    for index in values.indices where !confirms[index] {
      let value = clipped((values[index] - level) / spread, 2.5)
      squares += value * value
      count += 1
      if let last { products += last * value }
      last = value
    }
    guard count >= 2, squares > 0 else { return 0 }
    let likeness = products / (count - 1) / (squares / count)
    // Few points show too little of it (Marriott and Pope 1954, "Bias in the estimation of
    // autocorrelations").
    return min(max(likeness + (1 + 3 * likeness) / count, 0), 0.9)
  }

  /// The correlation of one night with the next, by their differences (von Neumann 1941, "Distribution
  /// of the ratio of the mean square successive difference to the variance"). 0 where it is below 0.6:
  /// with five nights that is what independent ones may show.
  private static func nightlyLikeness(
    _ step: StepScan.Step, from first: Int, days: [Double], values: [Double], confirms: [Bool]
  ) -> Double {
    var squares = 0.0
    var count = 0.0
    for index in (first + 1)..<values.count
    where confirms[index] && index != step.start && days[index] - days[index - 1] <= 2 {
      let difference = clipped((values[index] - values[index - 1]) / step.spread, 4)
      squares += difference * difference
      count += 1
    }
    guard count >= 4 else { return 0 }
    let likeness = 1 - squares / (2 * count)
    return likeness >= 0.6 ? min(likeness, 0.95) : 0
  }

  /// Whether a straight line explains the points as well as the step does, or nearly, over all of the
  /// level before or over the half-year before: the level moves slowly, as by the season, and the test
  /// of drift judges it. The tolerances are those that cost no steps (Benchmarks/statistics).
  var isGradual: Bool {
    isLine(from: first, tolerance: 1.05)
      || isLine(from: max(first, step.start - StepScan.longestRight), tolerance: 1.1)
  }

  private func isLine(from first: Int, tolerance: Double) -> Bool {
    let origin = days[first]
    let points = (first..<values.count).map { index in
      (x: days[index] - origin, y: Self.clipped((values[index] - step.before) / step.spread, 4))
    }
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x } / count
    let y = points.reduce(0) { $0 + $1.y } / count
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for point in points {
      xx += (point.x - x) * (point.x - x)
      xy += (point.x - x) * (point.y - y)
      yy += (point.y - y) * (point.y - y)
    }
    guard xx > 0 else { return false }
    let split = step.start - first
    let left = Self.squares(points[..<split].map(\.y))
    let right = Self.squares(points[split...].map(\.y))
    return yy - xy * xy / xx < tolerance * (left + right)
  }

  private static func squares(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  private static func clipped(_ value: Double, _ most: Double) -> Double {
    min(max(value, -most), most)
  }
}
