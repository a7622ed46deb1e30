package import Base
internal import CLinux
internal import Glibc

/// The right to load a device: a locked file, `/run/tinybox/leases/ADDRESS`, that says who holds it.
///
/// Benchmarks, runtimes and `tinyboxctl run` take the same files, so no two load one device at once. The
/// lock goes with the process, however that ends. Only root may open the files: a lock that anybody could
/// take would let any user keep a device from everybody.
package final class DeviceLease: Sendable {
  /// Where the files are.
  package static let folder = "/run/tinybox/leases"

  /// Who holds a device.
  package struct Holder: Codable, Hashable, Sendable {
    /// For people: `benchmark nvme`, `runtime llama`.
    package var name: String
    /// Its process.
    package var processID: Int

    /// A holder with its process.
    package init(name: String, processID: Int) {
      self.name = name
      self.processID = processID
    }
  }

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit {
    // A process between fork and exec has the descriptor too, and would hold the lock a moment longer.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// How an attempt to take a device ended.
  package enum Attempt: Sendable {
    /// It is held until the lease goes away.
    case taken(DeviceLease)
    /// Somebody else holds it. Nil when who it is cannot be read at this moment.
    case held(Holder?)
  }

  /// Takes a device, when nobody holds it.
  /// - Parameters:
  ///   - device: its PCI address.
  ///   - folder: of the files.
  /// - Throws: `Failure` when the file cannot be made or written.
  package static func take(
    _ device: PCIAddress, for name: String, folder: String = DeviceLease.folder
  ) throws(Failure) -> Attempt {
    let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
    try DurableFile.makeFolder("/\(parent)")
    try DurableFile.makeFolder(folder)
    let path = "\(folder)/\(device)"
    let opened = unsafe tbx_open_lock(path)
    guard opened >= 0 else { throw Failure("open \(path)", Errno(errno)) }
    let lease = DeviceLease(descriptor: opened)
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw Failure("lock \(path)", Errno(errno)) }
      return .held(holder(path))
    }
    let holder = Holder(name: name, processID: Int(getpid()))
    let text = try JSON.line(holder)
    guard ftruncate(opened, 0) == 0, lseek(opened, 0, SEEK_SET) == 0 else {
      throw Failure("write \(path)", Errno(errno))
    }
    do throws(Failure) {
      try DurableFile.writeAll(text, opened)
    } catch {
      throw Failure("write \(path)", error)
    }
    return .taken(lease)
  }

  /// Who holds a device at this moment; nil when nobody does, or this user may not see it.
  package static func holder(of device: PCIAddress, folder: String = DeviceLease.folder) -> Holder?
  {
    let path = "\(folder)/\(device)"
    let opened = unsafe tbx_open_read(path)
    guard opened >= 0 else { return nil }
    defer { close(opened) }
    // A shared lock is refused exactly while somebody holds the device.
    if flock(opened, LOCK_SH | LOCK_NB) == 0 { return nil }
    return holder(path) ?? Holder(name: "another program", processID: 0)
  }

  private static func holder(_ path: String) -> Holder? {
    let opened = unsafe tbx_open_read(path)
    guard opened >= 0 else { return nil }
    defer { close(opened) }
    var text = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(opened, &text, text.count)
    guard count > 0 else { return nil }
    return try? JSON.decode(Holder.self, from: text[..<count])
  }
}
