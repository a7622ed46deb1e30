package import Base
internal import CLinux
internal import Glibc

/// A drive that is open for reading, and that nothing else can claim or lock meanwhile: mounts, arrays and mappings
/// claim theirs with O_EXCL (open(2)), udev and systemd-repart lock theirs (systemd's BLOCK_DEVICE_LOCKING).
package final class HeldDrive: Sendable {
  private let descriptor: Int32
  /// Whether it is held: false where it was opened beside whatever uses it.
  package let isExclusive: Bool

  /// Opens a drive.
  /// - Parameters:
  ///   - exclusive: whether it must be held; EBUSY or EWOULDBLOCK where something else does.
  ///   - waitSeconds: how long that may go on: udev locks a drive while it looks at it, and a process of ours that
  ///     is being started has all that is open until it runs its program.
  package convenience init(
    _ path: String, exclusive: Bool, waitSeconds: Double
  ) throws(Errno) {
    try self.init(exclusive: exclusive, waitSeconds: waitSeconds) {
      unsafe exclusive ? tbx_open_exclusive(path) : tbx_open_read(path)
    }
  }

  /// Opens and holds a drive to write to it.
  package convenience init(writing path: String, waitSeconds: Double) throws(Errno) {
    try self.init(exclusive: true, waitSeconds: waitSeconds) {
      unsafe tbx_open_exclusive_update(path)
    }
  }

  private init(exclusive: Bool, waitSeconds: Double, _ open: () -> Int32) throws(Errno) {
    let end = Clock.seconds() + waitSeconds
    var opened: Int32
    while true {
      opened = open()
      var failure = errno
      if opened >= 0 {
        if !exclusive || flock(opened, LOCK_EX | LOCK_NB) == 0 { break }
        failure = errno
        close(opened)
      }
      guard exclusive, failure == EBUSY || failure == EWOULDBLOCK, Clock.seconds() < end else {
        throw Errno(failure)
      }
      Clock.sleep(seconds: 0.02)
    }
    // Samples are small and far from each other: read-ahead would read a hundred times as much.
    _ = posix_fadvise(opened, 0, 0, POSIX_FADV_RANDOM)
    descriptor = opened
    isExclusive = exclusive
  }

  deinit { close(descriptor) }

  /// Where other programs of this user open the same drive, whatever its name became (proc_pid_fd(5)).
  package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Its size, bytes.
  package func size() throws(Errno) -> Int {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw Errno(errno) }
    return Int(size)
  }

  /// So many bytes from an offset on; fewer where it ends.
  package func read(at offset: Int, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).baseAddress,
          count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw Errno(errno) }
      if got == 0 { return Array(bytes.prefix(done)) }
      done += got
    }
    return bytes
  }

  /// Writes bytes at an offset. They are on the drive after `synchronise`.
  package func write(_ bytes: [UInt8], at offset: Int) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          descriptor, UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress,
          bytes.count - done, off_t(offset + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw count < 0 ? Errno(errno) : .ENOSPC }
      done += count
    }
  }

  /// Waits until everything that was written is on the drive.
  package func synchronise() throws(Errno) {
    guard fsync(descriptor) == 0 else { throw Errno(errno) }
  }

  /// Lets the kernel read the partition table again, while the drive is still held. Where that fails, udev does it when
  /// the drive is closed.
  package func rereadPartitions() { _ = tbx_reread_partitions(descriptor) }
}
