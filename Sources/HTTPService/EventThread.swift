internal import NIOCore
internal import NIOPosix

/// The one thread on which all connections of a process are served. It sleeps without a time limit
/// while nothing happens.
public final class EventThread: Sendable {
  let group: MultiThreadedEventLoopGroup
  let loop: any EventLoop

  /// Starts it.
  public init() {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
  }

  /// Ends it, closing what is still open.
  public func stop() async {
    try? await group.shutdownGracefully()
  }

  /// Whether it gets round to new work within so many seconds.
  public func isAlive(within seconds: Double) async -> Bool {
    let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
    loop.execute { answer.yield(true) }
    let timer = Task {
      try await Task.sleep(for: .seconds(seconds))
      answer.yield(false)
    }
    defer { timer.cancel() }
    for await isAlive in answers { return isAlive }
    return false
  }
}
