internal import NIOCore
internal import Synchronization

/// A number of turns; callers without one wait in line.
final class AdmissionQueue: Sendable {
  enum Outcome: Sendable { case taken, full, late }

  private struct State {
    var free: Int
    var next = 0
    var waiting: [Int: CheckedContinuation<Outcome, Never>] = [:]
    var line: [Int] = []
  }

  private let capacity: Int
  private let state: Mutex<State>

  init(_ count: Int, waiting: Int) {
    capacity = waiting
    state = Mutex(State(free: count))
  }

  /// Takes a turn, waiting for one at most until then.
  func take(until end: NIODeadline, _ loop: any EventLoop) async -> Outcome {
    await withCheckedContinuation { continuation in
      let ticket = state.withLock { state -> Int? in
        if state.free > 0 {
          state.free -= 1
          continuation.resume(returning: .taken)
          return nil
        }
        guard state.waiting.count < capacity else {
          continuation.resume(returning: .full)
          return nil
        }
        state.next += 1
        state.waiting[state.next] = continuation
        state.line.append(state.next)
        return state.next
      }
      guard let ticket else { return }
      loop.scheduleTask(deadline: end) { [self] in
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: .late)
      }
    }
  }

  /// Gives a turn back, to the caller that waits longest.
  func give() {
    let next = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      while !state.line.isEmpty {
        if let waiting = state.waiting.removeValue(forKey: state.line.removeFirst()) {
          return waiting
        }
      }
      state.free += 1
      return nil
    }
    next?.resume(returning: .taken)
  }
}
