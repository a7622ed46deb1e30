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

    /// The improvement that brought the figures back to where they were before a decline, as far as the
    /// series can show it; nil for what is no decline, or has not recovered.
    package func recovery(
      from decline: BenchmarkChange, of series: BenchmarkSeries
    ) -> BenchmarkChange? {
      guard decline.verdict == .decline, let before = decline.before else { return nil }
      let least = before * (1 + (series.better == .higher ? -1 : 1) * (leastChange ?? 0))
      return changes.first { change in
        guard change.verdict == .improvement, change.time > decline.time, let after = change.after
        else { return false }
        return series.better == .higher ? after >= least : after <= least
      }
    }
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
    let facts = ContextChange.changes(in: points.map(\.facts))
    let analysis = ChangeDetector(higherIsBetter: higher).analyze(judged)
    outcome.leastChange = analysis.leastChange
    for change in analysis.changes {
      outcome.changes.append(
        BenchmarkChange(
          series: series.key, time: points[change.index].time,
          foundAt: points[change.found].time, before: change.before, after: change.after,
          z: change.z, verdict: change.isBetter ? .improvement : .decline,
          explanation: explanation(facts, at: change.index)))
    }
    if case .suspicion(let change, let wanted) = analysis.state {
      outcome.runsWanted = wanted
      // What got better needs no confirmation at night to be good news: it waits for its proof.
      if !change.isBetter {
        outcome.changes.append(
          BenchmarkChange(
            series: series.key, time: points[change.index].time, foundAt: now,
            before: change.before, after: change.after, z: change.z, verdict: .suspicion,
            explanation: explanation(facts, at: change.index)))
      }
    }
    let since = analysis.changes.last?.index ?? 0
    if let drift = DriftTest(higherIsBetter: higher).drift(judged, since: since), !drift.isBetter {
      outcome.changes.append(self.drift(drift, series, Array(points[since...]), now))
    }
    outcome.changes += contextChange(series, points, facts, now)
    outcome.changes.sort { $0.time < $1.time }
    return outcome
  }

  /// Whether a change that was found is one that the history has already.
  package static func isKnown(_ found: BenchmarkChange, as stored: BenchmarkChange) -> Bool {
    if found.verdict != stored.verdict { return false }
    switch found.verdict {
    // One suspicion at a time: its first run moves as figures come.
    case .suspicion: return !stored.acknowledged || stored.time == found.time
    // One drift at a time. What an owner has seen is silent for as long as the test looks back.
    case .drift:
      guard stored.acknowledged, let before = BenchmarkTime.milliseconds(stored.foundAt),
        let now = BenchmarkTime.milliseconds(found.foundAt)
      else { return true }
      return Double(now - before) <= DriftTest.window * 86_400_000
    case .decline, .improvement, .contextChange: return stored.time == found.time
    }
  }

  /// - Parameter points: since the last change of level.
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
    _ series: BenchmarkSeries, _ points: [Point], _ facts: [[ContextChange]], _ now: String
  ) -> [BenchmarkChange] {
    guard let last = points.last, let changes = facts.last, !changes.isEmpty else { return [] }
    return [
      BenchmarkChange(
        series: series.key, time: last.time, foundAt: now, before: points.dropLast().last?.value,
        after: last.value, verdict: .contextChange, explanation: changes.map(\.text))
    ]
  }

  /// Facts that changed at a point, or with the one before or after it: a week may lie between the change
  /// of a fact and the run that shows it.
  private static func explanation(_ facts: [[ContextChange]], at index: Int) -> [String] {
    var found: [String] = []
    for position in max(1, index - 1)...max(1, index + 1) where position < facts.count {
      for change in facts[position] where !found.contains(change.text) {
        found.append(change.text)
      }
    }
    return found
  }
}

extension ContextChange {
  /// `driver: 6.1 to 6.2`.
  package var text: String { "\(fact): \(before) to \(now)" }
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
