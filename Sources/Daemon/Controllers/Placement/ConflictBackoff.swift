/// Decides whether a setting is put back or left alone for a while.
///
/// A setting that was put back `burst` times within `window` and is changed once more is contested:
/// it is left alone for a minute, the next time for two, up to an hour. So is what one program
/// changes, when it had to be corrected `causeBurst` times within `causeWindow`, whatever settings it
/// picked. After an hour without a change its past is forgotten. Pure: the caller passes the time.
struct ConflictBackoff {
  /// Corrections within `window` that do not make a conflict yet.
  static let burst = 3
  /// Seconds in which corrections count together.
  static let window = 60.0
  /// Corrections of what one program did, within `causeWindow`, that do not make a conflict yet.
  static let causeBurst = 6
  /// Seconds in which those count together.
  static let causeWindow = 300.0
  /// Seconds a setting is first left alone.
  static let firstSuspension = 60.0
  /// Seconds it is left alone at most.
  static let longestSuspension = 3600.0
  /// Seconds without a change after which a setting's past is forgotten.
  static let quietPeriod = 3600.0

  /// What to do about a setting that was changed.
  enum Judgement: Equatable {
    /// Put it back.
    case correct
    /// Leave it alone for so many seconds from now on, and say so.
    case backOff(seconds: Double)
    /// It is being left alone already.
    case suspended
  }

  /// A setting that was changed.
  struct Record {
    /// When it was put back, lately.
    var corrections: [Double] = []
    /// Until when it is left alone.
    var suspendedUntil: Double?
    /// How often in a row it was left alone.
    var suspensions = 0
    /// When it was last changed, or kept again.
    var lastChange = 0.0
    /// What it is called.
    var label: String
    /// Who likely changes it.
    var cause: String?
  }

  /// Settings with a past, by the identity of their knob.
  private(set) var records: [String: Record] = [:]

  /// A program that was corrected.
  private struct Writer {
    /// When, lately. What was corrected at once counts once.
    var moments: [Double] = []
    /// How often in a row it was left alone.
    var suspensions = 0
    /// When it was last looked at.
    var last = 0.0
  }

  /// Programs that were corrected, by what they are called.
  private var writers: [String: Writer] = [:]

  /// What to do about a setting that was changed at `now`.
  mutating func judge(
    _ identity: String, label: String, cause: String?, at now: Double
  ) -> Judgement {
    var record = records[identity] ?? Record(label: label)
    defer { records[identity] = record }
    if record.suspendedUntil != nil { return .suspended }
    if now - record.lastChange > ConflictBackoff.quietPeriod { record.suspensions = 0 }
    record.lastChange = now
    record.cause = cause ?? record.cause
    // A program in conflict over one setting is left alone with the others it changes, until then.
    if let cause,
      let end = records.values.filter({ $0.cause == cause }).compactMap(\.suspendedUntil).max()
    {
      record.suspensions += 1
      record.suspendedUntil = end
      record.corrections = []
      return .suspended
    }
    record.corrections.removeAll { now - $0 > ConflictBackoff.window }
    // After a conflict, a single change shortly after the suspension is the same conflict.
    let allowed = record.suspensions > 0 ? 1 : ConflictBackoff.burst
    let overLimit = cause.map { isOverLimit(of: $0, at: now) } ?? false
    if record.corrections.count < allowed, !overLimit {
      record.corrections.append(now)
      return .correct
    }
    let suspensions = max(record.suspensions, cause.flatMap { writers[$0]?.suspensions } ?? 0)
    let seconds = min(
      ConflictBackoff.longestSuspension,
      ConflictBackoff.firstSuspension * Double(1 << min(suspensions, 10)))
    record.suspensions = suspensions + 1
    if let cause { writers[cause] = Writer(suspensions: record.suspensions, last: now + seconds) }
    record.suspendedUntil = now + seconds
    record.corrections = []
    return .backOff(seconds: seconds)
  }

  /// Whether a program was corrected often enough; counts this time.
  private mutating func isOverLimit(of cause: String, at now: Double) -> Bool {
    var writer = writers[cause] ?? Writer()
    if now - writer.last > ConflictBackoff.quietPeriod { writer.suspensions = 0 }
    writer.last = now
    writer.moments.removeAll { now - $0 > ConflictBackoff.causeWindow }
    if writer.moments.last != now {
      if writer.moments.count >= ConflictBackoff.causeBurst { return true }
      writer.moments.append(now)
    }
    writers[cause] = writer
    // Processes come and go, each with a name of its own.
    if writers.count > 256 {
      writers = writers.filter { $0.value.last > now - ConflictBackoff.quietPeriod }
    }
    return false
  }

  /// Whether a setting is being left alone.
  func isSuspended(_ identity: String) -> Bool { records[identity]?.suspendedUntil != nil }

  /// When the next setting is kept again; nil when none is left alone.
  var nextRelease: Double? { records.values.compactMap(\.suspendedUntil).min() }

  /// Settings that are kept again from `now` on.
  mutating func release(at now: Double) -> [String] {
    let due = records.filter { $0.value.suspendedUntil.map { $0 <= now } ?? false }.keys.sorted()
    for identity in due {
      records[identity]?.suspendedUntil = nil
      // The quiet period starts here: while it was left alone nobody looked.
      records[identity]?.lastChange = now
    }
    return due
  }

  /// Everything is kept again, as after the owner applied the plan by hand.
  mutating func reset() {
    records = [:]
    writers = [:]
  }

  /// The settings that are left alone, by label.
  var suspended: [Record] {
    records.values.filter { $0.suspendedUntil != nil }.sorted { $0.label < $1.label }
  }
}
