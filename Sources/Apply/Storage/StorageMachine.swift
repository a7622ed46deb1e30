package import Base
package import Storage

/// What the set-up of storage reads and changes: the live machine, or one in memory where the power goes at any write.
package protocol StorageMachine {
  /// All drives of the machine, read now.
  func drives() throws(Failure) -> [DriveReading]
  /// Holds a drive to write to it.
  /// - Throws: `Failure` (`busy`) where something else holds it.
  func hold(_ name: String) throws(Failure) -> any StorageDrive
  /// Whether a program is installed.
  func isInstalled(_ program: String) -> Bool
  /// What a mount at a point would hide, in words; nil where nothing, or the file system itself, is there.
  func obstacle(at point: String, mounting fileSystemUUID: String) throws(Failure) -> String?
  /// Whether there is a file or device.
  func exists(_ path: String) -> Bool
  /// Waits until a device is there.
  func wait(for path: String) throws(Failure)
  /// Runs a program to its end.
  /// - Throws: `Failure` with its last line where it fails.
  func run(_ command: [String]) throws(Failure)
  /// Writes a file, whole or not at all.
  func write(_ text: String, to path: String) throws(Failure)
  /// Removes a file; one that is not there is no failure.
  func remove(_ path: String) throws(Failure)
  /// What was stored last; nil where nothing was.
  func intent() throws(Failure) -> StorageIntent?
  /// Stores it for good, whole or not at all.
  func store(_ intent: StorageIntent) throws(Failure)
  /// Whether a file system is mounted at a point.
  func isMounted(_ fileSystemUUID: String, at point: String) throws(Failure) -> Bool
}

/// A drive that is held: from its last look to its last write nothing else can claim it.
package protocol StorageDrive: AnyObject {
  /// Its content again, through the descriptor that holds it.
  func read(_ reading: DriveReading) -> DriveReading
  /// Writes bytes at an offset.
  func write(_ bytes: [UInt8], at offset: Int) throws(Failure)
  /// Waits until they are on the drive.
  func synchronise() throws(Failure)
  /// Lets the kernel read the partition table again.
  func rereadPartitions()
}
