package import Base
internal import CLinux
internal import Glibc
internal import Synchronization

/// The right to load a device: a locked file, `/run/tinybox/leases/ADDRESS`, that says who holds it.
///
/// Benchmarks and the soak take these files, so no two of them load one device at once; `tinyboxctl run` looks
/// who holds one. The lock goes with the process, however that ends. Only root may open the files: a lock that anybody could
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

  /// Its open file, for a service manager that keeps it (`FileDescriptorStoreMax=`).
  package let descriptor: Int32
  /// Whether somebody else has the open file too and holds the device on when this process ends.
  private let isKept = Atomic(false)

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit {
    if isKept.load(ordering: .relaxed) {
      close(descriptor)
      return
    }
    // The name would stay as that of a holder.
    _ = ftruncate(descriptor, 0)
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

  /// Seconds in which a holder has written its name, and a program that only looks has let the lock go again.
  private static let answerSeconds = 1.0

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
    let end = Clock.seconds() + answerSeconds
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      let failure = Errno(errno)
      let known = holder(path)
      if failure == .EAGAIN, !(known.map { FileLocks.isAlive($0.processID) } ?? false),
        Clock.seconds() < end
      {
        Clock.sleep(seconds: 0.002)
        continue
      }
      close(opened)
      guard failure == .EAGAIN else { throw Failure("lock \(path)", failure) }
      return .held(known)
    }
    // From here on: what goes away with it empties the file, which is the holder's alone to do.
    let lease = DeviceLease(descriptor: opened)
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

  // MARK: - Kept by a service manager

  private static let keptPrefix = "lease-"

  /// What the open file of a device is called there: names have no colon (sd_notify(3), `FDNAME=`).
  package static func keptName(_ device: PCIAddress) -> String {
    keptPrefix + String("\(device)".map { $0 == ":" ? "_" : $0 })
  }

  /// The device whose open file is called so; nil for another name.
  package static func device(keptAs name: String) -> PCIAddress? {
    guard name.hasPrefix(keptPrefix) else { return nil }
    return PCIAddress(String(name.dropFirst(keptPrefix.count).map { $0 == "_" ? ":" : $0 }))
  }

  /// The lock belongs to the open file, and to every process that has it (flock(2)): with a copy elsewhere the
  /// device stays held when this process ends.
  package func keep() { isKept.store(true, ordering: .relaxed) }

  /// The device is given up when this goes away, wherever there is a copy.
  package func giveUp() { isKept.store(false, ordering: .relaxed) }

  /// Takes over an open file that was kept, and says in it that this process is the holder now.
  /// - Returns: nil for one that is not the file of this device, or does not hold it: it was closed.
  package static func adopt(
    _ descriptor: Int32, of device: PCIAddress, folder: String = DeviceLease.folder
  ) -> DeviceLease? {
    let path = "\(folder)/\(device)"
    var (kept, there) = (stat(), stat())
    guard unsafe fstat(descriptor, &kept) == 0, unsafe stat(path, &there) == 0,
      kept.st_dev == there.st_dev, kept.st_ino == there.st_ino,
      flock(descriptor, LOCK_EX | LOCK_NB) == 0
    else {
      close(descriptor)
      return nil
    }
    let lease = DeviceLease(descriptor: descriptor)
    lease.keep()
    let name = holder(path)?.name ?? "another program"
    // Without its text it is held all the same.
    if let text = try? JSON.line(Holder(name: name, processID: Int(getpid()))),
      ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0
    {
      try? DurableFile.writeAll(text, descriptor)
    }
    return lease
  }

  /// Who holds a device at this moment; nil when nobody does, or this user may not see it.
  package static func holder(of device: PCIAddress, folder: String = DeviceLease.folder) -> Holder?
  {
    let path = "\(folder)/\(device)"
    let opened = unsafe tbx_open_read(path)
    guard opened >= 0 else { return nil }
    defer { close(opened) }
    // A shared lock is refused exactly while somebody holds the device.
    if flock(opened, LOCK_SH | LOCK_NB) == 0 {
      flock(opened, LOCK_UN)
      return nil
    }
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
