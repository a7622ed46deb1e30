internal import Base
internal import HTTPService
internal import Linux
internal import RuntimeCatalog
internal import Synchronization

/// Writes for `tinyboxd` which runtimes have requests in flight, and whether anything comes of them. Requests that
/// end within seconds cause no writing.
final class ProgressReporter: Sendable {
  private struct State {
    var works: [String: RuntimeProgress.Work] = [:]
    /// Answers whose client does not take what there is, by runtime.
    var blocked: [String: Int] = [:]
    var isTicking = false
    var written: RuntimeProgress?
  }

  private let thread: EventThread
  private let path: String?
  private let state = Mutex(State())

  /// - Parameter path: the file; nil writes nothing.
  init(_ thread: EventThread, path: String?) {
    self.thread = thread
    self.path = path
  }

  /// A runtime was sent a request.
  func begin(_ name: String) {
    let mustTick = state.withLock { state in
      state.works[name, default: .init(inFlight: 0, pieces: 0)].inFlight += 1
      guard path != nil, !state.isTicking else { return false }
      state.isTicking = true
      return true
    }
    if mustTick { tick() }
  }

  /// A request has ended.
  func end(_ name: String) {
    state.withLock { state in
      guard let work = state.works[name] else { return }
      state.works[name]?.inFlight = work.inFlight - 1
      if work.inFlight <= 1 { state.works[name] = nil }
    }
  }

  /// A piece of an answer has come, and its client is to take it.
  func block(_ name: String) {
    state.withLock { state in
      state.works[name]?.pieces &+= 1
      state.blocked[name, default: 0] += 1
    }
  }

  /// The client has taken it.
  func unblock(_ name: String) {
    state.withLock { state in
      let count = (state.blocked[name] ?? 1) - 1
      state.blocked[name] = count > 0 ? count : nil
    }
  }

  /// What is to be written now; nil for nothing.
  func report() -> RuntimeProgress? {
    state.withLock { state in
      // A runtime whose client is slow waits for that client.
      for name in state.blocked.keys { state.works[name]?.pieces &+= 1 }
      let report = RuntimeProgress(state.works)
      // The end of the last one is written once.
      if report.runtimes.isEmpty, state.written?.runtimes.isEmpty ?? true {
        state.isTicking = false
        return nil
      }
      state.written = report
      return report
    }
  }

  private func tick() {
    _ = thread.after(RuntimeProgress.writeSeconds) { [self] in
      WorkerPool.task { [self] in
        guard let path, let report = report() else { return }
        // Where it cannot be written nobody finds a runtime that hangs; requests end by their own limits.
        if let text = try? JSON.line(report) { try? DurableFile.write(text, to: path) }
        tick()
      }
    }
  }
}
