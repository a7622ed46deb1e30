package import Base
internal import CLinux
internal import Glibc

/// The signals that steer a service, as something to read (signalfd(2)): SIGTERM, SIGINT, SIGHUP
/// and SIGUSR1. SIGPIPE is ignored, so that a client who leaves ends a write and not the process.
///
/// Make it before any thread: only threads made later have the signals blocked too, and one that
/// has not would still be ended by them. Programs started by this process inherit both the block
/// and the ignored SIGPIPE.
package final class SignalReader: Sendable {
  /// Becomes readable when a signal has come.
  package let descriptor: Int32

  /// Blocks the signals for good and opens the descriptor.
  package init() throws(Failure) {
    descriptor = tbx_service_signals()
    if descriptor < 0 { throw Failure("catch signals", Errno(errno)) }
  }

  deinit { close(descriptor) }

  /// The number of a signal that has come; nil when there is none. One of a kind that came several
  /// times before it was read is one.
  package func next() -> Int32? {
    let number = tbx_next_signal(descriptor)
    return number == 0 ? nil : number
  }
}
