internal import Base
internal import KernelTree
internal import Linux
internal import Synchronization

/// Questions to file systems that may not answer: one of a server that is away answers when it is
/// back.
///
/// Each mount point has one thread at most. Callers during a question wait for the same answer;
/// callers after its deadline, before it came back, get none.
final class SpaceJob: Sendable {
  typealias Answer = Result<FileSystem.Space, Errno>

  /// Seconds that a file system may take.
  static let deadline = 2.0
  /// Those that have not come back, by mount point.
  private static let running = Mutex<[String: SpaceJob]>([:])

  private let end: Double
  private let result = Mutex<Answer?>(nil)

  private init() { end = Clock.seconds() + SpaceJob.deadline }

  /// The question that runs for a mount point, else a new one, by `call`, which may never return.
  static func start(
    _ point: String, _ call: @escaping @Sendable () throws(Errno) -> FileSystem.Space
  ) -> SpaceJob {
    let new = SpaceJob()
    let job = running.withLock { running in
      if let job = running[point] { return job }
      running[point] = new
      return new
    }
    if job !== new { return job }
    // Not waited for here: its thread goes on by itself.
    _ = Deadline.run(seconds: 0) {
      let answer: Answer
      do throws(Errno) { answer = .success(try call()) } catch { answer = .failure(error) }
      new.result.withLock { $0 = answer }
      running.withLock { $0[point] = nil }
    }
    return job
  }

  /// Waits until there is an answer; nil when its deadline passed.
  func wait() -> Answer? {
    // Most answer within microseconds; a server takes milliseconds.
    var pause = 0.0001
    while true {
      if let answer = result.withLock({ $0 }) { return answer }
      let left = end - Clock.seconds()
      if left <= 0 { return nil }
      Clock.sleep(seconds: min(pause, left))
      pause = min(pause * 2, 0.02)
    }
  }
}

/// Questions to many mount points at once, so that one deadline is that of all.
struct SpaceQuestions {
  private let jobs: [String: SpaceJob]

  /// None: what is asked then is asked by itself.
  init() { jobs = [:] }

  /// Asks all of them.
  init(
    _ points: [String],
    _ call: @escaping @Sendable (String) throws(Errno) -> FileSystem.Space = SpaceAnswer.call
  ) {
    var jobs: [String: SpaceJob] = [:]
    for point in points where jobs[point] == nil {
      jobs[point] = SpaceJob.start(point) { () throws(Errno) in try call(point) }
    }
    self.jobs = jobs
  }

  /// The answer of one of them.
  func answer(_ point: String) throws(ReadFailure) -> [UInt8] {
    guard let job = jobs[point] else { return try SpaceAnswer.ask(point) }
    return try SpaceAnswer.text(job, point)
  }
}
