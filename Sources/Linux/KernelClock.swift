public import Base
internal import CLinux
internal import Glibc

/// The kernel's clock discipline.
public enum KernelClock {
  /// What adjtimex(2) reports when it is asked to change nothing.
  public struct State: Hashable, Sendable {
    /// STA_ bits.
    public var status: Int
    /// Bound on the clock's error, microseconds.
    public var maximumErrorMicroseconds: Int
  }

  /// Asks the kernel. Needs no privileges.
  public static func state() throws(Errno) -> State {
    var status: Int32 = 0
    var error = 0
    guard unsafe tbx_clock_state(&status, &error) >= 0 else {
      throw Errno(errno)
    }
    return State(status: Int(status), maximumErrorMicroseconds: error)
  }
}
