internal import Statistics

/// What the history of this machine shows now, without its past figures: for checks and metrics.
package struct BenchmarkSummary: Hashable, Sendable {
  /// Every series with its newest figure, by key.
  package var series: [BenchmarkSeriesSummary]
  /// Changes that nobody has acknowledged, in the order in which they were found.
  package var changes: [BenchmarkChange]

  /// A history; without arguments, one without figures.
  package init(series: [BenchmarkSeriesSummary] = [], changes: [BenchmarkChange] = []) {
    self.series = series
    self.changes = changes
  }

  /// Start of the newest run with a figure that counts, UTC, RFC 3339; nil where there is none.
  package var newestRun: String? { series.compactMap(\.lastTime).max() }

  /// The changes, and how many series they were looked for in.
  package var document: BenchmarkChangesDocument {
    BenchmarkChangesDocument(
      changes, seriesCount: series.count { $0.count > 0 },
      judgedCount: series.count { $0.count >= BenchmarkSummary.figuresNeeded })
  }

  /// The fewest figures of a series before a change is looked for in it.
  package static let figuresNeeded = ChangeDetector.burnIn
}
