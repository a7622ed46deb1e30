internal import NIOCore
internal import NIOPosix

/// The one thread on which all connections of a process are served. It sleeps without a time limit
/// while nothing happens.
package final class EventThread: Sendable {
  let group: MultiThreadedEventLoopGroup
  let loop: any EventLoop

  /// Starts it.
  package init() {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
  }

  /// Ends it, closing what is still open.
  package func stop() async {
    try? await group.shutdownGracefully()
  }

  /// Whether it gets round to new work within so many seconds.
  package func isAlive(within seconds: Double) async -> Bool {
    let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
    // Its own clock is no use: it may be what hangs.
    let timer = WorkerPool.watch.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) {
      _ = answer.yield(false)
    }
    defer { timer.cancel() }
    loop.execute { answer.yield(true) }
    for await isAlive in answers { return isAlive }
    return false
  }

  /// Something that will be done later.
  package struct Timer: Sendable {
    fileprivate let scheduled: Scheduled<Void>
    /// Leaves it undone.
    package func cancel() { scheduled.cancel() }
  }

  /// Does something in so many seconds, on this thread: it must not wait.
  package func after(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> Timer {
    Timer(scheduled: loop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9)), body))
  }

  /// Waits so many seconds, or until the task is cancelled.
  package func sleep(seconds: Double) async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let timer = loop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { end.finish() }
    for await _ in ends {}
    timer.cancel()
  }
}
