internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

@Suite(.seeded) struct WarmUpTests {
  /// Samples of 3 % noise that begin a quarter too low and approach 100 within so many samples.
  private func run(
    _ count: Int, warmUp: Int, using generator: inout SeededGenerator
  ) -> [Double] {
    (0..<count).map { index in
      let missing = index < warmUp ? 0.25 * (1 - Double(index) / Double(warmUp)) : 0
      return 100 * (1 - missing) * (1 + 0.03 * SimulatedSeries.normal(using: &generator))
    }
  }

  @Test func removesAWarmUpOfTheFirstQuarter() {
    var generator = SeededGenerator()
    var bias = 0.0
    var settled = 0
    for _ in 0..<400 {
      let samples = run(60, warmUp: 12, using: &generator)
      let warmUp = WarmUp(of: samples)
      #expect(warmUp.dropped <= 15)
      bias += ((Summary.median(samples[warmUp.dropped...]) ?? 0) / 100 - 1) / 400
      if warmUp.settled == true { settled += 1 }
    }
    // Of the median of all 60 samples it is 1 %.
    #expect(abs(bias) < 0.003)
    #expect(settled >= 380)
  }

  @Test func leavesASteadyRunAlone() {
    var generator = SeededGenerator()
    var dropped = 0
    var settled = 0
    for _ in 0..<400 {
      let warmUp = WarmUp(of: run(60, warmUp: 0, using: &generator))
      dropped += warmUp.dropped
      if warmUp.settled == true { settled += 1 }
    }
    #expect(dropped < 400 * 6)
    #expect(settled >= 380)
  }

  @Test func reportsARunThatDoesNotSettle() {
    var generator = SeededGenerator()
    let unsettled = (0..<400).count { _ in
      WarmUp(of: run(60, warmUp: 60, using: &generator)).settled == false
    }
    #expect(unsettled >= 380)
  }

  @Test func fewSamplesAreUnknown() {
    #expect(WarmUp(of: []) == WarmUp(of: [.nan]))
    #expect(WarmUp(of: [1, 2, 3]).settled == nil)
    #expect(WarmUp(of: [1, 2, 3]).dropped == 0)
  }
}
