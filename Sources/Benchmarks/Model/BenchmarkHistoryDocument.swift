public import Base

/// The history of one series: `tinyboxctl benchmark history SERIES --json`.
public struct BenchmarkHistoryDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-history/1`.
  public var schema = BenchmarkHistoryDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-history/1"

  /// One figure of a history.
  public struct Point: Codable, Hashable, Sendable {
    /// When it was measured, UTC, ISO 8601.
    public var time: String
    /// Median of the samples, in the unit of the series.
    public var value: Double
    /// Lower end of the 95 % interval of the median; absent for few samples.
    public var low: Double?
    /// Upper end of the 95 % interval of the median.
    public var high: Double?
    /// Id of the run.
    public var run: String
    /// It comes from a quick run, which is no part of the history that is judged.
    public var isQuick: Bool
    /// Names of the facts that differ from the last value that was known before.
    public var contextChange: [String]

    /// A figure.
    package init(
      time: String, value: Double, low: Double? = nil, high: Double? = nil, run: String,
      isQuick: Bool = false, contextChange: [String] = []
    ) {
      self.time = time
      self.value = value
      self.low = low
      self.high = high
      self.run = run
      self.isQuick = isQuick
      self.contextChange = contextChange
    }
  }

  /// What is measured.
  public var series: BenchmarkSeries
  /// Every figure, oldest first.
  public var points: [Point]
  /// Changes that were found, oldest first.
  public var changes: [BenchmarkChange]
  /// The least change that the series can show, as a share of its level: 0.04 for 4 %. Absent with too
  /// few figures.
  public var leastChange: Double?
  /// What physics allows, in the unit of the series, by the newest run; absent where it is unknown.
  public var ceiling: Double?

  /// A history.
  package init(
    _ series: BenchmarkSeries, points: [Point] = [], changes: [BenchmarkChange] = [],
    leastChange: Double? = nil, ceiling: Double? = nil
  ) {
    self.series = series
    self.points = points
    self.changes = changes
    self.leastChange = leastChange
    self.ceiling = ceiling
  }
}

/// All series with their newest figures: `tinyboxctl benchmark history --json`.
public struct BenchmarkSeriesDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.benchmark-series/1`.
  public var schema = BenchmarkSeriesDocument.currentSchema
  package static let currentSchema = "tinybox.benchmark-series/1"

  /// One series.
  public struct Entry: Codable, Hashable, Sendable {
    /// What is measured.
    public var series: BenchmarkSeries
    /// Figures in the history, quick runs left out.
    public var count: Int
    /// The newest figures, oldest first, at most 26, quick runs left out: a small plot.
    public var recent: [BenchmarkHistoryDocument.Point]
    /// Median of the 8 figures before the newest one, in the unit of the series; absent with fewer than 8.
    public var medianBefore: Double?
    /// What physics allows, in the unit of the series, by the newest run; absent where it is unknown.
    public var ceiling: Double?
    /// The newest change that nobody has acknowledged; absent where there is none.
    public var change: BenchmarkChange?

    /// A series by its history.
    package init(_ history: BenchmarkHistoryDocument) {
      series = history.series
      let judged = history.points.filter { !$0.isQuick }
      count = judged.count
      recent = Array(judged.suffix(26))
      let before = judged.dropLast().suffix(8).map(\.value).filter(\.isFinite).sorted()
      medianBefore = before.count == 8 ? before[3] / 2 + before[4] / 2 : nil
      ceiling = history.ceiling
      change = history.changes.last { !$0.acknowledged }
    }
  }

  /// The series, by key.
  public var series: [Entry]

  /// The list of these histories.
  package init(_ histories: [BenchmarkHistoryDocument]) {
    series = histories.map(Entry.init).sorted { $0.series.key < $1.series.key }
  }
}

extension BenchmarkSeriesDocument.Entry {
  /// The newest figure.
  package var latest: BenchmarkHistoryDocument.Point? { recent.last }

  /// The newest figure over the median of the 8 before it, less 1: -0.04 is 4 % lower. Nil where one of
  /// the two is unknown or no number.
  package var changeFromMedian: Double? {
    guard let latest = latest?.value, let medianBefore, latest.isFinite, medianBefore > 0 else {
      return nil
    }
    let change = latest / medianBefore - 1
    return change.isFinite ? change : nil
  }
}
