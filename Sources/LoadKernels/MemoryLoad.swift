package import Base

/// Streams through memory with one pinned thread on each of some CPUs, and measures it.
///
/// A turn runs one kernel over a few slices on every thread. Its first slice is not measured: it
/// still pays for what the kernel before left in the caches. Turns follow in random order,
/// so that a busy moment, or a clock that changes, hits every kernel alike.
package struct MemoryLoad: Sendable {
  /// One thread on each.
  package var cpus: NumberSet
  /// The memory node of all pages; nil for no binding.
  package var node: Int?
  /// What is measured.
  package var operations: [MemoryOperation] = MemoryOperation.allCases
  /// Bytes of last-level cache that these CPUs can fill together. Each array is 4 times as large,
  /// as STREAM demands; where `byteLimit` does not allow that, all three together.
  package var cacheBytes: Int
  /// The most memory it takes. That much must be free on the node.
  package var byteLimit: Int
  /// Seconds that it measures.
  package var seconds: Double
  /// Seconds that it may take before, to write every page. New huge pages are slow where the kernel
  /// must move others to make them.
  package var setupLimit = 30.0
  /// Whether huge pages are asked for. Which there are, the result says.
  package var wantsHugePages = true
  /// Decides the order of the turns.
  package var seed: UInt64 = 1
  /// Whether all threads end as soon as one has a wrong result.
  package var endsAtWrongResult = false

  /// The most samples that a result keeps: 20,000 of some 60 bytes.
  package static let sampleLimit = 20_000

  package init(cpus: NumberSet, node: Int?, cacheBytes: Int, byteLimit: Int, seconds: Double) {
    self.cpus = cpus
    self.node = node
    self.cacheBytes = cacheBytes
    self.byteLimit = byteLimit
    self.seconds = seconds
  }

  /// Bytes of each array: whole slices, as many for each thread.
  /// - Throws: `Failure` where the limit leaves less than 4 times the cache in total.
  func arrayBytes() throws(Failure) -> Int {
    let unit = MemoryPart.sliceBytes * max(cpus.count, 1)
    let (least, overflow) = cacheBytes.multipliedReportingOverflow(by: 4)
    // What no machine has is no size that is known.
    let (most, isTooMuch) = least.addingReportingOverflow(unit - 1)
    guard cacheBytes > 0, !overflow, !isTooMuch else {
      throw Failure("size the arrays", because: "the size of the last-level cache is unknown")
    }
    let wanted = most / unit * unit
    let allowed = (max(0, byteLimit) - 2 * MemoryPart.stagger) / 3 / unit * unit
    let bytes = min(wanted, allowed)
    guard bytes > 0, 3 * bytes >= least else {
      throw Failure(
        "size the arrays",
        because: "\(Units.capacity(byteLimit)) of memory are too few for "
          + "4 times the last-level cache of \(Units.capacity(cacheBytes))")
    }
    return bytes
  }

  /// Runs it on threads of its own, until its time is over or it is stopped.
  /// - Throws: `Failure` where there is no memory, no such node, a thread cannot be pinned, or the
  ///   pages are not there in time.
  package func run(stop: StopFlag = StopFlag()) throws(Failure) -> MemoryResult {
    let begin = Timing.now
    guard seconds.isFinite, (0...86_400).contains(setupLimit) else {
      throw Failure("measure memory", because: "its time is no number of seconds", code: .usage)
    }
    let arrayBytes = try arrayBytes()
    let memory = try NodeMemory(
      bytes: MemoryPart.memoryBytes(arrayBytes: arrayBytes), node: node,
      wantsHugePages: wantsHugePages)
    let variants = MemoryVariant.available.filter { operations.contains($0.operation) }
    guard !variants.isEmpty else {
      throw Failure("measure memory", because: "no operation was given", code: .usage)
    }
    let run = MemoryRun(
      load: self, memory: memory, arrayBytes: arrayBytes, variants: variants, begin: begin,
      stop: StopFlag(within: stop))
    try PinnedThreads.run(on: cpus) { run.thread($0) }
    var result = run.result
    result.isStopped = stop.isStopped
    if run.isLate, !stop.isStopped {
      throw Failure(
        "write \(Units.capacity(memory.bytes)) of memory",
        because: "not done within \(Units.short(setupLimit)) s")
    }
    return result
  }
}
