internal import RuntimeCatalog

/// What the owner wants: which drives, and how.
public struct StorageAnswers: Codable, Hashable, Sendable {
  /// How drives are put together.
  public enum Layout: String, Codable, Hashable, Sendable, CaseIterable {
    /// A file system on each drive.
    case plain
    /// The same on all drives.
    case mirror
    /// Spread over all drives.
    case raid0
  }

  /// File systems.
  public enum FileSystem: String, Codable, Hashable, Sendable, CaseIterable {
    /// The default.
    case ext4
    /// On request.
    case xfs
  }

  /// A drive, by what does not change from boot to boot.
  public struct Drive: Codable, Hashable, Sendable {
    /// Serial number or world wide identifier, in any case.
    public var serial: String
    /// World wide identifier, where the owner wants to be sure of a serial.
    public var wwid: String?

    /// A drive.
    package init(serial: String, wwid: String? = nil) {
      self.serial = serial
      self.wwid = wwid
    }
  }

  /// Drives, the first of a plain layout first.
  public var drives: [Drive]
  /// Layout; nil takes plain for one drive, and is a mistake with several.
  public var layout: Layout?
  /// File system.
  public var fileSystem: FileSystem
  /// Where it is mounted; the second of several plain drives at the same with `-2`.
  public var mountPoint: String
  /// Names of those drives, as `drives` has them, whose content may be destroyed.
  public var consent: [String]

  /// Answers.
  package init(
    drives: [Drive], layout: Layout? = nil, fileSystem: FileSystem = .ext4,
    mountPoint: String = StorageAnswers.defaultMountPoint, consent: [String] = []
  ) {
    (self.drives, self.layout, self.fileSystem) = (drives, layout, fileSystem)
    (self.mountPoint, self.consent) = (mountPoint, consent)
  }

  /// Where models lie.
  package static let defaultMountPoint = Backend.models

  /// Drives at the most.
  package static let most = 16
}
