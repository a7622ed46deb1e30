package import Apply
package import Base
package import KernelTree
internal import Linux
package import Storage

/// The storage of this machine.
package struct LiveStorage: StorageMachine {
  private let reader: DriveReader
  /// Where the intent is kept.
  private let file: String

  /// - Parameters:
  ///   - tree: `/sys` and `/proc`.
  ///   - state: the folder of the state of tinybox.
  package init(_ tree: KernelTree, state: String = "/var/lib/tinybox") {
    reader = DriveReader(tree)
    file = "\(state)/storage.json"
  }

  /// Seconds for a device to appear.
  private static let waitSeconds = 60.0
  /// Seconds for a program: mkfs discards all blocks of the largest drives.
  private static let programSeconds = 1800.0

  package func drives() throws(Failure) -> [DriveReading] { try reader.all() }

  package func hold(_ name: String) throws(Failure) -> any StorageDrive {
    LiveDrive(try DriveWriter("/dev/\(name)"), reader)
  }

  package func isInstalled(_ program: String) -> Bool {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
      CallingUser.denial("\($0)/\(program)", writing: false) == nil
    }
  }

  package func obstacle(
    at point: String, mounting fileSystemUUID: String
  ) throws(Failure) -> String? {
    if try isMounted(fileSystemUUID, at: point) { return nil }
    let parent = String(point[..<(point.lastIndex(of: "/") ?? point.startIndex)])
    do throws(Errno) {
      guard try BlockDevice.isFolder(point) else { return "it is no folder" }
      if try BlockDevice.fileSystem(of: point)
        != BlockDevice.fileSystem(of: parent.isEmpty ? "/" : parent)
      {
        return "another file system is mounted there"
      }
      let names = try FolderNames.list(point).filter { !LiveStorage.emptied.contains($0) }.sorted()
      if names.isEmpty { return nil }
      let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
      return "\(shown) lies there, and would be hidden"
    } catch {
      if error.isNotFound { return nil }
      throw Failure("look at \(point)", error)
    }
  }

  /// What an empty folder of models, or a new file system, has.
  private static let emptied: Set<String> = [".lock", "lost+found"]

  package func exists(_ path: String) -> Bool {
    do throws(Errno) {
      _ = try BlockDevice.fileSystem(of: path)
      return true
    } catch {
      return false
    }
  }

  package func wait(for path: String) throws(Failure) {
    let end = Clock.seconds() + LiveStorage.waitSeconds
    while !exists(path) {
      if Clock.seconds() > end {
        throw Failure(
          "wait for \(path)", because: "it is not there after \(Int(LiveStorage.waitSeconds)) s")
      }
      Clock.sleep(seconds: 0.1)
    }
  }

  package func run(_ command: [String]) throws(Failure) {
    guard let program = command.first else { return }
    let outcome = try ChildProcess(command, deadlineSeconds: LiveStorage.programSeconds).run()
    if outcome.ended != nil {
      throw Failure("run \(program)", because: "it did not end in time")
    }
    if outcome.status != 0 {
      throw Failure("run \(command.joined(separator: " "))", because: outcome.lastLine)
    }
  }

  package func write(_ text: String, to path: String) throws(Failure) {
    try DurableFile.write(Array(text.utf8), to: path)
  }

  package func remove(_ path: String) throws(Failure) { try DurableFile.remove(path) }

  package func intent() throws(Failure) -> StorageIntent? {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try StampedFile.read(file, limit: 1 << 20).bytes
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(file)", error)
    }
    do {
      return try JSON.decode(StorageIntent.self, from: bytes)
    } catch {
      throw Failure("read \(file)", error)
    }
  }

  package func store(_ intent: StorageIntent) throws(Failure) {
    try DurableFile.write(
      Array(try JSON.text(intent).utf8), to: file, access: DurableFile.Access(mode: 0o600))
  }

  package func isMounted(
    _ fileSystemUUID: String, at point: String
  ) throws(Failure) -> Bool {
    do throws(Errno) {
      // The number of the device is that of the file system for ext4 and XFS.
      return try BlockDevice.number(of: "/dev/disk/by-uuid/\(fileSystemUUID)")
        == BlockDevice.fileSystem(of: point)
    } catch {
      if error.isNotFound { return false }
      throw Failure("look at \(point)", error)
    }
  }
}

/// A drive of this machine that is held.
private final class LiveDrive: StorageDrive {
  private let writer: DriveWriter
  private let reader: DriveReader

  init(_ writer: DriveWriter, _ reader: DriveReader) {
    self.writer = writer
    self.reader = reader
  }

  func read(_ reading: DriveReading) -> DriveReading { reader.again(reading, writer.held) }
  func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
    try writer.write(bytes, at: offset)
  }
  func synchronise() throws(Failure) { try writer.synchronise() }
  func rereadPartitions() { writer.held.rereadPartitions() }
}
