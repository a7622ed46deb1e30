/// What may be done with a drive.
public enum DriveState: String, Codable, Hashable, Sendable, CaseIterable {
  /// Nothing lies on it, and that is proven.
  case blank
  /// What lies on it was planned by this set-up.
  case ours
  /// Something of somebody else lies on it, or uses it.
  case foreign
  /// No known structure lies on it, and it is not proven that it is blank.
  case unknownContent = "unknown content"
  /// The running system lies on it.
  case system
  /// It cannot be read.
  case unreadable
  /// It has no serial, or another drive has the same serial or world wide identifier.
  case ambiguous = "duplicate or empty serial"

  /// Whether it may be used without consent that names its serial.
  package var needsNoConsent: Bool { self == .blank || self == .ours }

  /// Whether consent that names its serial is enough.
  package var allowsConsent: Bool { self == .foreign || self == .unknownContent }
}

/// The state of a drive, and why.
public struct DriveJudgement: Codable, Hashable, Sendable {
  /// Block device of this boot.
  public var name: String
  /// Serial; nil where it has none.
  public var serial: String?
  /// World wide identifier.
  public var wwid: String?
  /// State.
  public var state: DriveState
  /// Why it has this state, in words.
  public var reason: String
  /// How far this set-up came on it, where it is ours.
  public var own: OwnPart?
  /// What stands in the way whatever the owner consents to: it is in use, read-only, removable.
  public var obstacles: [String]
  /// What was read, in words.
  public var evidence: [String]

  /// A judgement.
  package init(
    _ drive: DriveReading, _ state: DriveState, _ reason: String, obstacles: [String],
    evidence: [String]
  ) {
    (name, serial, wwid) = (drive.name, drive.usableSerial, drive.usableWWID)
    (self.state, self.reason) = (state, reason)
    (self.obstacles, self.evidence) = (obstacles, evidence)
  }
}
