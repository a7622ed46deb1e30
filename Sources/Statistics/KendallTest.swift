/// Whether values in order rise or fall, by Kendall's S: how many pairs rise less how many fall.
struct KendallTest {
  /// S over its standard error, corrected for continuity; nil of fewer than 4 values, or equal ones.
  var z: Double?
  /// The median slope of all pairs, from one value to the next; nil of fewer than two.
  var slope: Double?
  /// The slopes that the values do not contradict: 95 %.
  var interval: (low: Double, high: Double) = (0, 0)

  /// The test of finite values.
  init(_ values: [Double]) {
    var score = 0
    var slopes: [Double] = []
    slopes.reserveCapacity(values.count * max(values.count - 1, 0) / 2)
    for later in values.indices.dropFirst() {
      for earlier in 0..<later {
        let difference = values[later] - values[earlier]
        score += difference > 0 ? 1 : difference < 0 ? -1 : 0
        slopes.append(difference / Double(later - earlier))
      }
    }
    slopes.sort()
    slope = Summary.median(sorted: slopes)
    guard values.count >= 4, let slope else { return }
    let error = (Self.variance(values) * Self.inflation(values, slope: slope)).squareRoot()
    guard error > 0 else { return }
    z = Double(score - score.signum()) / error
    // Sen's interval: as many slopes from either end as S has in 1.96 standard errors.
    let count = Double(slopes.count)
    let low = Int(max((count - 1.96 * error) / 2, 0))
    let high = Int(min((count + 1.96 * error) / 2, count - 1))
    interval = (slopes[low], slopes[high])
  }

  /// The variance of S where values have no order, with equal values taken into account.
  private static func variance(_ values: [Double]) -> Double {
    func term(_ count: Int) -> Double {
      let count = Double(count)
      return count * (count - 1) * (2 * count + 5)
    }
    var variance = term(values.count)
    let sorted = values.sorted()
    var start = 0
    for end in 1...sorted.count where end == sorted.count || sorted[end] != sorted[start] {
      if end - start > 1 { variance -= term(end - start) }
      start = end
    }
    return variance / 18
  }

  /// By what likeness of neighbours widens the variance of S: (1 + r) / (1 - r) of what is left
  /// without the slope. Never less than 1, and r at most 0.8: so few values say no more.
  private static func inflation(_ values: [Double], slope: Double) -> Double {
    let rest = values.enumerated().map { $1 - slope * Double($0) }
    let mean = rest.reduce(0, +) / Double(rest.count)
    var products = 0.0
    var squares = 0.0
    for index in rest.indices {
      squares += (rest[index] - mean) * (rest[index] - mean)
      if index > 0 { products += (rest[index] - mean) * (rest[index - 1] - mean) }
    }
    guard squares > 0 else { return 1 }
    let likeness = min(max(products / squares, 0), 0.8)
    return (1 + likeness) / (1 - likeness)
  }
}
