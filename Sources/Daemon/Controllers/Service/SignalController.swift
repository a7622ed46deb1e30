internal import Glibc
internal import Linux

/// Signals of systemd and of people.
final class SignalController: Controller, EventSource {
  private let context: Context
  private let signals: SignalReader

  init(_ context: Context, _ signals: SignalReader) {
    self.context = context
    self.signals = signals
  }

  var sources: [any EventSource] { [self] }
  var descriptor: Int32? { signals.descriptor }

  func read(_ tell: (Notification) -> Void) {
    while let signal = signals.next() { tell(signal == SIGHUP ? .reload : .terminate) }
  }

  func handle(_ notification: Notification) {
    if case .terminate = notification { context.isStopping = true }
  }
}
