/// Finds changes of level in a series of results, as a function of its points alone.
///
/// It replays the series: what it says of the first n points is what it said when they were all there
/// were, so a run every week and a new look at the whole history agree. A suspicion asks for runs on the
/// following nights; runs of the same evening would share what is wrong with that evening.
package struct ChangeDetector: Hashable, Sendable {
  /// A change of level.
  package struct Change: Hashable, Sendable {
    /// The first point of the new level, as an index of the points given.
    package var index: Int
    /// The point that completed the evidence, as an index of the points given.
    package var found: Int
    /// The median before, in the unit of the series.
    package var before: Double
    /// The median after, when it was found.
    package var after: Double
    /// The difference over its standard error, less where neighbours are alike: above 4.5 for a change.
    package var z: Double
    /// Whether the box is better for it.
    package var isBetter: Bool
    /// For a suspicion: the evidence suffices, but a slow movement explains it as well as a step does. The
    /// test of drift judges that (`DriftTest`).
    package var isGradual: Bool
  }

  /// What the last point of a series means.
  package enum State: Hashable, Sendable {
    /// There are too few points to judge: so many more are needed.
    case starting(missing: Int)
    /// Nothing is suspected.
    case steady
    /// A change may have happened: so many runs are wanted, each on a night of its own; 0 when they have
    /// been made and do not decide.
    case suspicion(Change, runsWanted: Int)
    /// The last point completed the evidence of the last change.
    case changed
  }

  /// What a series shows.
  package struct Analysis: Hashable, Sendable {
    /// All changes, in order.
    package var changes: [Change] = []
    /// What the last point means.
    package var state: State
    /// The least change that this series can show, as a part of its level: one of that size is found
    /// within five weeks at least four times of five. Nil where there are too few points.
    package var leastChange: Double?
  }

  /// Whether higher values are better.
  package var higherIsBetter: Bool
  /// From which z on a change is suspected.
  package var suspicion = 2.5
  /// From which z on it is one.
  package var decision = 4.5

  /// How many runs a suspicion asks for.
  package static let confirmingRuns = 5
  /// The fewest points of a series before anything is said of it.
  package static let burnIn = 12

  /// A detector for a series.
  package init(higherIsBetter: Bool = true) { self.higherIsBetter = higherIsBetter }

  /// What the series shows, whatever order its points are in.
  package func analyze(_ points: [SeriesPoint]) -> Analysis {
    let evenings = SeriesEvenings(points)
    var monitor = ChangeMonitor(self)
    var analysis = Analysis(state: .starting(missing: Self.burnIn))
    for index in evenings.days.indices {
      analysis.state = monitor.add(
        day: evenings.days[index], evenings.values[index], isConfirmation: evenings.confirms[index])
    }
    analysis.leastChange = monitor.leastChange
    func inUnits(_ change: Change) -> Change {
      var change = change
      change.index = evenings.indices[change.index]
      change.found = evenings.indices[change.found]
      change.before *= evenings.scale
      change.after *= evenings.scale
      return change
    }
    analysis.changes = monitor.changes.map(inUnits)
    if case .suspicion(let change, let wanted) = analysis.state {
      analysis.state = .suspicion(inUnits(change), runsWanted: wanted)
    }
    return analysis
  }
}
