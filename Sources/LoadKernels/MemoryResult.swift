/// One measurement of a memory kernel. Of one thread: a slice of 1 MiB of each array. Of several:
/// the window in which all of them ran the kernel.
package struct MemorySample: Hashable, Sendable {
  /// What ran.
  package var variant: MemoryVariant
  /// When it began, in seconds since the load did.
  package var start: Double
  /// How long it took, in seconds.
  package var seconds: Double
  /// Counted bytes a second of all threads together, as STREAM counts.
  package var bytesPerSecond: Double
  /// Whether nothing disturbed it: a slice that had its CPU for more than 98 % of the time without
  /// an involuntary switch; of a window, at least 90 % of its slices by time.
  package var isClean: Bool
}

/// What a memory load measured.
package struct MemoryResult: Sendable {
  /// Every sample in the order they were taken, of all variants, without what ran to warm up. Of a
  /// long load every second, fourth, ... one: at most `MemoryLoad.sampleLimit`.
  package var samples: [MemorySample] = []
  /// The variant of each operation with the highest median of its clean samples, which ran from
  /// then on. Empty where the load ended before each ran once.
  package var fastest: [MemoryOperation: MemoryVariant] = [:]
  /// When they were chosen, in seconds since the load began; nil where that was at its end, or not at all.
  package var chosenAt: Double?
  /// Bytes of each of the three arrays.
  package var arrayBytes: Int
  /// Bytes of the cache that they must exceed, as the caller gave them.
  package var cacheBytes: Int
  /// Where the pages were before and after, and of which size. The kernel may move pages meanwhile.
  package var pagesBefore: MemoryPages?
  package var pagesAfter: MemoryPages?
  /// Counted bytes that all threads moved, those outside of samples included.
  package var countedBytes = 0.0
  /// Slices that ran, and those of them with a wrong result: memory, or CPU, that cannot be
  /// trusted.
  package var slices = 0
  package var wrongSlices = 0
  /// Seconds until every page was written and every variant verified.
  package var setupSeconds = 0.0
  /// Whether it was stopped before its time.
  package var isStopped = false

  /// The fewest clean samples after the choice that make those before it count no more.
  private static let enough = 7

  /// Rates of the clean samples of an operation's fastest variant, counted bytes a second, in
  /// order.
  package func rates(_ operation: MemoryOperation) -> [Double] {
    reported(operation).filter(\.isClean).map(\.bytesPerSecond)
  }

  /// All samples of an operation's fastest variant, and those that are clean.
  package func counts(_ operation: MemoryOperation) -> (all: Int, clean: Int) {
    let all = reported(operation)
    return (all.count, all.count { $0.isClean })
  }

  /// The samples of an operation's fastest variant. Those that chose it are the highest of several by chance
  /// too, so that they are reported only where there are not enough others.
  private func reported(_ operation: MemoryOperation) -> [MemorySample] {
    guard let variant = fastest[operation] else { return [] }
    let all = samples.filter { $0.variant == variant }
    guard let chosenAt else { return all }
    let later = all.filter { $0.start >= chosenAt }
    return later.count { $0.isClean } >= MemoryResult.enough ? later : all
  }
}
