import Benchmarks
import TestSupport
import Testing

@Suite struct CommonWindowTests {
  typealias Span = CommonWindow.Span

  @Test func `one copy has its own rate`() throws {
    let window = try #require(CommonWindow([[Span(10, 10.5)]], bytes: 1000))
    #expect(window.rate == 2000)
    #expect(window.share == 1)
  }

  @Test func `only what is inside the window counts`() throws {
    // 1000 bytes each: one lane from 0 to 2, the other from 1 to 4 s. Both run from 1 to 2 s.
    let window = try #require(CommonWindow([[Span(0, 2)], [Span(1, 4)]], bytes: 1000))
    #expect(window.start == 1 && window.end == 2)
    #expect(abs(window.bytes - (500 + 1000.0 / 3)) < 1e-9)
    #expect(window.share == 0.25)
    // The sum of single rates happens to be the same for two steady lanes; with a pause it is not.
    let paused = try #require(
      CommonWindow([[Span(0, 1), Span(3, 4)], [Span(0, 4)]], bytes: 1000))
    #expect(paused.rate == 750)
  }

  @Test func `lanes that do not meet have no window`() {
    #expect(CommonWindow([[Span(0, 1)], [Span(1, 2)]], bytes: 1000) == nil)
    #expect(CommonWindow([[Span(0, 1)], []], bytes: 1000) == nil)
    #expect(CommonWindow([], bytes: 1000) == nil)
    #expect(CommonWindow([[Span(1, 1)]], bytes: 1000) == nil)
    #expect(CommonWindow([[Span(2, 1)]], bytes: 1000) == nil)
  }

  @Test(.seeded) func `the rate of steady lanes is their sum, whenever they begin`() throws {
    var random = SeededGenerator()
    for _ in 0..<500 {
      let rates = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        Double.random(in: 1e8...5e10, using: &random)
      }
      // 4 MiB a copy without pauses, for 1 s at least; begun within 0.5 s.
      let bytes = 4 << 20
      let lanes = rates.map { rate -> [Span] in
        let length = Double(bytes) / rate
        let start = Double.random(in: 0...0.5, using: &random)
        return (0..<Int(1 / length) + 1).map {
          Span(start + Double($0) * length, start + Double($0 + 1) * length)
        }
      }
      let window = try #require(CommonWindow(lanes, bytes: bytes))
      let sum = rates.reduce(0, +)
      #expect(abs(window.rate / sum - 1) < 1e-9, "\(window.rate) \(sum)")
      #expect(window.share > 0 && window.share <= 1)
    }
  }
}
