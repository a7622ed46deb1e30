@testable internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

@Suite(.seeded) struct PairedTrialTests {
  private typealias Pair = PairedTrial.Pair

  /// Runs with 3 % noise, in the order of the trial, on a machine that slows by `drift` from run to run.
  private func pairs(
    _ count: Int = 24, gain: Double, drift: Double = 0, using generator: inout SeededGenerator
  ) -> [Pair] {
    var speed = 100.0
    return (0..<count).map { index in
      var pair = Pair(without: 0, with: 0)
      for position in 0..<2 {
        let value = speed * (1 + 0.03 * SimulatedSeries.normal(using: &generator))
        if PairedTrial.startsWithChange(pair: index) == (position == 0) {
          pair.with = value * (1 + gain)
        } else {
          pair.without = value
        }
        speed *= 1 - drift
      }
      return pair
    }
  }

  /// The verdict as `evaluate` reaches it, without the interval, which takes most of its time.
  private func verdict(_ pairs: [Pair]) -> (PairedTrial.Verdict, pairs: Int) {
    let differences = PairedTrial.Differences(pairs, higherIsBetter: true)
    for look in PairedTrial.schedule {
      let verdict = PairedTrial.decide(differences.first(look)).verdict
      if verdict != .undecided { return (verdict, look) }
    }
    return (.noGainShown, 24)
  }

  @Test(arguments: [(0.0, 0), (0.02, 1), (0.05, 2), (-0.05, 3)])
  func verdictsAreRarelyFalse(gain: Double, round: Int) {
    var generator = SeededGenerator(round: round)
    var count: [PairedTrial.Verdict: Int] = [:]
    var used = 0
    let trials = 2000
    for _ in 0..<trials {
      let (verdict, pairs) = verdict(pairs(gain: gain, using: &generator))
      count[verdict, default: 0] += 1
      used += pairs
    }
    let gains = count[.gain] ?? 0
    let losses = count[.worse] ?? 0
    let wrong = gain == 0 ? gains + losses : gain > 0 ? losses : gains
    #expect(wrong <= trials / 20, "\(count)")
    if abs(gain) == 0.05 {
      #expect((gain > 0 ? gains : losses) >= trials * 95 / 100, "\(count)")
      #expect(Double(used) / Double(trials) < 13)
    }
  }

  @Test func orderCancelsADrift() throws {
    var generator = SeededGenerator()
    var logs = 0.0
    for _ in 0..<400 {
      let pairs = pairs(8, gain: 0, drift: 0.005, using: &generator)
      logs += try #require(PairedTrial.evaluate(pairs).ratio) - 1
    }
    // ABAB would be 0.5 % too low.
    #expect(abs(logs / 400) < 0.0015)
  }

  @Test func looksOnlyWhereTheScheduleSays() {
    let gain = (0..<24).map { Pair(without: 100, with: 110 + Double($0 % 3)) }
    #expect(PairedTrial.evaluate([]).verdict == .undecided)
    let seven = PairedTrial.evaluate(Array(gain.prefix(7)))
    #expect(seven.verdict == .undecided)
    #expect(seven.nextLook == 8)
    #expect(seven.low == nil)
    let all = PairedTrial.evaluate(gain)
    #expect(all.verdict == .gain)
    #expect((all.pairs, all.looks, all.nextLook) == (8, 1, nil))
    let same = (0..<24).map { Pair(without: 100, with: $0 % 2 == 0 ? 101 : 99) }
    #expect(PairedTrial.evaluate(Array(same.prefix(13))).nextLook == 16)
    let end = PairedTrial.evaluate(same)
    #expect(end.verdict == .noGainShown)
    #expect((end.looks, end.nextLook) == (5, nil))
  }

  @Test func lowerIsBetterTurnsTheRatio() throws {
    let times = (0..<8).map { Pair(without: 110 + Double($0 % 2), with: 100) }
    let faster = PairedTrial.evaluate(times, higherIsBetter: false)
    #expect(faster.verdict == .gain)
    #expect(abs(try #require(faster.ratio) - 1.105) < 1e-3)
    #expect(PairedTrial.evaluate(times).verdict == .worse)
  }

  @Test func aTailThatFallsByMoreThanTheMedianGainsIsWorse() {
    // A median 5 % better, and a tenth of each run 20 % slower.
    let tails = (0..<12).map {
      let noise = Double($0 % 4)
      return Pair(
        without: 100 + noise, with: 105 + noise, tailWithout: 95 + noise, tailWith: 76 + noise)
    }
    let verdict = PairedTrial.evaluate(tails)
    #expect(verdict.verdict == .worse)
    #expect(verdict.isTailWorse)
    // The same where runs give one figure, and one run of eight is slow.
    let slow = (0..<8).map { Pair(without: 100, with: $0 == 3 ? 101 : 150) }
    #expect(PairedTrial.evaluate(slow).verdict == .gain)
    let even = tails.map {
      Pair(without: $0.without, with: $0.with, tailWithout: 95, tailWith: 98)
    }
    #expect(PairedTrial.evaluate(even).verdict == .gain)
    // No gain of the median hides it either.
    let flat = tails.enumerated().map {
      Pair(
        without: 100, with: $0 % 2 == 0 ? 101 : 99, tailWithout: $1.tailWithout,
        tailWith: $1.tailWith)
    }
    #expect(PairedTrial.evaluate(flat).isTailWorse)
  }

  @Test func intervalAgreesWithTheVerdictAndCoversTheRatio() throws {
    var generator = SeededGenerator()
    var covered = 0
    for trial in 0..<100 {
      let gain = [0, 0.02, 0.05][trial % 3]
      let result = PairedTrial.evaluate(pairs(12, gain: gain, using: &generator))
      let low = try #require(result.low)
      let high = try #require(result.high)
      let ratio = try #require(result.ratio)
      #expect(low <= ratio && ratio <= high)
      switch result.verdict {
      case .gain: #expect(low >= 1)
      case .worse: #expect(high <= 1 || result.isTailWorse)
      case .noGainShown, .undecided: #expect(low <= 1.0001 && high >= 0.9999)
      }
      if low <= 1 + gain, 1 + gain <= high { covered += 1 }
    }
    #expect(covered >= 93)
  }
}
