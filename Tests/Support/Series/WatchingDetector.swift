package import Statistics

/// The detector of the product as one that watches.
package struct WatchingDetector: SeriesDetector, Sendable {
  private var monitor: ChangeMonitor
  private var days: [Double] = []

  /// A detector for one series, where higher is better.
  package init(_ detector: ChangeDetector = ChangeDetector()) {
    monitor = ChangeMonitor(detector)
  }

  /// The monitor's own answer.
  package mutating func add(
    day: Double, _ value: Double, isConfirmation: Bool
  ) -> SeriesAnswer {
    days.append(day)
    var answer = SeriesAnswer()
    switch monitor.add(day: day, value, isConfirmation: isConfirmation) {
    case .changed:
      if let change = monitor.changes.last {
        answer.changes = [(days[change.index], change.isBetter)]
      }
    case .suspicion(_, let wanted): answer.runsWanted = wanted
    case .starting, .steady: break
    }
    return answer
  }
}
