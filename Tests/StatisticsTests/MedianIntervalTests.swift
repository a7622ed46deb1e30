internal import Foundation
@testable internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

@Suite(.seeded) struct MedianIntervalTests {
  @Test func existsFromSixSamplesOn() throws {
    #expect(MedianInterval(of: [1, 2, 3, 4, 5]) == nil)
    let six = try #require(MedianInterval(of: [6, 1, 5, 2, 4, 3]))
    #expect((six.low, six.high) == (1, 6))
    #expect(six.coverage == 1 - 2.0 / 64)
  }

  /// Ranks and coverages as tables of the sign test have them (Conover, "Practical Nonparametric
  /// Statistics", table A3).
  @Test(arguments: [(10, 1, 0.9785), (20, 5, 0.9586), (30, 9, 0.9572), (50, 17, 0.9672)])
  func ranksAreThoseOfTheTables(count: Int, index: Int, coverage: Double) throws {
    let rank = try #require(MedianInterval.rank(count: count, coverage: 0.95))
    #expect(rank.index == index)
    #expect(abs(rank.coverage - coverage) < 1e-4)
  }

  @Test func approximationOfManySamplesContinuesTheExactRanks() throws {
    let exact = try #require(MedianInterval.rank(count: 1000, coverage: 0.95)).index
    let approximate = try #require(MedianInterval.rank(count: 1002, coverage: 0.95)).index
    #expect((exact - 1...exact + 1).contains(approximate))
  }

  enum Distribution: CaseIterable { case normal, t3, lognormal }

  @Test(arguments: Distribution.allCases)
  func coversTheMedian(_ distribution: Distribution) {
    var generator = SeededGenerator(
      round: distribution == .normal ? 0 : distribution == .t3 ? 1 : 2)
    // A median of 0 for the first two; exp keeps the order, so that of the third is 1.
    let median = distribution == .lognormal ? 1.0 : 0
    let trials = 4000
    for count in 7...30 {
      var covered = 0
      for _ in 0..<trials {
        let samples = (0..<count).map { _ in Self.sample(distribution, using: &generator) }
        guard let interval = MedianInterval(of: samples) else { continue }
        if interval.low <= median, median <= interval.high { covered += 1 }
      }
      #expect(Double(covered) / Double(trials) >= 0.94, "\(count) samples")
    }
  }

  private static func sample(
    _ distribution: Distribution, using generator: inout SeededGenerator
  ) -> Double {
    let normal = SimulatedSeries.normal(using: &generator)
    switch distribution {
    case .normal: return normal
    case .lognormal: return exp(normal)
    case .t3:
      let squares = (0..<3).reduce(0.0) { sum, _ in
        let value = SimulatedSeries.normal(using: &generator)
        return sum + value * value
      }
      return normal / (squares / 3).squareRoot()
    }
  }
}
