package import Base
internal import Statistics

/// Computes in registers with one pinned thread on each of some CPUs: its rate follows the clock
/// of the cores, so that it shows throttling and a governor that holds the clock down.
///
/// Floating-point multiply and add in the widest registers, and integer hashes beside them, with
/// known results. Rates of different variants do not compare.
package struct CPULoad: Sendable {
  /// One thread on each: one CPU for single-core, all for all-core throughput.
  package var cpus: NumberSet
  /// Seconds that it runs.
  package var seconds: Double
  /// Seconds of a sample, 0.001 to 3,600.
  package var sampleSeconds = 0.05
  /// The instructions, a name of `variants`; nil for the widest.
  package var variant: String?
  /// Whether all threads end as soon as one has a wrong result.
  package var endsAtWrongResult = false

  package init(cpus: NumberSet, seconds: Double) {
    self.cpus = cpus
    self.seconds = seconds
  }

  /// The variants that this CPU can run, from the narrowest to the widest: such as `sse2`, `avx2`.
  package static var variants: [String] { ComputeKernel.available.map(\.name) }

  /// Runs it on threads of its own, until its time is over or it is stopped.
  /// - Throws: `Failure` where a thread cannot be pinned or the CPU lacks the instructions.
  package func run(stop: StopFlag = StopFlag()) throws(Failure) -> CPUResult {
    let kernels = ComputeKernel.available
    guard let kernel = variant.map({ name in kernels.first { $0.name == name } }) ?? kernels.last
    else {
      throw Failure(
        "compute",
        because: "this CPU has \(CPULoad.variants.joined(separator: ", ")), not \(variant ?? "")",
        code: .usage)
    }
    guard (0.001...3600).contains(sampleSeconds), seconds >= 0,
      seconds / sampleSeconds <= 100_000
    else {
      throw Failure(
        "compute", because: "samples of \(sampleSeconds) s in \(seconds) s: not 0 to 100,000",
        code: .usage)
    }
    let run = CPURun(load: self, kernel: kernel, stop: StopFlag(within: stop))
    try PinnedThreads.run(on: cpus) { run.thread($0) }
    return CPUResult(kernel, run.threads, isStopped: stop.isStopped)
  }
}

/// What a CPU load measured.
package struct CPUResult: Sendable {
  /// The instructions that ran.
  package let variant: String
  /// The samples of each CPU, in order.
  package let samples: [Int: [CPUSample]]
  /// Operations a second of all CPUs in the time in which all of them worked; nil where they had
  /// none in common.
  package let operationsPerSecond: Double?
  /// Batches that ran, and those of them with a wrong result: a CPU that cannot be trusted.
  package let batches: Int
  package let wrongBatches: [Int: Int]
  /// Whether it was stopped before its time.
  package let isStopped: Bool

  init(_ kernel: ComputeKernel, _ threads: [Int: CPURun.ThreadResult], isStopped: Bool) {
    variant = kernel.name
    samples = threads.mapValues(\.samples)
    operationsPerSecond = CommonWindow(threads.values.map(\.pieces))?.rate
    batches = threads.values.reduce(0) { $0 + $1.batches }
    wrongBatches = threads.mapValues(\.wrong).filter { $0.value > 0 }
    self.isStopped = isStopped
  }
}

/// What one CPU did in a piece of time.
package struct CPUSample: Hashable, Sendable {
  /// When it began, in seconds since the load did.
  package var start: Double
  /// How long it was.
  package var seconds: Double
  /// Operations a second: of throughput as a program gets it, other programs included.
  package var operationsPerSecond: Double
  /// Operations a second of the batches that nothing disturbed: of the core's speed. nil without
  /// one.
  package var cleanOperationsPerSecond: Double?
  /// The share of its batches that nothing disturbed, by time. 0 to 1.
  package var cleanShare: Double
}
