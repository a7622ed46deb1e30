/// The samples of one run without those of its warm-up.
///
/// MSER (White 1997, "An effective truncation heuristic for bias reduction in simulation output"): of
/// all starts within the first quarter, the one whose remaining samples give the mean with the least
/// standard error. It has no threshold to set. A ramp that goes on beyond the quarter cannot be
/// removed; that is reported, since the median of the rest is too low by some per cent.
package struct WarmUp: Hashable, Sendable {
  /// How many samples to drop from the beginning: at most a quarter of them.
  package var dropped: Int
  /// Whether the rest still moves: its first part differs from its last one by more than chance, and by
  /// more than 0.5 %. Nil with fewer than 8 samples left: unknown.
  package var settled: Bool?

  /// What to drop of samples in the order they were taken. A sample that is not finite counts as the one
  /// before it.
  package init(of samples: [Double]) {
    let values = Self.scaled(samples)
    dropped = Self.truncation(values)
    settled = Self.isSettled(Array(values[dropped...]))
  }

  /// Finite, and at most 1 in size, so that no sum of squares overflows.
  private static func scaled(_ samples: [Double]) -> [Double] {
    var last = samples.first(where: \.isFinite) ?? 0
    let finite = samples.map { sample in
      if sample.isFinite { last = sample }
      return last
    }
    let scale = finite.reduce(0) { max($0, abs($1)) }
    return scale > 0 ? finite.map { $0 / scale } : finite
  }

  private static func truncation(_ values: [Double]) -> Int {
    let limit = values.count / 4
    guard limit > 0 else { return 0 }
    // From the end, so that each start adds one sample to running sums (Welford 1962).
    var count = 0.0
    var mean = 0.0
    var squares = 0.0
    var best = (error: Double.infinity, start: 0)
    for start in values.indices.reversed() {
      count += 1
      let difference = values[start] - mean
      mean += difference / count
      squares += difference * (values[start] - mean)
      let error = squares / (count * count)
      // Of equal ones the earliest: nothing is dropped without a reason.
      if start <= limit, error <= best.error { best = (error, start) }
    }
    return best.start
  }

  /// Compares the first third with the last one.
  private static func isSettled(_ values: [Double]) -> Bool? {
    guard values.count >= 8 else { return nil }
    let third = values.count / 3
    let first = Array(values.prefix(third))
    let last = Array(values.suffix(third))
    guard let early = Summary.median(first), let late = Summary.median(last),
      let earlySpread = Summary.spread(first), let lateSpread = Summary.spread(last)
    else { return nil }
    // The variance of a median is pi/2 of that of a mean; few samples, so their spread is uncertain.
    let count = Double(third)
    let error =
      ((earlySpread * earlySpread + lateSpread * lateSpread) * 1.571 / count).squareRoot()
      * (1 + 2 / count)
    let difference = abs(late - early)
    return difference <= 3 * error || difference <= 0.005 * abs(late)
  }
}
