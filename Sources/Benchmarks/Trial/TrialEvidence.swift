internal import Statistics

/// Pairs of measurements, and what they show (`PairedTrial`).
package struct TrialEvidence {
  /// The pairs, in the order of their time.
  package private(set) var pairs: [BenchmarkTrial.Pair] = []
  /// What they show now: looks are made after the numbers of pairs that `PairedTrial` has.
  private var result = PairedTrial.evaluate([])
  private let better: BenchmarkSeries.Better

  /// No pairs yet.
  package init(_ better: BenchmarkSeries.Better) { self.better = better }

  /// Whether the next pair begins with placement: the order within pairs alternates.
  package var startsOn: Bool { PairedTrial.startsWithChange(pair: pairs.count) }

  /// Pairs until the next look; the number of all pairs where there is a verdict.
  package var nextLook: Int { result.nextLook ?? pairs.count }

  /// Adds a pair.
  package mutating func append(_ pair: BenchmarkTrial.Pair) {
    pairs.append(pair)
    guard pairs.count >= nextLook else { return }
    result = PairedTrial.evaluate(
      pairs.map {
        .init(
          without: $0.off, with: $0.on, tailWithout: $0.tailOff, tailWith: $0.tailOn)
      }, higherIsBetter: better == .higher)
  }

  /// The verdict; nil while more pairs are needed.
  package var verdict: BenchmarkTrial.Verdict? {
    switch result.verdict {
    case .gain: .gain
    case .noGainShown: .noGainShown
    case .worse: .worse
    case .undecided: nil
    }
  }

  /// Ratio of the tails; nil before the first look.
  package var tailRatio: Double? { result.tailRatio }
  /// Whether the tail is why the verdict is worse.
  package var isTailWorse: Bool { result.isTailWorse }

  /// The trial, once there is a verdict.
  /// - Parameter time: when it ended, UTC, ISO 8601.
  package func trial(
    _ series: BenchmarkSeries, plan: String, time: String,
    _ conditions: BenchmarkTrial.Conditions? = nil
  ) -> BenchmarkTrial? {
    guard let verdict, let ratio = result.ratio, let low = result.low, let high = result.high else {
      return nil
    }
    let device = series.key.split(separator: "/", maxSplits: 1).last.map(String.init) ?? series.key
    return BenchmarkTrial(
      time: time, device: device, series: series.key, plan: plan, pairs: pairs, ratio: ratio,
      low: low, high: high, looks: result.looks, verdict: verdict, conditions: conditions)
  }
}

/// Figures of one measurement of a trial.
package struct TrialFigure: Hashable, Sendable {
  /// The median of its samples.
  package var value: Double
  /// The slow tail: the 10th percentile, or the 90th where lower is better; nil of fewer than 5 samples.
  package var tail: Double?

  /// Fewer samples have no tail.
  static let leastSamples = 5

  /// The figures of samples; nil where they have no median above 0.
  package init?(_ samples: [Double], _ better: BenchmarkSeries.Better) {
    guard let median = Summary.median(samples), median > 0 else { return nil }
    value = median
    let finite = samples.count(where: \.isFinite)
    guard finite >= TrialFigure.leastSamples,
      let tail = Summary.percentile(better == .higher ? 0.1 : 0.9, of: samples), tail > 0
    else { return }
    self.tail = tail
  }
}

extension BenchmarkTrial {
  /// Pairs of the first look: fewer cannot decide.
  package static let leastPairs = PairedTrial.schedule.first ?? 0
  /// Pairs of the last look.
  package static let mostPairs = PairedTrial.schedule.last ?? 0
}
