/// One point of the history of a series.
public struct BenchmarkPoint: Codable, Hashable, Sendable {
  /// When its run began, UTC, ISO 8601.
  public var time: String
  /// Id of its run.
  public var run: String
  /// The figure, in the unit of the series.
  public var value: Double
  /// Lower end of the 95 % interval; absent where there were too few samples.
  public var low: Double?
  /// Upper end of the 95 % interval; absent where there were too few samples.
  public var high: Double?
  /// What physics allows, in the unit of the series; absent where a fact is missing.
  public var ceiling: Double?
  /// Number of its facts in the database: points with the same number were measured under the same facts.
  public var context: Int
  /// Readings of sensors at that time: temperature, clock.
  public var readings: [String: String]
  /// Who started its run.
  public var trigger: BenchmarkRun.Trigger
  /// How far its run came.
  public var state: BenchmarkRun.State
  /// What became of the measurement.
  public var verdict: BenchmarkResult.Verdict
  /// What qualifies the figure.
  public var flags: [BenchmarkResult.Flag]

  /// A point.
  package init(
    time: String, run: String, value: Double, low: Double?, high: Double?, ceiling: Double?,
    context: Int, readings: [String: String], trigger: BenchmarkRun.Trigger,
    state: BenchmarkRun.State, verdict: BenchmarkResult.Verdict, flags: [BenchmarkResult.Flag]
  ) {
    self.time = time
    self.run = run
    self.value = value
    self.low = low
    self.high = high
    self.ceiling = ceiling
    self.context = context
    self.readings = readings
    self.trigger = trigger
    self.state = state
    self.verdict = verdict
    self.flags = flags
  }
}

/// A series and how much history it has.
public struct BenchmarkSeriesSummary: Codable, Hashable, Sendable {
  /// The series.
  public var series: BenchmarkSeries
  /// Figures in its history; quick, discarded and invalid ones are not counted.
  public var count: Int
  /// The newest figure, in the unit of the series; absent where there is none.
  public var lastValue: Double?
  /// When the run of the newest figure began, UTC, ISO 8601; absent where there is none.
  public var lastTime: String?
  /// What physics allows, in the unit of the series, by the run of the newest figure; absent where it is
  /// unknown.
  public var lastCeiling: Double?

  /// A series with its newest figure.
  package init(
    series: BenchmarkSeries, count: Int, lastValue: Double?, lastTime: String?,
    lastCeiling: Double? = nil
  ) {
    self.series = series
    self.count = count
    self.lastValue = lastValue
    self.lastTime = lastTime
    self.lastCeiling = lastCeiling
  }
}

/// A run without its results.
public struct BenchmarkRunSummary: Codable, Hashable, Sendable {
  /// The run; its `results` are empty.
  public var run: BenchmarkRun
  /// How many results of each verdict it has.
  public var verdicts: [String: Int]

  /// A run with the numbers of its results.
  package init(run: BenchmarkRun, verdicts: [String: Int]) {
    self.run = run
    self.verdicts = verdicts
  }
}

/// Which figures of the history are wanted. Those of runs that were aborted count: each was measured whole.
package struct BenchmarkSelection: Hashable, Sendable {
  /// Figures of quick runs, too.
  package var includesQuick = false
  /// Figures of runs that an owner discarded, too.
  package var includesDiscarded = false
  /// Figures above their ceiling, too.
  package var includesInvalid = false
  /// The runs of other machines, instead of those of this one.
  package var isImported = false

  /// The figures that are judged.
  package init() {}

  /// Whether a result belongs to the selection.
  package func includes(_ result: BenchmarkResult, of run: BenchmarkRun) -> Bool {
    guard result.value != nil else { return false }
    if run.isQuick || result.flags.contains(.quick), !includesQuick { return false }
    if run.state == .discarded, !includesDiscarded { return false }
    return verdicts.contains(result.verdict) && (run.trigger == .imported) == isImported
  }

  /// The verdicts of figures that count.
  package var verdicts: [BenchmarkResult.Verdict] {
    includesInvalid ? [.measured, .low, .invalid] : [.measured, .low]
  }
}
