@testable internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

@Suite(.seeded) struct ChangeDetectorTests {
  /// So many weeks of 1 % noise at a level, from a day on.
  private func weeks(
    _ count: Int, from day: Double = 0, level: Double, using generator: inout SeededGenerator
  ) -> [SeriesPoint] {
    (0..<count).map {
      SeriesPoint(
        day: day + Double($0 * 7),
        value: level * (1 + 0.01 * SimulatedSeries.normal(using: &generator)))
    }
  }

  @Test func aDropIsSuspectedAtTheNextRunAndConfirmedByNights() throws {
    var generator = SeededGenerator()
    var points = weeks(14, level: 100, using: &generator)
    #expect(ChangeDetector().analyze(points).state == .steady)
    points += weeks(1, from: 98, level: 70, using: &generator)
    for wanted in stride(from: 5, through: 1, by: -1) {
      guard
        case .suspicion(let change, let runs) = ChangeDetector().analyze(points).state
      else {
        Issue.record("no suspicion with \(wanted) nights to go")
        return
      }
      #expect(runs == wanted)
      #expect(change.index == 14)
      #expect(!change.isBetter && !change.isGradual)
      points.append(
        SeriesPoint(
          day: 98 + Double(6 - wanted),
          value: 70 * (1 + 0.01 * SimulatedSeries.normal(using: &generator)), isConfirmation: true))
    }
    let analysis = ChangeDetector().analyze(points)
    #expect(analysis.state == .changed)
    let change = try #require(analysis.changes.first)
    #expect(analysis.changes.count == 1)
    #expect((change.index, change.found) == (14, 19))
    #expect(abs(change.before - 100) < 2)
    #expect(abs(change.after - 70) < 2)
    #expect(change.z >= 4.5)
    #expect(ChangeDetector(higherIsBetter: false).analyze(points).changes.first?.isBetter == true)
  }

  @Test func anOutlierIsForgotten() {
    var generator = SeededGenerator()
    var points = weeks(20, level: 100, using: &generator)
    points.append(SeriesPoint(day: 140, value: 60))
    guard case .suspicion = ChangeDetector().analyze(points).state else {
      Issue.record("not suspected")
      return
    }
    for night in 1...5 {
      points.append(
        SeriesPoint(
          day: 140 + Double(night),
          value: 100 * (1 + 0.01 * SimulatedSeries.normal(using: &generator)),
          isConfirmation: true))
    }
    let analysis = ChangeDetector().analyze(points)
    #expect(analysis.changes.isEmpty)
    #expect(analysis.state == .steady)
  }

  @Test func runsOfOneEveningAreOne() {
    var generator = SeededGenerator()
    var points = weeks(20, level: 100, using: &generator)
    // Twenty runs of one bad evening.
    points += (0..<20).map {
      SeriesPoint(day: 140 + Double($0) / 100, value: 70, isConfirmation: $0 > 0)
    }
    let analysis = ChangeDetector().analyze(points)
    #expect(analysis.changes.isEmpty)
    guard case .suspicion(let change, let wanted) = analysis.state else {
      Issue.record("not suspected")
      return
    }
    #expect(change.index == 20)
    #expect(wanted == 5)
  }

  @Test func aSeriesStartsAnewFromAChange() {
    var generator = SeededGenerator()
    var points = weeks(30, level: 100, using: &generator)
    points += weeks(40, from: 210, level: 80, using: &generator)
    points += weeks(40, from: 490, level: 100, using: &generator)
    let changes = ChangeDetector().analyze(points).changes
    #expect(changes.map(\.index) == [30, 70])
    #expect(changes.map(\.isBetter) == [false, true])
    // In any order.
    #expect(ChangeDetector().analyze(points.reversed()).changes.map { 109 - $0.index } == [30, 70])
  }

  @Test func aSlowMovementIsADriftAndRarelyAStep() throws {
    var generator = SeededGenerator()
    var (changed, drifts) = (0, 0)
    for _ in 0..<30 {
      // 6 % a year, 6.3 % of the median.
      let points = (0..<60).map {
        SeriesPoint(
          day: Double($0 * 7),
          value: (100 - 0.12 * Double($0)) * (1 + 0.01 * SimulatedSeries.normal(using: &generator)))
      }
      if !ChangeDetector().analyze(points).changes.isEmpty { changed += 1 }
      guard let drift = DriftTest().drift(points) else { continue }
      #expect(!drift.isBetter && !drift.mayBeSeason)
      #expect(drift.low <= drift.perYear && drift.perYear <= drift.high)
      if drift.low < -0.065, -0.065 < drift.high { drifts += 1 }
    }
    #expect(changed <= 8)
    #expect(drifts >= 24)
  }

  @Test func whatIsSaidIsWhatWasSaid() throws {
    var generator = SeededGenerator()
    var points = weeks(40, level: 100, using: &generator)
    points += weeks(20, from: 280, level: 90, using: &generator)
    let change = try #require(ChangeDetector().analyze(points).changes.first)
    let then = ChangeDetector().analyze(Array(points.prefix(change.found + 1)))
    #expect(then.state == .changed)
    #expect(then.changes == [change])
    #expect(ChangeDetector().analyze(Array(points.prefix(change.found))).changes.isEmpty)
  }

  @Test func fewPointsSayHowManyAreMissing() {
    #expect(ChangeDetector().analyze([]).state == .starting(missing: 12))
    let points = (0..<7).map { SeriesPoint(day: Double($0), value: 1) }
    let analysis = ChangeDetector().analyze(points)
    #expect(analysis.state == .starting(missing: 5))
    #expect(analysis.leastChange == nil)
  }

  /// Steps of the size that a series says it can show are found within five weeks, four times of five.
  @Test(arguments: [(0.01, 20), (0.02, 30), (0.02, 50), (0.03, 50)])
  func leastChangeIsFound(deviation: Double, week: Int) throws {
    var generator = SeededGenerator(round: week + Int(deviation * 1e4))
    var score = DetectionScore()
    var quarter = DetectionScore()
    for index in 0..<60 {
      var series = SimulatedSeries(.normal, deviation: deviation, using: &generator)
      let points = (0..<week).map { week in
        SeriesPoint(
          day: Double(week * 7), value: series.value(on: Double(week * 7), using: &generator))
      }
      let least = try #require(ChangeDetector().analyze(points).leastChange)
      series.stepWeek = week
      series.step = index % 2 == 0 ? least : -least
      score.watch(series, with: WatchingDetector(), using: &generator)
      series.step /= 4
      quarter.watch(series, with: WatchingDetector(), using: &generator)
    }
    let found = score.delays.count { $0 <= 5 }
    #expect(found >= 41, "\(found) of 60")
    // It is not smaller than what can be shown.
    #expect(quarter.delays.count { $0 <= 5 } < 20)
  }
}
