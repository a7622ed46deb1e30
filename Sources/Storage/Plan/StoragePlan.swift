/// What would be done to drives, exactly. Nothing else is done.
public struct StoragePlan: Codable, Hashable, Sendable {
  /// Layout.
  public var layout: StorageAnswers.Layout
  /// File system.
  public var fileSystem: StorageAnswers.FileSystem
  /// Drives, in the order of the answers.
  public var drives: [Drive]
  /// Where each file system is mounted.
  public var mounts: [Mount]
  /// Capacity of all file systems together, before what they need themselves, bytes.
  public var capacityBytes: Int
  /// What the layout costs, in sentences.
  public var costs: [String]
  /// What is done, in order.
  public var steps: [StorageStep]
  /// What is written to the disk before the first step.
  public var intent: StorageIntent

  /// A drive that is used.
  public struct Drive: Codable, Hashable, Sendable {
    /// Block device of this boot.
    public var name: String
    /// Serial.
    public var serial: String
    /// World wide identifier, where it has one.
    public var wwid: String?
    /// State that it was in.
    public var state: DriveState
    /// Why.
    public var reason: String
    /// Whether its content is destroyed, with the owner's consent.
    public var destroysContent: Bool
    /// Size, bytes.
    public var sizeBytes: Int
  }

  /// A file system and its place.
  public struct Mount: Codable, Hashable, Sendable {
    /// UUID of the file system.
    public var fileSystemUUID: String
    /// Mount point.
    public var point: String
    /// Name of the unit of systemd.
    public var unit: String

    /// The file of the unit.
    package var unitPath: String { "/etc/systemd/system/\(unit)" }
  }
}

/// One step of a plan.
public struct StorageStep: Codable, Hashable, Sendable {
  /// Kinds of steps.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// Zeros over both ends of a drive, through the descriptor that holds it.
    case clearEnds
    /// The partition table, through the descriptor that holds the drive.
    case writeTable
    /// A program with its arguments.
    case run
    /// A file.
    case writeFile
    /// Waits until a device is there.
    case wait
  }

  /// Kind.
  public var kind: Kind
  /// What it does, in words.
  public var text: String
  /// Serial of the drive that is written to, where it is one.
  public var serial: String?
  /// Program and arguments.
  public var command: [String]?
  /// The file, or the device that is waited for.
  public var path: String?
  /// Text of the file.
  public var content: String?
  /// A path: where it is there, the step was done before.
  public var unless: String?
  /// UUID of the file system that is there afterwards.
  public var formats: String?

  /// A step.
  package init(
    _ kind: Kind, _ text: String, serial: String? = nil, command: [String]? = nil,
    path: String? = nil, content: String? = nil, unless: String? = nil,
    formats: String? = nil
  ) {
    (self.kind, self.text, self.serial, self.command) = (kind, text, serial, command)
    (self.path, self.content, self.unless) = (path, content, unless)
    self.formats = formats
  }
}

/// Why a plan is not made.
public struct StorageRefusal: Codable, Hashable, Sendable {
  /// Serial that the answers name; nil where they are wrong as a whole.
  public var serial: String?
  /// Block device of this boot, where the drive is here.
  public var name: String?
  /// State of the drive, where it is here.
  public var state: DriveState?
  /// Why.
  public var reason: String
  /// What the owner can do.
  public var hint: String?

  /// A refusal.
  package init(
    serial: String? = nil, name: String? = nil, state: DriveState? = nil, _ reason: String,
    hint: String? = nil
  ) {
    (self.serial, self.name, self.state) = (serial, name, state)
    (self.reason, self.hint) = (reason, hint)
  }

  /// In one line: `serial S1 (nvme0n1): foreign: ext4 at byte 1080 found`.
  package var text: String {
    let place = serial.map { "serial \($0)" + (name.map { " (\($0))" } ?? "") + ": " } ?? ""
    return place + (state.map { "\($0.rawValue): " } ?? "") + reason
  }
}

/// A plan, or all reasons against one.
package enum StorageDecision: Sendable {
  case plan(StoragePlan)
  case refused([StorageRefusal])
}
