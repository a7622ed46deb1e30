import Base
import Glibc
import KernelTree
import Linux
import Operations
import Storage
import Testing

/// Drives that are files, and the tree of `/sys` and `/proc` that shows them.
final class DecoyBox {
  static let size = 600 << 20
  private let folder: TemporaryFolder
  var builder = MemoryTreeBuilder()
  private(set) var names: [String] = []
  private var mounts = "tmpfs / tmpfs rw 0 0\n"
  private var swaps = "Filename Type Size Used Priority\n"

  init() throws { folder = try TemporaryFolder() }

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// A drive full of zeros. Its name is that of an NVMe drive with the next number.
  @discardableResult
  func add(
    serial: String?, wwid: String? = nil, size: Int = DecoyBox.size, block: Int = 512,
    isReadOnly: Bool = false, isRemovable: Bool = false
  ) throws -> String {
    let name = "nvme\(names.count)n1"
    names.append(name)
    let descriptor = open(path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0 && ftruncate(descriptor, off_t(size)) == 0)
    close(descriptor)
    let sys = "/sys/block/\(name)"
    builder.file("\(sys)/device/model", "Stand-in\n")
    if let serial { builder.file("\(sys)/device/serial", serial + "\n") }
    if let wwid { builder.file("\(sys)/wwid", wwid + "\n") }
    builder.file("\(sys)/size", "\(size / 512)\n")
    builder.file("\(sys)/queue/logical_block_size", "\(block)\n")
    builder.file("\(sys)/ro", isReadOnly ? "1\n" : "0\n")
    builder.file("\(sys)/removable", isRemovable ? "1\n" : "0\n")
    return name
  }

  func mount(_ name: String, at point: String) { mounts += "/dev/\(name) \(point) ext4 rw 0 0\n" }
  func swap(on name: String) { swaps += "/dev/\(name) partition 1024 0 -2\n" }

  /// Writes bytes; the file does not grow.
  func write(_ bytes: [UInt8], at offset: Int, on name: String) throws {
    let descriptor = open(path(name), O_WRONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let written = pwrite(descriptor, bytes, bytes.count, off_t(offset))
    try #require(written == bytes.count)
  }

  func write(_ text: String, at offset: Int, on name: String) throws {
    try write(Array(text.utf8), at: offset, on: name)
  }

  /// Runs a program on a drive; false where it is not installed.
  func run(_ command: [String], on name: String) throws -> Bool {
    guard let program = command.first, ProgramPath.find(program) != nil else { return false }
    let outcome = try ChildProcess(command + [path(name)], deadlineSeconds: 120).run()
    try #require(outcome.status == 0, "\(command): \(outcome.lastLine)")
    return true
  }

  func readings(waitSeconds: Double = 60) throws -> [DriveReading] {
    var builder = builder
    builder.file("/proc/mounts", mounts)
    builder.file("/proc/swaps", swaps)
    return try DriveReader(builder.tree(), devices: folder.path, waitSeconds: waitSeconds).all()
  }

  func reading(_ name: String) throws -> DriveReading {
    try #require(try readings().first { $0.name == name })
  }

  /// The hash of all bytes that are not zero, with their places, and size and time of the last change.
  func fingerprint(_ name: String) throws -> String {
    let descriptor = open(path(name), O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var status = stat()
    try #require(descriptor >= 0 && fstat(descriptor, &status) == 0)
    let hash = RunningSHA256()
    var (offset, next): (off_t, off_t) = (0, 0)
    // Holes are zeros that were never written (lseek(2): SEEK_DATA is 3, SEEK_HOLE 4).
    while case let start = lseek(descriptor, offset, 3), start >= 0 {
      let end = lseek(descriptor, start, 4)
      for place in stride(from: max(next, start / 65536 * 65536), to: end, by: 65536) {
        next = place + 65536
        var bytes = [UInt8](repeating: 0, count: Int(min(65536, status.st_size - place)))
        try #require(pread(descriptor, &bytes, bytes.count, place) == bytes.count)
        if ZeroBytes.isZero(bytes[...]) { continue }
        hash.add(Array("\(place) ".utf8)[...])
        hash.add(bytes[...])
      }
      offset = end
    }
    let changed = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    return hash.hexadecimal() + " \(status.st_size) \(changed)"
  }
}

/// Identities that are the same in every run.
func identities() -> StorageIntent.Identities {
  let counter = Counter()
  return StorageIntent.Identities { .success(counter.next()) }
}

private final class Counter: @unchecked Sendable {
  private var count: UInt8 = 0
  func next() -> [UInt8] {
    count += 1
    return [UInt8](repeating: count, count: 16)
  }
}

func little(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
func big(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
