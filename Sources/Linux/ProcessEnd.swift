package import Base
internal import CLinux
internal import Glibc

/// Reports when a process ends (pidfd_open(2)), without looking for it again and again.
package struct ProcessEnd: ~Copyable {
  /// The process.
  package let pid: Int32
  /// Becomes readable when the process has ended, and stays so.
  package let descriptor: Int32

  /// Watches a process that runs now.
  /// - Throws: `Failure`; ESRCH when it has ended already.
  package init(_ pid: Int32) throws(Failure) {
    self.pid = pid
    descriptor = tbx_pidfd_open(pid)
    if descriptor < 0 {
      throw Failure("watch process \(pid) (pidfd_open)", Errno(errno))
    }
  }

  deinit { close(descriptor) }
}
