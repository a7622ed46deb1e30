/// Finds what a detector of steps is not made for: a slow movement over the last year.
///
/// The Mann-Kendall test (Mann 1945, "Nonparametric tests against trend"; Kendall 1975, "Rank correlation
/// methods") with the slope of Theil and Sen (Sen 1968, "Estimates of the regression coefficient based
/// on Kendall's tau"), on medians of four weeks: those are nearly independent where weeks are not, and no
/// single run moves one. What likeness of neighbours remains widens the variance (Yue and Wang 2004).
package struct DriftTest: Hashable, Sendable {
  /// A movement that chance does not explain.
  package struct Drift: Hashable, Sendable {
    /// How much a year, as a part of the level: -0.05 for 5 % less.
    package var perYear: Double
    /// The least slope that the points do not contradict (95 %), as a part of the level a year.
    package var low: Double
    /// The greatest.
    package var high: Double
    /// Kendall's S over its standard error.
    package var z: Double
    /// Over how many days it was seen.
    package var days: Double
    /// Whether the box gets better.
    package var isBetter: Bool
    /// Whether it was seen over less than a year, so that it may be the season: summer against winter.
    package var mayBeSeason: Bool
  }

  /// Whether higher values are better.
  package var higherIsBetter: Bool
  /// From which z on it is a drift: the test is made every week, on points that are mostly the same.
  package var decision = 3.3

  /// The most days that are looked at: a year of whole blocks.
  package static let window = 364.0
  /// The fewest, about eight months: with fewer than eight blocks not even points that all rise reach `decision`.
  /// Of seven, S is 21 and its variance 7 * 6 * 19 / 18 (Kendall 1975): z is 3.0.
  package static let least = 224.0
  /// Days of one block.
  static let block = 28.0
  /// The least movement over what was seen, as a part of the level.
  static let leastMovement = 0.015

  /// A test for a series.
  package init(higherIsBetter: Bool = true) { self.higherIsBetter = higherIsBetter }

  /// The drift at the last point, or nil: none is shown, or there are too few points.
  /// - Parameter since: the index of the point where the series starts anew, after its last change.
  package func drift(_ points: [SeriesPoint], since: Int = 0) -> Drift? {
    guard since >= 0, since < points.count else { return nil }
    let first = points[since].day
    let evenings = SeriesEvenings(points.filter { $0.day >= first })
    return drift(days: evenings.days, values: evenings.values)
  }

  /// The same of evenings in order.
  package func drift(days: [Double], values: [Double]) -> Drift? {
    guard let last = days.last, let first = days.first, last - first >= Self.least - Self.block
    else { return nil }
    let medians = Self.blocks(days, values)
    // Every block has points: over a gap nobody knows what happened.
    guard medians.count >= Int(Self.least / Self.block), let level = Summary.median(medians),
      level != 0
    else { return nil }
    let kendall = KendallTest(medians)
    guard let z = kendall.z, let slope = kendall.slope, abs(z) >= decision else { return nil }
    let days = Double(medians.count) * Self.block
    let scale = 365.25 / Self.block / abs(level)
    let perYear = slope * scale
    guard abs(perYear) * days / 365.25 >= Self.leastMovement, perYear.isFinite else { return nil }
    let interval = kendall.interval
    return Drift(
      perYear: perYear, low: interval.low * scale, high: interval.high * scale, z: z, days: days,
      isBetter: (slope > 0) == higherIsBetter, mayBeSeason: days < Self.window)
  }

  /// Medians of blocks that end with the last day, the oldest first; as far back as each has points.
  private static func blocks(_ days: [Double], _ values: [Double]) -> [Double] {
    guard let last = days.last else { return [] }
    var blocks: [[Double]] = []
    for index in days.indices.reversed() {
      let age = last - days[index]
      guard age < window else { break }
      let block = Int(age / Self.block)
      if block == blocks.count { blocks.append([]) }
      // One without points lies between.
      guard block < blocks.count else { break }
      blocks[block].append(values[index])
    }
    return blocks.reversed().compactMap { Summary.median($0) }
  }
}
