@testable internal import Statistics
internal import Testing
internal import TestSupport

/// No number stops the program, and none makes a figure that cannot be printed.
@Suite(.seeded) struct HostileNumberTests {
  private static let hostile: [Double] = [
    .nan, .signalingNaN, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude,
    .leastNormalMagnitude, 1, -1, 1e-300, 1e308, -1e308, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .pi,
  ]

  /// Lists of one kind of number, of two, and of all in any order; from none to 120.
  private static func lists() -> [[Double]] {
    var generator = SeededGenerator()
    var lists: [[Double]] = [[]]
    for value in hostile {
      for count in [1, 2, 3, 8, 13, 60] { lists.append(Array(repeating: value, count: count)) }
      for other in hostile {
        lists.append((0..<40).map { $0 < 25 ? value : other })
        lists.append((0..<40).map { $0 % 3 == 0 ? value : other })
      }
    }
    for count in [5, 12, 30, 120] {
      for _ in 0..<30 { lists.append((0..<count).map { _ in generator.pick(hostile) }) }
    }
    return lists
  }

  @Test func summariesStayFinite() {
    for list in Self.lists() {
      for value in [
        Summary.median(list), Summary.spread(list), Summary.percentile(0.1, of: list),
      ] {
        if let value { #expect(value.isFinite, "\(list.prefix(30))") }
      }
      let warmUp = WarmUp(of: list)
      #expect((0...list.count / 4).contains(warmUp.dropped))
      if let interval = MedianInterval(of: list) { #expect(interval.low <= interval.high) }
      if let p = SignFlipTest.probability(Array(list.prefix(20))) { #expect((0...1).contains(p)) }
    }
    for part in Self.hostile {
      _ = MedianInterval(of: [1, 2, 3, 4, 5, 6], coverage: part)
      _ = Summary.percentile(part, of: [1, 2, 3])
    }
  }

  @Test func trialsStayFinite() {
    for list in Self.lists() {
      let pairs = zip(list, list.reversed()).prefix(24).map {
        PairedTrial.Pair(without: $0, with: $1, tailWithout: $1, tailWith: $0)
      }
      for higherIsBetter in [true, false] {
        let result = PairedTrial.evaluate(Array(pairs), higherIsBetter: higherIsBetter)
        for value in [result.ratio, result.low, result.high, result.tailRatio] {
          if let value { #expect(value.isFinite, "\(pairs)") }
        }
      }
    }
  }

  @Test func detectorsStayFinite() {
    for list in Self.lists() {
      let weekly = list.enumerated().map { SeriesPoint(day: Double($0 * 7), value: $1) }
      let analysis = ChangeDetector().analyze(weekly)
      for change in analysis.changes {
        #expect(change.before.isFinite && change.after.isFinite && change.z.isFinite)
        #expect(change.index <= change.found && change.found < list.count)
      }
      if let least = analysis.leastChange { #expect(least.isFinite) }
      if let drift = DriftTest().drift(weekly) {
        #expect(drift.perYear.isFinite && drift.low.isFinite && drift.high.isFinite)
      }
      // As times.
      let timed = list.enumerated().map {
        SeriesPoint(day: $1, value: 100 + Double($0 % 7), isConfirmation: $0 % 2 == 0)
      }
      _ = ChangeDetector().analyze(timed)
      for since in [-1, 0, 5, .max] { _ = DriftTest().drift(timed, since: since) }
    }
  }
}
