package import Base

/// What this set-up will write, chosen before the first write and stored: after a power cut, what carries these UUIDs
/// is its own and everything else is foreign.
public struct StorageIntent: Codable, Hashable, Sendable {
  /// Identities for one drive.
  public struct Drive: Codable, Hashable, Sendable {
    /// Serial of the drive.
    public var serial: String
    /// World wide identifier of the drive, where it has one.
    public var wwid: String?
    /// GUID of the partition table, lowercase.
    public var diskUUID: String
    /// GUID of its one partition, lowercase.
    public var partitionUUID: String
    /// UUID of the file system in the partition; nil in an array.
    public var fileSystemUUID: String?
    /// UUID of the array that the partition is in.
    public var arrayUUID: String?
    /// Size of the partition, bytes: the same in all drives of an array.
    public var partitionBytes: Int

    /// Whether it is for this drive.
    package func matches(_ drive: DriveReading) -> Bool {
      drive.usableSerial?.lowercased() == serial.lowercased()
        && (wwid == nil || drive.usableWWID?.lowercased() == wwid?.lowercased())
    }
  }

  /// The answers that it was made for.
  public var answers: StorageAnswers
  /// Drives, in the order of the answers.
  public var drives: [Drive]
  /// UUID of the file system on the array; nil for plain drives.
  public var arrayFileSystemUUID: String?
  /// UUIDs of file systems that were made to the end. One that is not here was never mounted, and is made again.
  public var formatted: [String]
  /// Whether all of it was written and verified: what is missing afterwards is not written again.
  public var isComplete: Bool
}

extension StorageIntent {
  /// File systems and where they are mounted.
  package var mounts: [StoragePlan.Mount] {
    let systems = arrayFileSystemUUID.map { [$0] } ?? drives.compactMap(\.fileSystemUUID)
    return systems.enumerated().map { index, uuid in
      let point = answers.mountPoint + (index == 0 ? "" : "-\(index + 1)")
      return StoragePlan.Mount(fileSystemUUID: uuid, point: point, unit: MountUnit.name(point))
    }
  }

  /// Whether another one is of the same plan: the same drives with the same identities, however far it came.
  package func isSamePlan(_ other: StorageIntent) -> Bool {
    drives == other.drives && arrayFileSystemUUID == other.arrayFileSystemUUID
      && answers.mountPoint == other.answers.mountPoint
  }

  /// The UUID of the file system that a drive belongs to.
  func fileSystem(of drive: Drive) -> String {
    drive.fileSystemUUID ?? arrayFileSystemUUID ?? ""
  }

  /// Random identities for a plan.
  package struct Identities: Sendable {
    private let next: @Sendable () -> Result<[UInt8], Failure>

    /// - Parameter next: 16 random bytes each time.
    package init(_ next: @escaping @Sendable () -> Result<[UInt8], Failure>) { self.next = next }

    /// A UUID of version 4 (RFC 9562).
    func uuid() throws(Failure) -> String {
      var bytes = try next().get()
      guard bytes.count == 16 else {
        throw Failure("choose a UUID", because: "\(bytes.count) random bytes in place of 16")
      }
      bytes[6] = bytes[6] & 0x0f | 0x40
      bytes[8] = bytes[8] & 0x3f | 0x80
      return UUIDText.text(bytes)
    }
  }
}
