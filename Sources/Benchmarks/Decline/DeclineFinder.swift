internal import Base
internal import Statistics

/// What the history of a series shows: changed facts at once, a drop as a suspicion, and as a decline once
/// runs on following nights confirm it.
package enum DeclineFinder {
  /// One figure of the history.
  package struct Point: Hashable, Sendable {
    /// When its run began, UTC, RFC 3339.
    package var time: String
    /// The figure, in the unit of the series.
    package var value: Double
    /// Facts it was measured under, without readings of sensors.
    package var facts: [String: String]
    /// Whether it was measured because of a suspicion.
    package var isConfirmation: Bool

    /// A figure.
    package init(
      time: String, value: Double, facts: [String: String], isConfirmation: Bool = false
    ) {
      self.time = time
      self.value = value
      self.facts = facts
      self.isConfirmation = isConfirmation
    }
  }

  /// What was found.
  package struct Outcome: Hashable, Sendable {
    /// Changes of level, of the facts, and a drift, oldest first.
    package var changes: [BenchmarkChange] = []
    /// Runs that a suspicion wants, each on a night of its own.
    package var runsWanted = 0
    /// The least change that the series can show, as a share of its level; nil with too few figures.
    package var leastChange: Double?
  }

  /// Judges a history.
  /// - Parameters:
  ///   - points: in the order of their time.
  ///   - now: when it is judged, UTC, RFC 3339.
  package static func judge(
    _ series: BenchmarkSeries, _ points: [Point], now: String
  ) -> Outcome {
    var outcome = Outcome()
    // A time that no calendar has came from a damaged or foreign file.
    let points = points.filter { BenchmarkTime.milliseconds($0.time) != nil && $0.value.isFinite }
    let higher = series.better == .higher
    let judged = points.map { point in
      SeriesPoint(
        day: Double(BenchmarkTime.milliseconds(point.time) ?? 0) / 86_400_000, value: point.value,
        isConfirmation: point.isConfirmation)
    }
    let analysis = ChangeDetector(higherIsBetter: higher).analyze(judged)
    outcome.leastChange = analysis.leastChange
    for change in analysis.changes {
      outcome.changes.append(
        BenchmarkChange(
          series: series.key, time: points[change.index].time,
          foundAt: points[change.found].time, before: change.before, after: change.after,
          z: change.z, verdict: change.isBetter ? .improvement : .decline,
          explanation: explanation(points, at: change.index)))
    }
    if case .suspicion(let change, let wanted) = analysis.state {
      outcome.runsWanted = wanted
      // What got better needs no confirmation at night to be good news: it waits for its proof.
      if !change.isBetter {
        outcome.changes.append(
          BenchmarkChange(
            series: series.key, time: points[change.index].time, foundAt: now,
            before: change.before, after: change.after, z: change.z, verdict: .suspicion,
            explanation: explanation(points, at: change.index)))
      }
    }
    let since = analysis.changes.last?.index ?? 0
    if let drift = DriftTest(higherIsBetter: higher).drift(judged, since: since), !drift.isBetter {
      outcome.changes.append(self.drift(drift, series, points, now))
    }
    outcome.changes += contextChange(series, points, now)
    outcome.changes.sort { $0.time < $1.time }
    return outcome
  }

  private static func drift(
    _ drift: DriftTest.Drift, _ series: BenchmarkSeries, _ points: [Point], _ now: String
  ) -> BenchmarkChange {
    var explanation = [
      "\(Units.decimal(abs(drift.perYear) * 100, places: 1)) % a year over "
        + "\(Units.decimal(drift.days / 7, places: 0)) weeks"
    ]
    if drift.mayBeSeason { explanation.append("less than a year: a season looks the same") }
    return BenchmarkChange(
      series: series.key, time: points.first?.time ?? now, foundAt: now, z: drift.z,
      verdict: .drift, explanation: explanation)
  }

  /// Facts that changed with the newest figure. Reported at once: no run has to confirm a fact.
  private static func contextChange(
    _ series: BenchmarkSeries, _ points: [Point], _ now: String
  ) -> [BenchmarkChange] {
    guard let last = points.last, points.count > 1 else { return [] }
    let before = points[points.count - 2]
    let changes = ContextChange.changes(from: before.facts, to: last.facts)
    if changes.isEmpty { return [] }
    return [
      BenchmarkChange(
        series: series.key, time: last.time, foundAt: now, before: before.value, after: last.value,
        verdict: .contextChange, explanation: changes.map(\.text))
    ]
  }

  /// Facts that changed at a point, or with the one before or after it: a week may lie between the change
  /// of a fact and the run that shows it.
  private static func explanation(_ points: [Point], at index: Int) -> [String] {
    var found: [String] = []
    for position in max(1, index - 1)...max(1, index + 1) where position < points.count {
      for change in ContextChange.changes(
        from: points[position - 1].facts, to: points[position].facts)
      where !found.contains(change.text) {
        found.append(change.text)
      }
    }
    return found
  }
}

extension ContextChange {
  /// `driver: 6.1 to 6.2`.
  package var text: String { "\(fact): \(before ?? "unknown") to \(now ?? "unknown")" }
}

extension [BenchmarkChange] {
  /// Changes with one cause as one: those of one kind whose explanation is the same, or which have none and
  /// came with the same run.
  package var byCause: [[BenchmarkChange]] {
    var groups: [[String]: [BenchmarkChange]] = [:]
    var order: [[String]] = []
    for change in self {
      let key =
        [change.verdict.rawValue]
        + (change.explanation.isEmpty ? ["", change.time] : change.explanation)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(change)
    }
    return order.compactMap { groups[$0] }
  }
}
