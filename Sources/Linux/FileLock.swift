package import Base
internal import CLinux
internal import Glibc

/// A lock that one process holds at a time; it goes with the process, however that ends.
package struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock of a file, made when it is missing.
  /// - Throws: EWOULDBLOCK when another process holds it.
  package init(_ path: String) throws(Errno) {
    let opened = unsafe tbx_open_lock(path)
    guard opened >= 0 else { throw Errno(errno) }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno
      close(opened)
      throw Errno(failure)
    }
    descriptor = opened
  }

  deinit {
    // Closing alone frees it only once no process has the descriptor: one that was forked at this moment has it
    // until it executes its program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
