internal import Glibc
internal import Synchronization

/// Where threads wait for each other without sleeping, so that they go on within a microsecond.
final class SpinBarrier: Sendable {
  private let count: Int
  private let arrived = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  /// Waits for the others.
  /// - Returns: false when the load was stopped meanwhile; then nobody waits any more.
  func wait(_ stop: StopFlag) -> Bool {
    let mine = generation.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      generation.add(1, ordering: .releasing)
      return !stop.isStopped
    }
    var turns = 0
    while generation.load(ordering: .acquiring) == mine {
      if stop.isStopped { return false }
      turns += 1
      // Another program may have this CPU to itself for a time slice: let it.
      if turns > 2000 { sched_yield() }
    }
    return !stop.isStopped
  }
}
