package import Base
package import Benchmarks

extension BenchmarkStore {
  /// Figures of a series that are judged: two years of weekly runs and what confirmed them.
  private static let judgedLimit = 400
  /// The last sentence of a decline whose figures came back, before the day.
  private static let recovered = "recovered on "

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
    let changed = ContextChange.changes(in: stored.map { facts[$0.context] ?? [:] })
    for (point, changes) in zip(stored, changed) {
      points.append(
        .init(
          time: point.time, value: point.value, low: point.low, high: point.high, run: point.run,
          isQuick: point.flags.contains(.quick), contextChange: changes.map(\.fact)))
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
      new += try keep(outcome, of: result.series)
    }
    return (new, wanted)
  }

  /// What the timer's run of this night measures.
  /// - Parameter now: UTC, RFC 3339.
  package func scheduledRun(now: String) throws(Failure) -> ScheduledRun {
    let all = try runs(limit: 1000).map(\.run).filter { $0.trigger == .scheduled }
    let last = all.first { $0.state == .done }
    var parts: [BenchmarkRun] = []
    for part in all.prefix(while: { $0.id != last?.id }) where part.state == .aborted {
      if let part = try run(part.id) { parts.append(part) }
    }
    let open = Set(try changes(openOnly: true).filter { $0.verdict == .suspicion }.map(\.series))
    var suspected: [String] = []
    for summary in try series() where open.contains(summary.series.key) {
      if try outcome(summary.series, now: now).runsWanted > 0 {
        suspected.append(summary.series.suite)
      }
    }
    return ScheduledRun.due(
      last: last?.started, parts: parts, suspected: suspected, now: now)
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
    _ outcome: DeclineFinder.Outcome, of series: BenchmarkSeries
  ) throws(Failure) -> [BenchmarkChange] {
    var new: [BenchmarkChange] = []
    let found = outcome.changes
    let known = try changes(series: series.key)
    var suspicion = known.last { $0.verdict == .suspicion && !$0.acknowledged }
    for change in found {
      if known.contains(where: { DeclineFinder.isKnown(change, as: $0) }) {
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
    // Nothing is suspected any more: following runs did not confirm it. No owner has seen it, and it is
    // reported again when it rises again.
    if let suspicion, !found.contains(where: { $0.verdict == .suspicion }) {
      try remove([suspicion])
    }
    for open in try changes(openOnly: true, series: series.key) {
      guard let back = outcome.recovery(from: open, of: series) else { continue }
      var closed = open
      closed.acknowledged = true
      closed.explanation.append(BenchmarkStore.recovered + back.time.prefix(10))
      try update(closed)
    }
    return new
  }

  /// Takes a run out of the history, and judges the histories that it was part of again: a change that
  /// rested on it goes with it, and a decline whose recovery rested on it is open again. The run stays in
  /// the database.
  /// - Parameter now: UTC, RFC 3339.
  package func discard(_ id: String, now: String) throws(Failure) {
    var before: [(series: BenchmarkSeries, outcome: DeclineFinder.Outcome)] = []
    for result in try run(id)?.results ?? [] where result.value != nil {
      before.append((result.series, try outcome(result.series, now: now)))
    }
    try discard(id)
    for (series, before) in before {
      let after = try outcome(series, now: now)
      try withdraw(before, after, of: series)
      _ = try keep(after, of: series)
    }
  }

  /// Takes back what a history showed before, and does not show any more.
  private func withdraw(
    _ before: DeclineFinder.Outcome, _ after: DeclineFinder.Outcome, of series: BenchmarkSeries
  ) throws(Failure) {
    func shows(_ outcome: DeclineFinder.Outcome, _ stored: BenchmarkChange) -> Bool {
      outcome.changes.contains { DeclineFinder.isKnown($0, as: stored) }
    }
    let stored = try changes(series: series.key)
    try remove(stored.filter { !$0.acknowledged && shows(before, $0) && !shows(after, $0) })
    for var change in stored
    where change.explanation.last?.hasPrefix(BenchmarkStore.recovered) == true {
      // One that left the judged history long ago is not looked at.
      if before.recovery(from: change, of: series) == nil { continue }
      if after.recovery(from: change, of: series) != nil { continue }
      change.explanation.removeLast()
      change.acknowledged = false
      try update(change)
    }
  }
}
