package import Base
internal import CLinux
internal import Glibc

/// A file that was opened once, so that what was checked is what other programs get by `path`, whoever
/// renames or replaces its name meanwhile.
package struct HeldFile: ~Copyable {
  private let descriptor: Int32

  /// Opens a file for reading and writing. Its name must not be a link.
  /// - Throws: ELOOP for a link, and what else open(2) answers.
  package init(_ path: String) throws(Errno) {
    let opened = unsafe tbx_open_update(path)
    guard opened >= 0 else { throw Errno(errno) }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Where other processes of this user open it (proc_pid_fd(5)).
  package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Its name as the kernel has it, without a link in any folder.
  package func realPath() throws(Errno) -> String { try LinkText.read(path) }

  /// The number of the device of its file system, as `BlockDevice.fileSystem`.
  package func fileSystem() throws(Errno) -> String {
    BlockDevice.text(UInt64(try status().st_dev))
  }

  /// Its size in bytes; nil for what is no regular file.
  package func size() throws(Errno) -> Int? {
    let status = try status()
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  private func status() throws(Errno) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Errno(errno) }
    return status
  }
}
