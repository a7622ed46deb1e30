internal import Base

/// A change that was found in the history of a series.
public struct BenchmarkChange: Codable, Hashable, Sendable {
  /// What kind of change.
  public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// A drop that following runs have not confirmed yet.
    case suspicion
    /// A confirmed change for the worse.
    case decline
    /// A confirmed change for the better.
    case improvement
    /// Facts of the machine changed, such as a driver, a power cap or a link.
    case contextChange
    /// The figures move slowly in one direction.
    case drift
  }

  /// Number of the change in the database; 0 before it is stored.
  public var id: Int
  /// Key of the series.
  public var series: String
  /// Start of the first run after the change, UTC, ISO 8601.
  public var time: String
  /// When it was found, UTC, ISO 8601.
  public var foundAt: String
  /// Median before the change, in the unit of the series; absent where only facts changed.
  public var before: Double?
  /// Median after the change, in the unit of the series; absent where only facts changed.
  public var after: Double?
  /// Statistic of the test that found it, in standard errors; absent where only facts changed.
  public var z: Double?
  /// What kind of change.
  public var verdict: Verdict
  /// What is known about the reason, in sentences: facts that changed with it, failed checks by id; last,
  /// when the figures of a decline came back (`recovered on 2026-11-24`).
  public var explanation: [String]
  /// Whether an owner has seen it, or the figures of a decline came back: then `explanation` says when.
  public var acknowledged: Bool

  /// A change that is not stored yet and nobody has seen.
  package init(
    series: String, time: String, foundAt: String, before: Double? = nil, after: Double? = nil,
    z: Double? = nil, verdict: Verdict, explanation: [String] = []
  ) {
    id = 0
    self.series = series
    self.time = time
    self.foundAt = foundAt
    self.before = before
    self.after = after
    self.z = z
    self.verdict = verdict
    self.explanation = explanation
    acknowledged = false
  }
}

extension BenchmarkChange {
  /// The figures after the change over those before, less 1: -0.04 is 4 % lower. Nil where one is unknown.
  package var share: Double? {
    guard let before, let after, before > 0 else { return nil }
    let share = after / before - 1
    return share.isFinite ? share : nil
  }

  /// `12.3 % lower`: of rates that is worse, of times better. Nil where a figure is unknown.
  package var amount: String? {
    share.map {
      "\(Units.decimal(abs($0) * 100, places: 1)) % \($0 < 0 ? "lower" : "higher")"
    }
  }
}
