/// What the timer's run of a night measures.
package enum ScheduledRun: Hashable, Sendable {
  /// Everything: a week has passed.
  case everything
  /// Suites with a suspicion that wants confirming runs, each on a night of its own: runs of one evening
  /// share what is wrong with that evening.
  case confirmation(suites: [String])
  /// Nothing is due.
  case nothing

  /// Days after which everything is measured again. Less than a week by the random delay of the timer.
  static let days = 6.5

  /// What is due.
  /// - Parameters:
  ///   - last: when the last scheduled run of everything began, UTC, RFC 3339; nil when there was none.
  ///   - suspected: suites whose suspicions want runs.
  ///   - now: UTC, RFC 3339.
  package static func due(last: String?, suspected: [String], now: String) -> ScheduledRun {
    let suites = Set(suspected).sorted()
    guard let last, let then = BenchmarkTime.milliseconds(last),
      let moment = BenchmarkTime.milliseconds(now)
    else { return .everything }
    // A clock that was set back makes the last run one of the future: measured again, it has a new time.
    let passed = Double(moment - then) / 86_400_000
    if passed < 0 || passed >= days { return .everything }
    return suites.isEmpty ? .nothing : .confirmation(suites: suites)
  }

  /// The options of the run; nil when nothing is due.
  package var options: BenchmarkOptions? {
    var options = BenchmarkOptions()
    switch self {
    case .nothing: return nil
    case .everything: options.trigger = .scheduled
    case .confirmation(let suites):
      options.trigger = .confirmation
      options.suites = suites
    }
    return options
  }
}
