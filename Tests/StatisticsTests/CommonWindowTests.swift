import Statistics
import TestSupport
import Testing

@Suite struct CommonWindowTests {
  /// The window of copies of so many bytes each.
  private func window(_ lanes: [[(Double, Double)]], bytes: Double) -> CommonWindow? {
    CommonWindow(lanes.map { $0.map { CommonWindow.Piece($0.0, $0.1, amount: bytes) } })
  }

  @Test func `one copy has its own rate`() throws {
    let found = try #require(window([[(10, 10.5)]], bytes: 1000))
    #expect(found.rate == 2000)
    #expect(found.share == 1)
  }

  @Test func `only what is inside the window counts`() throws {
    // 1000 bytes each: one lane from 0 to 2, the other from 1 to 4 s. Both run from 1 to 2 s.
    let found = try #require(window([[(0, 2)], [(1, 4)]], bytes: 1000))
    #expect(found.start == 1 && found.end == 2)
    #expect(abs(found.amount - (500 + 1000.0 / 3)) < 1e-9)
    #expect(found.share == 0.25)
    // The sum of single rates happens to be the same for two steady lanes; with a pause it is not.
    let paused = try #require(
      window([[(0, 1), (3, 4)], [(0, 4)]], bytes: 1000))
    #expect(paused.rate == 750)
  }

  @Test func `lanes that do not meet have no window`() {
    #expect(window([[(0, 1)], [(1, 2)]], bytes: 1000) == nil)
    #expect(window([[(0, 1)], []], bytes: 1000) == nil)
    #expect(window([], bytes: 1000) == nil)
    #expect(window([[(1, 1)]], bytes: 1000) == nil)
    #expect(window([[(2, 1)]], bytes: 1000) == nil)
  }

  @Test(.seeded) func `the rate of steady lanes is their sum, whenever they begin`() throws {
    var random = SeededGenerator()
    for _ in 0..<500 {
      let rates = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        Double.random(in: 1e8...5e10, using: &random)
      }
      // 4 MiB a copy without pauses, for 1 s at least; begun within 0.5 s.
      let bytes = 4 << 20
      let lanes = rates.map { rate -> [(Double, Double)] in
        let length = Double(bytes) / rate
        let start = Double.random(in: 0...0.5, using: &random)
        return (0..<Int(1 / length) + 1).map {
          (start + Double($0) * length, start + Double($0 + 1) * length)
        }
      }
      let found = try #require(window(lanes, bytes: Double(bytes)))
      let sum = rates.reduce(0, +)
      #expect(abs(found.rate / sum - 1) < 1e-9, "\(found.rate) \(sum)")
      #expect(found.share > 0 && found.share <= 1)
    }
  }

  @Test func `the share that nothing disturbed counts what is inside`() throws {
    // 0 to 100 and 50 to 150 s: in common 50 to 100.
    let found = try #require(
      CommonWindow([
        [.init(0, 60, amount: 600), .init(60, 100, amount: 400)],
        [.init(50, 150, amount: 200, isClean: false)],
      ]))
    #expect(found.start == 50 && found.end == 100)
    #expect(found.amount == 100 + 400 + 100)
    #expect(found.rate == 12)
    #expect(found.cleanShare == 0.5)
  }
}
