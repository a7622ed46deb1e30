internal import NIOCore
internal import NIOPosix

/// The threads on which requests are answered, in place of those of Swift's own pool: that is
/// libdispatch's, which once it is used looks after its threads every second for as long as the
/// process lives. These sleep until there is something to do.
///
/// Tasks made with `Task {}` leave them; `WorkerPool.task` does not. `Task.sleep` goes to libdispatch
/// too; `EventThread.sleep` does not.
package final class WorkerPool: TaskExecutor {
  /// Those of this process.
  package static let shared = WorkerPool()

  /// A second clock, for looking after the thread of the first. Made when it is asked for.
  static let watch: any EventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

  private let pool: NIOThreadPool

  private init() {
    pool = NIOThreadPool(numberOfThreads: max(2, min(4, System.coreCount)))
    pool.start()
  }

  /// Runs a piece of a task.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pool.submit { [self] _ in
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// Starts a task on them.
  @discardableResult
  package static func task(
    _ body: @escaping @Sendable () async -> Void
  ) -> Task<Void, Never> {
    Task(executorPreference: shared) { await body() }
  }
}
