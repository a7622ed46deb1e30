internal import Synchronization

/// Ends a load from another thread, such as the one that reads signals. A load looks at it after
/// each slice of 1 MiB, each batch of loads or each batch of turns: some 0.1 ms apart.
package final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  private let outer: StopFlag?

  package init() { outer = nil }

  /// A flag that is also set when the outer one is.
  package init(within outer: StopFlag) { self.outer = outer }

  /// Ends every load that was given this flag.
  package func stop() { flag.store(true, ordering: .releasing) }

  /// Whether it was asked to end.
  package var isStopped: Bool { flag.load(ordering: .acquiring) || outer?.isStopped ?? false }
}
