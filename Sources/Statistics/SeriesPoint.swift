/// One result of a series of runs of the same benchmark.
package struct SeriesPoint: Hashable, Sendable {
  /// When it was measured, in days from any fixed moment.
  package var day: Double
  /// The result, in the unit of the series.
  package var value: Double
  /// Whether it was measured because of a suspicion.
  package var isConfirmation: Bool

  /// A result.
  package init(day: Double, value: Double, isConfirmation: Bool = false) {
    self.day = day
    self.value = value
    self.isConfirmation = isConfirmation
  }
}

/// The points of a series as the detectors use them: one an evening, in order, and scaled.
///
/// Runs of one evening share what is wrong with that evening, so any number of them is one point: their
/// median. What is not finite is left out. Values are divided by the greatest, so that no sum overflows.
struct SeriesEvenings {
  /// Days, in ascending order.
  private(set) var days: [Double] = []
  /// Values over `scale`: at most 1 in size.
  private(set) var values: [Double] = []
  /// Whether all runs of the evening were made because of a suspicion.
  private(set) var confirms: [Bool] = []
  /// The index of the first run of each evening in the points that were given.
  private(set) var indices: [Int] = []
  /// What the values were divided by, in the unit of the series; 0 when all are 0.
  private(set) var scale = 0.0

  /// Runs less than this apart belong to one evening, in days: nights are 24 hours apart, and start at
  /// times that vary by hours.
  private static let evening = 0.5

  init(_ points: [SeriesPoint]) {
    let usable = points.indices.filter { points[$0].day.isFinite && points[$0].value.isFinite }
    let order = usable.sorted { (points[$0].day, $0) < (points[$1].day, $1) }
    scale = usable.reduce(0) { max($0, abs(points[$1].value)) }
    var start = 0
    while start < order.count {
      let day = points[order[start]].day
      var end = start + 1
      while end < order.count, points[order[end]].day - day < Self.evening { end += 1 }
      let runs = order[start..<end]
      let values = runs.map { scale > 0 ? points[$0].value / scale : 0 }
      days.append(day)
      self.values.append(values.count == 1 ? values[0] : Summary.median(values) ?? 0)
      confirms.append(runs.allSatisfy { points[$0].isConfirmation })
      indices.append(runs.min() ?? order[start])
      start = end
    }
  }
}
