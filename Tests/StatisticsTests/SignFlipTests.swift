internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

@Suite(.seeded) struct SignFlipTests {
  /// The definition: every choice of signs.
  private func counted(_ differences: [Double]) -> Double {
    let sum = differences.reduce(0, +)
    let choices = 1 << differences.count
    let atLeast = (0..<choices).count { choice in
      let flipped = differences.indices.reduce(0.0) {
        $0 + (choice >> $1 & 1 == 1 ? -differences[$1] : differences[$1])
      }
      return flipped >= sum - 1e-9
    }
    return Double(atLeast) / Double(choices)
  }

  @Test func countsWhatTheDefinitionCounts() {
    var generator = SeededGenerator()
    for count in 1...11 {
      for _ in 0..<10 {
        let differences = (0..<count).map { _ in
          0.3 + SimulatedSeries.normal(using: &generator)
        }
        #expect(SignFlipTest.probability(differences) == counted(differences))
        // Many equal sums.
        let whole = differences.map { $0.rounded() }
        #expect(SignFlipTest.probability(whole) == counted(whole))
      }
    }
  }

  @Test func leastProbabilityIsOneChoiceOfAll() {
    #expect(SignFlipTest.probability([1, 2, 3]) == 1.0 / 8)
    #expect(SignFlipTest.probability((1...24).map(Double.init)) == 1.0 / Double(1 << 24))
    #expect(SignFlipTest.probability([0, 0]) == 1)
    #expect(SignFlipTest.probability([]) == nil)
    #expect(SignFlipTest.probability([1, .nan]) == nil)
    #expect(SignFlipTest.probability([Double](repeating: 1, count: 33)) == nil)
  }

  /// Without a difference the p-value is at most p in a part p of all trials.
  @Test func isExactWithoutADifference() {
    var generator = SeededGenerator()
    let below = (0..<2000).count { _ in
      let differences = (0..<9).map { _ in SimulatedSeries.normal(using: &generator) }
      return SignFlipTest.probability(differences) ?? 1 <= 0.05
    }
    #expect((60...140).contains(below))
  }
}
