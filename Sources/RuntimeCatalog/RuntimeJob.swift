/// A job of this machine: a program that works until it is done.
public struct RuntimeJob: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// What it does: `ready` while it runs, `starting` between a crash and the next start, `stopped` when it has
  /// ended or was never started.
  public var state: RuntimeInstance.State
  /// Why, in words for people, where the state is no good one.
  public var reason: String?
  /// When the state began, RFC 3339 in UTC.
  public var since: String
  /// The step that it reported last; absent where it reports none.
  public var step: Int?
  /// How many steps it says it has; absent where it does not.
  public var steps: Int?
  /// Steps a second of about the last minute; absent until it has reported two.
  public var stepsPerSecond: Double?

  /// A job with its state.
  package init(
    name: String, state: RuntimeInstance.State, reason: String? = nil, since: String,
    progress: JobProgress? = nil
  ) {
    self.name = name
    self.state = state
    self.reason = reason
    self.since = since
    step = progress?.status?.step
    steps = progress?.status?.steps
    // Six digits: a figure that nobody needs more exactly, and that changes less often.
    stepsPerSecond = progress?.stepsPerSecond.map { ($0 * 1000).rounded() / 1000 }
  }

  /// What is wrong with its values; nil when nothing is.
  var problem: String? {
    if let problem = RuntimeName.problem(name) { return problem }
    for step in [step, steps].compactMap({ $0 }) where !(0...JobStatus.mostSteps).contains(step) {
      return "a step is \(step)"
    }
    if let rate = stepsPerSecond, !(rate.isFinite && rate >= 0) { return "a rate is \(rate)" }
    return nil
  }
}
