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

  func read() -> [Notification] {
    var notifications: [Notification] = []
    while let signal = signals.next() {
      notifications.append(signal == SIGHUP ? .reload : .terminate)
    }
    return notifications
  }

  func handle(_ notification: Notification) {
    if case .terminate = notification { context.isStopping = true }
  }
}
