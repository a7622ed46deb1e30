internal import Statistics
internal import SimulatedSeries
internal import Testing
internal import TestSupport

/// The marks of the detector of changes on simulated series of two years. `Benchmarks/statistics` runs
/// them on more, with other methods beside.
@Suite(.seeded) struct DetectionTests {
  private static func score(_ family: SeriesFamily, _ count: Int) -> DetectionScore {
    var generator = SeededGenerator(round: SeriesFamily.allCases.firstIndex(of: family) ?? 0)
    var score = DetectionScore()
    for index in 0..<count {
      let series = family.series(index, using: &generator)
      score.watch(series, with: WatchingDetector(), using: &generator)
    }
    return score
  }

  @Test func marksOnTwoThousandSeries() throws {
    var all = DetectionScore()
    var steady = DetectionScore()
    for family in SeriesFamily.measured {
      let score = Self.score(family, 200)
      all = all + score
      switch family {
      case .normal, .t3, .outliers: steady = steady + score
      case .step5, .step5T3:
        #expect(try #require(score.recall) >= 0.95, "\(family.rawValue)")
        #expect(try #require(score.delay(0.9)) <= 5, "\(family.rawValue)")
      case .step10, .step10Outliers, .step10Seasonal:
        #expect(try #require(score.recall) >= 0.97, "\(family.rawValue)")
      default: break
      }
    }
    #expect(steady.falseAlarmsPerYear <= 0.03)
    #expect(all.falseAlarmsPerYear <= 0.10)
    #expect(try #require(all.precision) >= 0.85)
    // Runs that nobody would have made otherwise: a few nights a year.
    #expect(all.nightsPerYear < 12)
  }

  /// Drifts that are found, and drifts that are none.
  @Test(arguments: [(SeriesFamily.normal, 0.05), (.t3, 0.05), (.autoregressive, 0.2)])
  func driftIsRarelyFalse(family: SeriesFamily, most: Double) {
    #expect(Self.drifts(family).found <= Int(most * 64))
  }

  @Test func driftIsFound() {
    let drifts = Self.drifts(.drift)
    // 0.7 of 64 on average; with other seeds a few fewer.
    #expect(drifts.found >= 40)
    #expect(drifts.wrong == 0)
  }

  /// In how many of 64 series a drift was reported within two years, and in how many of the wrong direction.
  private static func drifts(_ family: SeriesFamily) -> (found: Int, wrong: Int) {
    var generator = SeededGenerator(round: SeriesFamily.allCases.firstIndex(of: family) ?? 0)
    var (found, wrong) = (0, 0)
    for index in 0..<64 {
      var series = family.series(index, using: &generator)
      var days: [Double] = []
      var values: [Double] = []
      for week in 0..<SimulatedSeries.weeks {
        days.append(Double(week * 7))
        values.append(series.value(on: Double(week * 7), using: &generator))
        guard week % 4 == 3, let drift = DriftTest().drift(days: days, values: values) else {
          continue
        }
        found += 1
        if drift.isBetter != (series.driftPerYear > 0) { wrong += 1 }
        break
      }
    }
    return (found, wrong)
  }
}
