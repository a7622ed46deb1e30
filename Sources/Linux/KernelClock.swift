package import Base
internal import CLinux
internal import Glibc

/// The kernel's clock discipline.
package enum KernelClock {
  /// What adjtimex(2) reports when it is asked to change nothing.
  package struct State: Hashable, Sendable {
    /// STA_ bits.
    package var status: Int
    /// Bound on the clock's error, microseconds.
    package var maximumErrorMicroseconds: Int
  }

  /// Asks the kernel. Needs no privileges.
  package static func state() throws(Errno) -> State {
    var status: Int32 = 0
    var error = 0
    guard unsafe tbx_clock_state(&status, &error) >= 0 else {
      throw Errno(errno)
    }
    return State(status: Int(status), maximumErrorMicroseconds: error)
  }
}
