internal import Statistics
internal import Testing

@Suite struct SummaryTests {
  @Test func medianOfOddAndEven() {
    #expect(Summary.median([3, 1, 2]) == 2)
    #expect(Summary.median([4, 1, 3, 2]) == 2.5)
    #expect(Summary.median([Double]()) == nil)
    #expect(Summary.median([.nan, 7, .infinity]) == 7)
  }

  @Test func spreadIsTheDeviationOfNormalNumbers() throws {
    // Quartiles of the standard normal distribution: half of the numbers are within them.
    let quartiles = [-0.6745, 0.6745, 0, -2, 2, -0.6745, 0.6745]
    #expect(abs(try #require(Summary.spread(quartiles)) - 1) < 1e-3)
    #expect(Summary.spread([5, 5, 5]) == 0)
    // One value of five cannot move it.
    #expect(Summary.spread([1, 2, 3, 4, 1e300]) == Summary.spread([1, 2, 3, 4, 5]))
  }

  @Test func percentilesLieBetweenNumbersInProportion() {
    // As R's quantile(type = 7) and NumPy's default.
    #expect(Summary.percentile(0.1, of: [1, 2, 3, 4, 5]) == 1.4)
    #expect(Summary.percentile(0, of: [3, 1, 2]) == 1)
    #expect(Summary.percentile(1, of: [3, 1, 2]) == 3)
    #expect(Summary.percentile(0.5, of: [9]) == 9)
    #expect(Summary.percentile(1.1, of: [9]) == nil)
    #expect(Summary.percentile(.nan, of: [9]) == nil)
  }
}
