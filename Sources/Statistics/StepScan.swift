/// The strongest step to a new level that ends a series.
///
/// The generalised likelihood ratio of Page (1954, "Continuous inspection schemes") and Siegmund (1985,
/// "Sequential analysis"), made robust: what is before a supposed step gives median and spread, all is
/// measured in that spread, and no single point counts for more than its clip.
struct StepScan {
  /// A supposed step.
  struct Step {
    /// The first evening of the new level.
    var start: Int
    /// How improbable it is by chance: a difference over its standard error, corrected for few points.
    var z: Double
    /// The difference of the levels, in scaled values.
    var difference: Double
    /// The median before.
    var before: Double
    /// The spread before, in scaled values.
    var spread: Double
    /// How many points of the new level are beyond one spread, on the side of the difference.
    var beyond: Int
    /// Whether all of them are beyond the clip, on one side.
    var isFar: Bool
  }

  /// The longest new level, in points: half a year of weeks. An older one would have been found.
  static let longestRight = 26
  /// The longest level before it, in points: a year of weeks.
  static let longestLeft = 52
  /// The fewest points that give a spread.
  static let leastLeft = 8
  /// The least spread, as a part of the median: no benchmark repeats itself better for years.
  static let leastSpread = 0.003
  /// The least difference that is called a change, as a part of the median.
  static let leastChange = 0.015

  /// The points before the last ones, in the order of their value, and their sum.
  private var sorted: [Double] = []
  private var sum = 0.0

  /// The strongest of the supposed steps.
  /// - Parameter start: where the series starts anew, after the last change.
  /// - Parameter end: the index after the last point.
  static func strongest(_ values: [Double], from start: Int, to end: Int) -> Step? {
    var scan = StepScan()
    var strongest: Step?
    for length in 1...longestRight {
      let split = end - length
      guard split - start >= leastLeft else { break }
      if length == 1 {
        scan.fill(values, from: max(start, split - longestLeft), to: split)
      } else {
        scan.remove(values[split])
        if split - longestLeft >= start { scan.insert(values[split - longestLeft]) }
      }
      guard let step = scan.step(values, from: split, to: end) else { continue }
      if step.z > strongest?.z ?? 0 { strongest = step }
    }
    return strongest
  }

  /// The spread of points around their level, not below 0.3 % of it; nil of none, or of zeros.
  static func spread(_ values: ArraySlice<Double>, level: Double) -> Double? {
    guard let distance = Summary.median(values.map { abs($0 - level) }) else { return nil }
    let spread = spread(distance, count: Double(values.count), level: level)
    return spread > 0 ? spread : nil
  }

  /// The median distance of few points is too small: 1 + 2 / n makes up for it.
  private static func spread(_ distance: Double, count: Double, level: Double) -> Double {
    max(distance * Summary.consistency * (1 + 2 / count), leastSpread * abs(level))
  }

  private mutating func fill(_ values: [Double], from start: Int, to end: Int) {
    sorted = values[start..<end].sorted()
    sum = sorted.reduce(0, +)
  }

  private mutating func remove(_ value: Double) {
    let index = place(of: value)
    guard index < sorted.count, sorted[index] == value else { return }
    sorted.remove(at: index)
    sum -= value
  }

  private mutating func insert(_ value: Double) {
    sorted.insert(value, at: place(of: value))
    sum += value
  }

  private func place(of value: Double) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Judges one supposed step; nil when there is none.
  private func step(_ values: [Double], from split: Int, to end: Int) -> Step? {
    let count = Double(sorted.count)
    let median = Summary.middle(sorted, 0, sorted.count)
    let spread = Self.spread(medianDistance(from: median), count: count, level: median)
    guard spread > 0 else { return nil }
    // Right: clipped at 4 spreads, and how many are beyond one.
    var total = 0.0
    var above = 0
    var below = 0
    var index = split
    while index < end {
      let distance = (values[index] - median) / spread
      if distance > 1 {
        above += 1
        total += distance < 4 ? distance : 4
      } else if distance < -1 {
        below += 1
        total += distance > -4 ? distance : -4
      } else {
        total += distance
      }
      index += 1
    }
    let length = Double(end - split)
    let difference = total / length - leftMean(median, spread)
    let beyond = difference > 0 ? above : below
    guard beyond >= (end - split == 1 ? 1 : 2),
      abs(difference) * spread >= Self.leastChange * abs(median)
    else { return nil }
    let error = (1 / length + 1 / count).squareRoot() * (1 + 6 / count)
    return Step(
      start: split, z: abs(difference) / error, difference: difference * spread, before: median,
      spread: spread, beyond: beyond, isFar: abs(total) >= 4 * length)
  }

  /// The mean before, clipped at 2.5 spreads, in spreads from the median: only the ends of the sorted
  /// points can be beyond.
  private func leftMean(_ median: Double, _ spread: Double) -> Double {
    let least = median - 2.5 * spread
    let most = median + 2.5 * spread
    var total = sum
    var index = 0
    while index < sorted.count, sorted[index] < least {
      total += least - sorted[index]
      index += 1
    }
    index = sorted.count - 1
    while index >= 0, sorted[index] > most {
      total += most - sorted[index]
      index -= 1
    }
    return (total / Double(sorted.count) - median) / spread
  }

  /// The median distance from the median: walks outwards over the sorted points until half is passed.
  private func medianDistance(from median: Double) -> Double {
    var above = place(of: median)
    var below = above - 1
    var last = 0.0
    var previous = 0.0
    for _ in 0...(sorted.count / 2) {
      previous = last
      if below < 0 || (above < sorted.count && sorted[above] - median <= median - sorted[below]) {
        last = sorted[above] - median
        above += 1
      } else {
        last = median - sorted[below]
        below -= 1
      }
    }
    return sorted.count % 2 == 1 ? last : (previous + last) / 2
  }
}
