internal import CLinux
internal import Glibc

/// SIGINT held back while it lives, so that Ctrl-C ends what is done and not the program. It is for programs with
/// one thread.
package struct InterruptSignal: ~Copyable {
  private var signals = sigset_t()

  /// From now on SIGINT does not end the program.
  package init() {
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGINT)
    unsafe sigprocmask(SIG_BLOCK, &signals, nil)
  }

  deinit {
    var set = signals
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
  }

  /// Whether it came since it was asked last.
  package func hasCome() -> Bool {
    var set = signals
    var none = timespec()
    return unsafe sigtimedwait(&set, nil, &none) == SIGINT
  }
}
