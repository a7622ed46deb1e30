package import Base
internal import CLinux
internal import Glibc

/// Device numbers of files and block devices.
package enum BlockDevice {
  /// The number of the block device that a path is the node of, `259:0` as sysfs writes it; links are
  /// followed. Nil when it is something else.
  package static func number(of path: String) throws(Errno) -> String? {
    let status = try status(path)
    return status.st_mode & S_IFMT == S_IFBLK ? text(UInt64(status.st_rdev)) : nil
  }

  /// The number of the device of the file system that a file lies on; links are followed. Two files with
  /// the same one are on the same file system.
  package static func fileSystem(of path: String) throws(Errno) -> String {
    text(UInt64(try status(path).st_dev))
  }

  /// Whether a path is a folder.
  package static func isFolder(_ path: String) throws(Errno) -> Bool {
    try status(path).st_mode & S_IFMT == S_IFDIR
  }

  /// Looks whether nothing uses a block device: mounts, arrays and device mapper hold it exclusively.
  /// - Throws: EBUSY when something does (open(2), O_EXCL without O_CREAT).
  package static func checkUnused(_ path: String) throws(Errno) {
    let descriptor = unsafe tbx_open_exclusive(path)
    guard descriptor >= 0 else { throw Errno(errno) }
    close(descriptor)
  }

  /// Looks whether this process may read a block device, by opening it: a control group may deny it to root.
  /// - Throws: EACCES or EPERM when it may not.
  package static func checkReadable(_ path: String) throws(Errno) {
    let descriptor = unsafe tbx_open_read(path)
    guard descriptor >= 0 else { throw Errno(errno) }
    close(descriptor)
  }

  /// Looks whether the places where most signatures lie can be read: 1 MiB at either end.
  /// - Throws: the errno of what cannot be read; ENODATA where there is less than it says.
  package static func checkEnds(_ path: String) throws(Errno) {
    let descriptor = unsafe tbx_open_read(path)
    guard descriptor >= 0 else { throw Errno(errno) }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw Errno(errno) }
    guard size > 0 else { throw Errno(ENODATA) }
    var buffer = [UInt8](repeating: 0, count: Int(min(size, 1 << 20)))
    for start in [0, size - off_t(buffer.count)] {
      let count = unsafe pread(descriptor, &buffer, buffer.count, start)
      guard count >= 0 else { throw Errno(errno) }
      guard count == buffer.count else { throw Errno(ENODATA) }
    }
  }

  private static func status(_ path: String) throws(Errno) -> stat {
    var status = stat()
    guard unsafe fstatat(AT_FDCWD, path, &status, 0) == 0 else { throw Errno(errno) }
    return status
  }

  static func text(_ device: UInt64) -> String {
    let (major, minor) = parts(device)
    return "\(major):\(minor)"
  }

  /// gnu_dev_major and gnu_dev_minor of a device number.
  static func parts(_ device: UInt64) -> (major: UInt64, minor: UInt64) {
    (device >> 8 & 0xfff | device >> 32 & 0xffff_f000, device & 0xff | device >> 12 & 0xffff_ff00)
  }
}
