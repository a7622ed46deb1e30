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

/// The program that started this one.
package enum ParentProcess {
  /// Asks for SIGTERM when it ends, however it ends: a child of `ChildProcess` would get SIGKILL, and could put
  /// nothing back.
  /// - Throws: `Failure`; ESRCH when it has ended already.
  package static func requestTermination() throws(Failure) {
    if tbx_signal_at_parent_end(SIGTERM, getppid()) != 0 {
      throw Failure("follow the program that started this one", Errno(errno))
    }
  }
}
