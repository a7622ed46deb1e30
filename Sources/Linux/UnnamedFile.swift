package import Base
internal import CLinux
internal import Glibc

/// A temporary file without a name, so that it is gone with this process however that ends. Other programs
/// open it by `path` meanwhile.
package struct UnnamedFile: ~Copyable {
  private let descriptor: Int32

  /// A file in a folder, empty (open(2), O_TMPFILE); on a file system that cannot, one whose name is removed
  /// at once.
  /// - Throws: EROFS, EACCES and what else the file system answers.
  package init(in folder: String) throws(Errno) {
    var opened = unsafe tbx_open_unnamed(folder)
    if opened < 0, [EOPNOTSUPP, EISDIR, EINVAL].contains(errno) {
      let name = "\(folder)/.tinybox-\(getpid())-\(WallClock.milliseconds())"
      opened = unsafe tbx_create_new(name, 0o600)
      if opened >= 0 { unsafe unlink(name) }
    }
    guard opened >= 0 else { throw Errno(errno) }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Where other processes of this user open it (proc_pid_fd(5)).
  package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Bytes that it has.
  package func size() throws(Errno) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Errno(errno) }
    return Int(status.st_size)
  }

  /// Sets its size; bytes that were never written take no space (ftruncate(2)).
  package func resize(to bytes: Int) throws(Errno) {
    guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw Errno(errno) }
  }
}
