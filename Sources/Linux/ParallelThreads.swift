package import Base
internal import CLinux
internal import Glibc

/// Threads that run side by side, for calls that block.
package enum ParallelThreads {
  /// Runs a body on so many threads, with the number of each from 0, and waits for all of them. A program
  /// that one of them starts (`ChildProcess`) has ended before its thread does.
  /// - Throws: `Failure` when a thread cannot be made; the bodies of those before it have run then.
  package static func run(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Void
  ) throws(Failure) {
    var threads: [pthread_t] = []
    var failure: Int32 = 0
    for index in 0..<count where failure == 0 {
      let work = unsafe Unmanaged.passRetained(Work(index, body))
      var thread = pthread_t()
      failure = unsafe pthread_create(
        &thread, nil,
        { context in
          guard let context = unsafe context else { return nil }
          let work = unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
          work.body(work.index)
          return nil
        }, work.toOpaque())
      if failure == 0 {
        threads.append(thread)
      } else {
        unsafe work.release()
      }
    }
    for thread in threads { pthread_join(thread, nil) }
    if failure != 0 { throw Failure("start \(count) threads", Errno(failure)) }
  }
}

private final class Work: Sendable {
  let index: Int
  let body: @Sendable (Int) -> Void

  init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.index = index
    self.body = body
  }
}
