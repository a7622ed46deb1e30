package import Base
package import Benchmarks

extension BenchmarkStore {
  /// Figures of a series that are judged: two years of weekly runs and what confirmed them.
  private static let judgedLimit = 400

  /// The history of a series, with what it shows.
  /// - Throws: `Failure` (`notFound`) for a key that no series has.
  package func document(of key: String) throws(Failure) -> BenchmarkHistoryDocument {
    guard let summary = try series().first(where: { $0.series.key == key }) else {
      let nearest = NearestWord.find(key, in: try series().map(\.series.key))
      throw Failure(
        "show the history of '\(key)'", because: "there is no such series",
        hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
          + "'tinyboxctl benchmark history' lists all", code: .notFound)
    }
    var document = try document(of: summary)
    document.leastChange =
      try outcome(summary.series, now: document.points.last?.time ?? "").leastChange
    return document
  }

  /// The history of a series, without the least change that it can show.
  private func document(
    of summary: BenchmarkSeriesSummary
  ) throws(Failure) -> BenchmarkHistoryDocument {
    let key = summary.series.key
    var all = BenchmarkSelection()
    all.includesQuick = true
    let stored = try history(key, limit: BenchmarkStore.judgedLimit, all)
    let facts = try facts(of: stored)
    var points: [BenchmarkHistoryDocument.Point] = []
    var before: [String: String]?
    for point in stored {
      let now = facts[point.context] ?? [:]
      let changed = before.map { ContextChange.changes(from: $0, to: now).map(\.fact) } ?? []
      before = now
      points.append(
        .init(
          time: point.time, value: point.value, low: point.low, high: point.high, run: point.run,
          isQuick: point.flags.contains(.quick), contextChange: changed))
    }
    return BenchmarkHistoryDocument(
      summary.series, points: points, changes: try changes(series: key),
      ceiling: stored.last?.ceiling)
  }

  /// Every series with its newest figures.
  package func seriesDocument() throws(Failure) -> BenchmarkSeriesDocument {
    var histories: [BenchmarkHistoryDocument] = []
    for summary in try series() { histories.append(try document(of: summary)) }
    return BenchmarkSeriesDocument(histories)
  }

  /// Judges the history of each series that a run measured, and stores what is new.
  /// - Parameter now: UTC, RFC 3339.
  /// - Returns: changes that were not known before, and the runs that suspicions want.
  package func judge(
    _ run: BenchmarkRun, now: String
  ) throws(Failure) -> (changes: [BenchmarkChange], runsWanted: Int) {
    var new: [BenchmarkChange] = []
    var wanted = 0
    for result in run.results where result.value != nil && !run.isQuick {
      let outcome = try outcome(result.series, now: now)
      wanted = max(wanted, outcome.runsWanted)
      new += try keep(outcome.changes, of: result.series.key)
    }
    return (new, wanted)
  }

  /// What the timer's run of this night measures.
  /// - Parameter now: UTC, RFC 3339.
  package func scheduledRun(now: String) throws(Failure) -> ScheduledRun {
    let last = try runs(limit: 1000).first {
      $0.run.trigger == .scheduled && $0.run.state == .done
    }
    let open = Set(try changes(openOnly: true).filter { $0.verdict == .suspicion }.map(\.series))
    var suspected: [String] = []
    for summary in try series() where open.contains(summary.series.key) {
      if try outcome(summary.series, now: now).runsWanted > 0 {
        suspected.append(summary.series.suite)
      }
    }
    return ScheduledRun.due(last: last?.run.started, suspected: suspected, now: now)
  }

  private func outcome(
    _ series: BenchmarkSeries, now: String
  ) throws(Failure) -> DeclineFinder.Outcome {
    let stored = try history(series.key, limit: BenchmarkStore.judgedLimit)
    let facts = try facts(of: stored)
    return DeclineFinder.judge(
      series,
      stored.map {
        .init(
          time: $0.time, value: $0.value, facts: facts[$0.context] ?? [:],
          isConfirmation: $0.trigger == .confirmation)
      }, now: now)
  }

  private func facts(of points: [BenchmarkPoint]) throws(Failure) -> [Int: [String: String]] {
    var facts: [Int: [String: String]] = [:]
    for number in Set(points.map(\.context)) { facts[number] = try context(number) }
    return facts
  }

  /// Stores the changes of a series that are not there yet.
  private func keep(
    _ found: [BenchmarkChange], of key: String
  ) throws(Failure) -> [BenchmarkChange] {
    var new: [BenchmarkChange] = []
    let known = try changes(series: key)
    var suspicion = known.last { $0.verdict == .suspicion && !$0.acknowledged }
    for change in found {
      let isKnown = known.contains { other in
        // One suspicion, and one drift, at a time: their first run moves as figures come.
        other.verdict == change.verdict
          && (other.time == change.time
            || !other.acknowledged && [.suspicion, .drift].contains(change.verdict))
      }
      if isKnown {
        if change.verdict == .suspicion { suspicion = nil }
        continue
      }
      if change.verdict == .decline, var confirmed = suspicion {
        confirmed.verdict = .decline
        (confirmed.time, confirmed.foundAt, confirmed.z) = (change.time, change.foundAt, change.z)
        (confirmed.before, confirmed.after) = (change.before, change.after)
        confirmed.explanation = change.explanation
        try update(confirmed)
        suspicion = nil
        new.append(confirmed)
      } else {
        new.append(try append(change))
      }
    }
    // Nothing is suspected any more: following runs did not confirm it.
    if let suspicion, !found.contains(where: { $0.verdict == .suspicion }) {
      try acknowledge(suspicion.id)
    }
    return new
  }
}
