import Testing

@testable import LoadKernels

@Suite struct CommonWindowTests {
  static func piece(_ start: Int64, _ end: Int64, _ amount: Double, clean: Bool = true)
    -> CommonWindow.Piece
  {
    CommonWindow.Piece(
      timing: Timing(start: start, end: end, isClean: clean), amount: amount)
  }

  @Test func piecesCountAsFarAsTheyLieInside() throws {
    // 0 to 100 and 50 to 150: in common 50 to 100.
    let window = try #require(
      CommonWindow([
        [Self.piece(0, 60, 600), Self.piece(60, 100, 400)],
        [Self.piece(50, 150, 200, clean: false)],
      ]))
    #expect(window.start == 50 && window.end == 100)
    #expect(window.amount == 100 + 400 + 100)
    #expect(abs(window.rate - 600 / 50e-9) < 1)
    #expect(abs(window.cleanShare - 0.5) < 1e-12)
  }

  @Test func neverMoreThanTheSumOfTheRates() throws {
    // The second thread has the memory for itself after the first ended.
    let window = try #require(
      CommonWindow([
        [Self.piece(0, 100, 100)], [Self.piece(0, 100, 100), Self.piece(100, 150, 200)],
      ]))
    #expect(abs(window.rate - 2e9) < 1)
  }

  @Test func oneThreadIsItsOwnWindow() throws {
    let window = try #require(CommonWindow([[Self.piece(10, 20, 5)]]))
    #expect(window.seconds == 10e-9 && window.amount == 5 && window.cleanShare == 1)
  }

  @Test func nothingInCommon() {
    #expect(CommonWindow([[Self.piece(0, 10, 1)], [Self.piece(10, 20, 1)]]) == nil)
    #expect(CommonWindow([[Self.piece(0, 10, 1)], []]) == nil)
    #expect(CommonWindow([]) == nil)
    #expect(CommonWindow([[Self.piece(5, 5, 1)]]) == nil)
  }
}
