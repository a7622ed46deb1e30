package import Base

/// The latency of loads, alone or while other CPUs stream through memory.
///
/// A cycle through all lines of 64 bytes of a piece of memory, in random order (Sattolo): each load
/// needs the one before. It runs in batches of 2,000 loads; a batch that was disturbed is not
/// clean.
package struct LatencyTest: Sendable {
  /// The CPU that loads.
  package var cpu: Int
  /// The memory node of the cycle; nil for no binding.
  package var node: Int?
  /// Bytes of the pieces of memory, one after the other; whole lines, at least two.
  package var sizes: [Int]
  /// Seconds for each size at most, building the cycle not included.
  package var secondsPerSize: Double
  /// Whether huge pages are asked for. With ordinary ones the TLB has its part in the latency.
  package var wantsHugePages = true
  /// Decides the order of the lines.
  package var seed: UInt64 = 1
  /// What streams meanwhile; nil for the latency of an idle machine.
  package var stream: Stream?

  /// CPUs that stream at full rate while the latency is measured.
  package struct Stream: Sendable {
    /// One thread on each; without the CPU that loads.
    package var cpus: NumberSet
    /// The memory node that they stream through.
    package var node: Int?
    /// What they run: the fastest variant of a memory load.
    package var variant: MemoryVariant
    /// Bytes of all their arrays together; at least 4 times their last-level cache to reach memory.
    package var bytes: Int

    package init(cpus: NumberSet, node: Int?, variant: MemoryVariant, bytes: Int) {
      self.cpus = cpus
      self.node = node
      self.variant = variant
      self.bytes = bytes
    }
  }

  /// Loads of a batch.
  package static let loadsPerBatch = 2000
  /// The most batches of a size: then it is done before its time.
  package static let batchLimit = 10_000

  package init(cpu: Int, node: Int?, sizes: [Int], secondsPerSize: Double) {
    self.cpu = cpu
    self.node = node
    self.sizes = sizes
    self.secondsPerSize = secondsPerSize
  }

  /// Measures each size, on threads of its own.
  /// - Returns: a point for each size that was measured; fewer when it was stopped.
  /// - Throws: `Failure` where there is no memory, no such node, or a thread cannot be pinned.
  package func run(stop: StopFlag = StopFlag()) throws(Failure) -> [LatencyPoint] {
    // A line is named by 32 bits (PointerCycle): 64 bytes each.
    if let size = sizes.first(where: { $0 >= 1 << 38 }) {
      throw Failure(
        "measure latency", because: "\(size) bytes are too many: it takes less than 256 GiB",
        code: .usage)
    }
    if let size = sizes.first(where: { $0 < 128 || $0 % 64 != 0 }) {
      throw Failure(
        "measure latency",
        because: "\(size) bytes are not a whole number of lines of 64, two or more",
        code: .usage)
    }
    if let stream, stream.cpus.contains(cpu) {
      throw Failure(
        "measure latency", because: "CPU \(cpu) cannot load and stream at once", code: .usage)
    }
    var points: [LatencyPoint] = []
    for size in sizes where !stop.isStopped {
      if let point = try measure(size, stop) { points.append(point) }
    }
    return points
  }

  private func measure(_ size: Int, _ stop: StopFlag) throws(Failure) -> LatencyPoint? {
    let cycle = PointerCycle(
      memory: try NodeMemory(bytes: size, node: node, wantsHugePages: wantsHugePages), seed: seed)
    let run = LatencyRun(
      cycle: cycle, seconds: secondsPerSize, streams: try stream.map(StreamLoad.init), stop: stop)
    var cpus = NumberSet([cpu])
    cpus.formUnion(stream?.cpus ?? NumberSet())
    let loader = cpus.numbers.firstIndex(of: cpu) ?? 0
    try PinnedThreads.run(on: cpus) { run.thread($0, loader: loader) }
    return run.point
  }
}

/// The latency of one size of memory.
package struct LatencyPoint: Hashable, Sendable {
  /// Bytes of the memory.
  package var bytes: Int
  /// Nanoseconds a load of each batch, in order.
  package var samples: [LatencySample]
  /// Where the pages were, and of which size.
  package var pages: MemoryPages
  /// Whether the loads went where they should: the cycle had every line once (memory of up to
  /// 4 MiB; a larger cycle takes too long to follow), and they ended on a line of it.
  package var isRight: Bool
  /// Counted bytes a second that the other CPUs streamed meanwhile; nil without any.
  package var streamedBytesPerSecond: Double?
  /// Slices of theirs with a wrong result.
  package var wrongStreamSlices = 0

  /// Nanoseconds a load of the clean batches.
  package var cleanNanoseconds: [Double] { samples.filter(\.isClean).map(\.nanoseconds) }
}

/// A batch of loads.
package struct LatencySample: Hashable, Sendable {
  /// Nanoseconds a load.
  package var nanoseconds: Double
  /// Whether the thread had the CPU to itself meanwhile.
  package var isClean: Bool
}
