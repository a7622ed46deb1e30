/// What the timer's run of a night measures.
package enum ScheduledRun: Hashable, Sendable {
  /// Everything: a week has passed.
  case everything
  /// What is left of everything: runs of the nights before were ended early.
  case rest(suites: [String])
  /// Suites with a suspicion that wants confirming runs, each on a night of its own: runs of one evening
  /// share what is wrong with that evening.
  case confirmation(suites: [String])
  /// Nothing is due.
  case nothing

  /// Days after which everything is measured again. Less than a week by the random delay of the timer.
  static let days = 6.5
  /// Days for which what an ended run has measured counts as part of the next one. What lies further apart was
  /// not measured on the same machine, as far as anybody knows.
  static let partDays = 3.0

  /// What is due.
  /// - Parameters:
  ///   - last: when the last scheduled run of everything began, UTC, RFC 3339; nil when there was none.
  ///   - parts: scheduled runs after it that were ended early, with their results.
  ///   - suspected: suites whose suspicions want runs.
  ///   - now: UTC, RFC 3339.
  package static func due(
    last: String?, parts: [BenchmarkRun] = [], suspected: [String], now: String
  ) -> ScheduledRun {
    let suites = Set(suspected).sorted()
    guard let moment = BenchmarkTime.milliseconds(now) else { return .everything }
    let rest = rest(parts, moment)
    guard let last, let then = BenchmarkTime.milliseconds(last) else { return rest }
    // A clock that was set back makes the last run one of the future: measured again, it has a new time.
    let passed = Double(moment - then) / 86_400_000
    if passed < 0 || passed >= days { return rest }
    return suites.isEmpty ? .nothing : .confirmation(suites: suites)
  }

  /// Everything, without the suites that were measured whole.
  private static func rest(_ parts: [BenchmarkRun], _ now: Int64) -> ScheduledRun {
    let recent = parts.filter { part in
      guard let then = BenchmarkTime.milliseconds(part.started) else { return false }
      return 0...partDays ~= Double(now - then) / 86_400_000
    }.sorted { $0.started < $1.started }
    var left = recent.first?.suites ?? []
    for part in recent {
      // Suites come in their order, so one is whole when a later one has a result.
      let last = part.suites.lastIndex { suite in
        part.results.contains { $0.series.suite == suite }
      }
      let whole = part.suites[..<(last ?? part.suites.startIndex)]
      left.removeAll { whole.contains($0) }
    }
    return left == (recent.first?.suites ?? []) ? .everything : .rest(suites: left)
  }

  /// The options of the run; nil when nothing is due.
  package var options: BenchmarkOptions? {
    var options = BenchmarkOptions()
    switch self {
    case .nothing: return nil
    case .everything: options.trigger = .scheduled
    case .rest(let suites):
      options.trigger = .scheduled
      options.suites = suites
    case .confirmation(let suites):
      options.trigger = .confirmation
      options.suites = suites
    }
    return options
  }
}
