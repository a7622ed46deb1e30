/// A trial of a change, measured without and with it in pairs, that ends as soon as it can.
///
/// The order within pairs alternates, ABBA, so that a drift of the machine cancels: 0.5 % a phase biases
/// ABAB by 0.5 %. After 8, 12, 16, 20 and 24 pairs the trial looks at what it has. A look that decides
/// whenever p is below 0.05 would be wrong in 15 % of all trials, so each look has a fifth of the 5 %
/// (Bonferroni): 0.8 % for the median, either side, and 0.2 % for the tail. With fewer than 8 pairs
/// nothing can be that improbable: the least p of n pairs is 2 / 2^n.
package enum PairedTrial {
  /// One pair: the results of two runs, one after the other, in the same unit and above 0.
  package struct Pair: Hashable, Sendable {
    /// The median of the run without the change.
    package var without: Double
    /// The median of the run with it.
    package var with: Double
    /// The slow tail of each run: the 10th percentile of its samples, or the 90th where lower is better.
    /// Nil where a run gives one figure.
    package var tailWithout: Double?
    /// The same with the change.
    package var tailWith: Double?

    /// A pair of runs.
    package init(
      without: Double, with: Double, tailWithout: Double? = nil, tailWith: Double? = nil
    ) {
      self.without = without
      self.with = with
      self.tailWithout = tailWithout
      self.tailWith = tailWith
    }
  }

  /// What a trial has shown.
  package enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// Better with the change, the tail as well.
    case gain
    /// The last look found no difference that chance does not explain.
    case noGainShown
    /// Worse with the change, or the tail falls by more than the median gains.
    case worse
    /// More pairs are needed.
    case undecided
  }

  /// What is known after so many pairs.
  package struct Result: Hashable, Sendable {
    /// Gain, no gain shown, worse, or undecided yet.
    package var verdict: Verdict
    /// Performance with the change over without it: above 1 is better, for times as well. Nil of no pair.
    package var ratio: Double?
    /// The ratios that the pairs do not contradict: 99.2 %, the level of one look, so that it is above or
    /// below 1 when the verdict says so. Nil with fewer than 8 pairs.
    package var low: Double?
    /// The greatest of them.
    package var high: Double?
    /// The ratio of the tails; nil of no pair.
    package var tailRatio: Double?
    /// Whether the tail is why the verdict is worse.
    package var isTailWorse: Bool
    /// How many of the pairs could be used: those with finite results above 0.
    package var pairs: Int
    /// How many looks there were.
    package var looks: Int
    /// After how many pairs the next look is; nil once there is a verdict.
    package var nextLook: Int?
  }

  /// After how many pairs the trial is looked at.
  package static let schedule = [8, 12, 16, 20, 24]
  /// The probability of a difference in the median, either side, that one look takes for chance.
  static let medianLevel = 0.008
  /// The same of a fall of the tail.
  static let tailLevel = 0.002

  /// Whether the run with the change goes first in a pair: the second, the third, the sixth, the seventh ...
  /// - Parameter index: the pair's number, from 0.
  package static func startsWithChange(pair index: Int) -> Bool { index % 2 != 0 }

  /// What the pairs show, in the order they were measured. Looks are made as they were when the
  /// pairs came: the first look with a verdict ends the trial, and later pairs do not count.
  package static func evaluate(_ pairs: [Pair], higherIsBetter: Bool = true) -> Result {
    let differences = Differences(pairs, higherIsBetter: higherIsBetter)
    var result = Result(
      verdict: .undecided, ratio: nil, low: nil, high: nil, tailRatio: nil, isTailWorse: false,
      pairs: differences.median.count, looks: 0, nextLook: schedule.first)
    var used = differences.median.count
    for look in schedule where differences.median.count >= look {
      result.looks += 1
      let decision = decide(differences.first(look))
      used = look
      if decision.verdict != .undecided || look == schedule.last {
        result.verdict = decision.verdict == .undecided ? .noGainShown : decision.verdict
        result.isTailWorse = decision.isTailWorse
        break
      }
      used = differences.median.count
    }
    let last = differences.first(used)
    result.pairs = used
    result.nextLook =
      result.verdict == .undecided ? schedule.first { $0 > differences.median.count } : nil
    result.ratio = last.ratio
    result.tailRatio = last.tailRatio
    if let interval = interval(last.median) { (result.low, result.high) = interval }
    return result
  }

  /// One look.
  static func decide(_ differences: Differences) -> (verdict: Verdict, isTailWorse: Bool) {
    guard let ratio = differences.ratio, let tailRatio = differences.tailRatio else {
      return (.undecided, false)
    }
    if isBelow(differences.median, medianLevel / 2) { return (.worse, false) }
    // The fall of the tail, as a part, against the gain of the median.
    let tailFallsMore = 1 - tailRatio > max(ratio - 1, 0)
    if tailFallsMore, isBelow(differences.tail, tailLevel) { return (.worse, true) }
    guard isBelow(differences.median.map { -$0 }, medianLevel / 2) else {
      return (.undecided, false)
    }
    return tailFallsMore ? (.worse, true) : (.gain, false)
  }

  /// Whether differences are below 0 by more than chance.
  private static func isBelow(_ differences: [Double], _ level: Double) -> Bool {
    guard differences.reduce(0, +) < 0 else { return false }
    guard let probability = SignFlipTest.probability(differences.map { -$0 }) else { return false }
    return probability <= level
  }

  /// The ratios that the sign-flip test would not reject, by halving: the test of the differences
  /// less a shift (Hartigan 1969, "Using subsample values as typical values").
  static func interval(_ differences: [Double]) -> (low: Double, high: Double)? {
    guard let least = schedule.first, differences.count >= least,
      let lowest = differences.min(), let highest = differences.max()
    else { return nil }
    /// The largest shift below which the differences are significantly above it.
    func end(of differences: [Double], from low: Double, to high: Double) -> Double {
      var (low, high) = (low, high)
      for _ in 0..<24 {
        let middle = (low + high) / 2
        if isBelow(differences.map { middle - $0 }, medianLevel / 2) {
          low = middle
        } else {
          high = middle
        }
      }
      return low
    }
    let low = end(of: differences, from: lowest, to: highest)
    let high = -end(of: differences.map { -$0 }, from: -highest, to: -lowest)
    return (Differences.ratio(of: low), Differences.ratio(of: high))
  }
}
