internal import HTTPService
internal import Linux
internal import Synchronization

/// Does something once nothing has happened for too long. One timer, which is set again when it finds that
/// something did happen: a token costs nothing.
final class ProgressWatch: Sendable {
  private let thread: EventThread
  private let limit: Double
  private let last: @Sendable () -> Double
  private let whenLate: @Sendable () -> Void
  private let timer = Mutex<EventThread.Timer?>(nil)
  private let isStopped = Atomic(false)

  /// - Parameters:
  ///   - limit: seconds.
  ///   - last: when something happened last, on `Clock`.
  init(
    _ thread: EventThread, _ limit: Double, last: @escaping @Sendable () -> Double,
    whenLate: @escaping @Sendable () -> Void
  ) {
    self.thread = thread
    self.limit = limit
    self.last = last
    self.whenLate = whenLate
    arm(limit)
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    timer.withLock { $0 }?.cancel()
  }

  private func arm(_ seconds: Double) {
    let next = thread.after(seconds) { [weak self] in self?.look() }
    timer.withLock { $0 = next }
  }

  private func look() {
    if isStopped.load(ordering: .relaxed) { return }
    let rest = last() + limit - Clock.seconds()
    if rest <= 0.001 { whenLate() } else { arm(rest) }
  }
}
