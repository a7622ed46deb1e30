package import Base

/// Threads that run side by side, for calls that block.
package enum ParallelThreads {
  /// Runs a body on so many threads, with the number of each from 0, and waits for all of them. A program
  /// that one of them starts (`ChildProcess`) has ended before its thread does.
  /// - Throws: `Failure` when a thread cannot be made; the bodies of those before it have run then.
  package static func run(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Void
  ) throws(Failure) {
    var threads: [OwnThread] = []
    defer { for thread in threads { thread.join() } }
    for index in 0..<count { threads.append(try OwnThread { body(index) }) }
  }
}
