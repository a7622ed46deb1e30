extension PairedTrial {
  /// The pairs as differences that change their sign, and nothing else, when the two runs of a pair are
  /// exchanged: (with - without) / (with + without), about half of the relative difference.
  struct Differences {
    /// Of the medians; above 0 is better.
    var median: [Double]
    /// Of the tails, for those pairs that have them.
    var tail: [Double]
    /// The medians themselves, better ones higher, for the tail of pairs without one.
    private var pairs: [(without: Double, with: Double)]

    /// The pairs whose results are finite and above 0.
    init(_ all: [Pair], higherIsBetter: Bool) {
      (median, tail, pairs) = ([], [], [])
      let sign = higherIsBetter ? 1.0 : -1.0
      for pair in all {
        guard let difference = Self.difference(pair.without, pair.with) else { continue }
        median.append(sign * difference)
        pairs.append(
          higherIsBetter ? (pair.without, pair.with) : (1 / pair.without, 1 / pair.with))
        guard let without = pair.tailWithout, let with = pair.tailWith,
          let difference = Self.difference(without, with)
        else { continue }
        tail.append(sign * difference)
      }
      // A tail that only some pairs have is none.
      if tail.count != median.count { tail = [] }
    }

    /// The first of them.
    func first(_ count: Int) -> Differences {
      var first = self
      first.median = Array(median.prefix(count))
      first.tail = Array(tail.prefix(count))
      first.pairs = Array(pairs.prefix(count))
      return first
    }

    /// The ratio that all pairs together show; nil of none.
    var ratio: Double? { Self.mean(median).map(Self.ratio(of:)) }

    /// The ratio of the tails: of those of the runs, or else of the 10th percentile of all runs with and
    /// without; nil of none.
    var tailRatio: Double? {
      if let mean = Self.mean(tail) { return Self.ratio(of: mean) }
      guard let with = Summary.percentile(0.1, of: pairs.map(\.with)),
        let without = Summary.percentile(0.1, of: pairs.map(\.without)), without > 0
      else { return nil }
      return with / without
    }

    /// The ratio that gives such a difference.
    static func ratio(of difference: Double) -> Double {
      // A difference is below 1; rounding may make it 1.
      (1 + difference) / max(1 - difference, .ulpOfOne)
    }

    private static func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private static func difference(_ without: Double, _ with: Double) -> Double? {
      guard without.isFinite, with.isFinite, without > 0, with > 0 else { return nil }
      // The larger one first to 1: the sum of two large doubles is infinite.
      let scale = max(without, with)
      return (with / scale - without / scale) / (with / scale + without / scale)
    }
  }
}
