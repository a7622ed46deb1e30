internal import CLinux
internal import Synchronization

/// Calls that may hang, with a deadline.
package enum Deadline {
  /// Runs `body` on a thread of its own and returns its value, or nil when it took longer than
  /// `seconds`. It then goes on by itself: a thread inside a C library cannot be stopped.
  package static func run<Value: Sendable>(
    seconds: Int, _ body: @escaping @Sendable () -> Value
  ) -> Value? {
    let job = Job<Value>(body)
    let box = unsafe Unmanaged.passRetained(job as AnyJob)
    let status = unsafe tbx_call_within(
      { context in
        guard let context = unsafe context else { return }
        unsafe Unmanaged<AnyJob>.fromOpaque(context).takeRetainedValue().run()
      }, box.toOpaque(), Int32(clamping: seconds.multipliedReportingOverflow(by: 1000).0))
    if status < 0 {
      // No thread, so nobody else has it: then without a deadline.
      unsafe box.release()
      return body()
    }
    return status == 0 ? job.value : nil
  }
}

/// What the thread gets: closures with a type parameter cannot cross C.
private class AnyJob {
  func run() {}
}

private final class Job<Value: Sendable>: AnyJob {
  private let body: @Sendable () -> Value
  private let result = Mutex<Value?>(nil)

  init(_ body: @escaping @Sendable () -> Value) { self.body = body }

  var value: Value? { result.withLock { $0 } }

  override func run() {
    let value = body()
    result.withLock { $0 = value }
  }
}
