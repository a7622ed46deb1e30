package import Base
internal import CLinux
internal import Glibc

/// A thread for work that blocks: Swift's own pool has one thread a CPU, and what blocks there keeps others
/// from running.
package final class OwnThread: Sendable {
  private let id: pthread_t

  /// Starts it.
  /// - Throws: `Failure` when the kernel makes no more threads.
  package init(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    let work = unsafe Unmanaged.passRetained(Work(body))
    var id = pthread_t()
    let failure = unsafe pthread_create(
      &id, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard failure == 0 else {
      unsafe work.release()
      throw Failure("start a thread", Errno(failure))
    }
    self.id = id
  }

  /// Waits until it has ended. To be called once.
  package func join() { pthread_join(id, nil) }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
