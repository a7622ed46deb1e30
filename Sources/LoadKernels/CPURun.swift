internal import Base
internal import CLoadKernels
internal import Statistics
internal import Synchronization

/// The threads of a CPU load at work.
final class CPURun: Sendable {
  /// What one thread did.
  struct ThreadResult: Sendable {
    var samples: [CPUSample] = []
    /// The samples as pieces of a common window.
    var pieces: [CommonWindow.Piece] = []
    var batches = 0
    var wrong = 0
  }

  private let load: CPULoad
  private let kernel: ComputeKernel
  private let expected: [UInt64]
  private let cpus: [Int]
  private let begin = Timing.now
  private let stop: StopFlag
  private let results = Mutex<[Int: ThreadResult]>([:])

  init(load: CPULoad, kernel: ComputeKernel, stop: StopFlag) {
    (self.load, self.kernel, self.stop) = (load, kernel, stop)
    expected = kernel.expected()
    cpus = load.cpus.numbers
  }

  /// The results by CPU.
  var threads: [Int: ThreadResult] { results.withLock { $0 } }

  /// What thread `index` does from start to end.
  func thread(_ index: Int) {
    var result = ThreadResult()
    let end = begin + Int64(load.seconds * 1e9)
    while !stop.isStopped, Timing.now < end { sample(&result) }
    results.withLock { $0[cpus[index]] = result }
  }

  private func sample(_ result: inout ThreadResult) {
    let start = Timing.now
    let end = start + Int64(load.sampleSeconds * 1e9)
    var (batches, cleanBatches, seconds, cleanSeconds, last) = (0, 0, 0.0, 0.0, start)
    while !stop.isStopped, last < end {
      let (timing, isRight) = kernel.run(expected)
      batches += 1
      if !isRight {
        result.wrong += 1
        if load.endsAtWrongResult { stop.stop() }
      }
      seconds += timing.seconds
      if timing.isClean {
        cleanBatches += 1
        cleanSeconds += timing.seconds
      }
      last = timing.end
    }
    guard last > start, seconds > 0 else { return }
    result.batches += batches
    let operations = Double(batches) * kernel.operationsPerBatch
    let timing = Timing(start: start, end: last, isClean: cleanBatches == batches)
    result.pieces.append(timing.piece(of: operations, since: begin))
    result.samples.append(
      CPUSample(
        start: Double(start - begin) / 1e9, seconds: timing.seconds,
        operationsPerSecond: operations / timing.seconds,
        cleanOperationsPerSecond: cleanSeconds > 0
          ? Double(cleanBatches) * kernel.operationsPerBatch / cleanSeconds : nil,
        cleanShare: cleanSeconds / seconds))
  }
}

/// A kernel that computes in registers.
struct ComputeKernel: Sendable {
  let name: String
  private let index: Int
  private let lanes: Int

  /// Turns of a batch: some 0.05 ms.
  static let turns: UInt64 = 20_000

  /// Floating-point and integer operations of a batch.
  var operationsPerBatch: Double {
    let turn = TBX_CHAINS * Int32(lanes) * TBX_CHAIN_OPERATIONS + TBX_HASHES * TBX_HASH_OPERATIONS
    return Double(ComputeKernel.turns) * Double(turn)
  }

  /// The kernels that this CPU can run, from the narrowest to the widest.
  static let available: [ComputeKernel] = {
    var count = 0
    let kernels = unsafe tbx_compute_kernels(&count)
    return (0..<count).compactMap { index in
      let kernel = unsafe kernels[index]
      guard unsafe kernel.instructions & tbx_instructions() != 0 else { return nil }
      return unsafe ComputeKernel(
        name: String(cString: kernel.variant), index: index, lanes: Int(kernel.lanes))
    }
  }()

  /// What every batch must result in, computed without the kernel.
  func expected() -> [UInt64] {
    var count = 0
    var results = [UInt64](repeating: 0, count: Int(TBX_COMPUTE_RESULTS))
    unsafe tbx_compute_expected(tbx_compute_kernels(&count) + index, ComputeKernel.turns, &results)
    return results
  }

  /// Runs a batch.
  func run(_ expected: [UInt64]) -> (timing: Timing, isRight: Bool) {
    var count = 0
    var timing = tbx_timing()
    var results = [UInt64](repeating: 0, count: Int(TBX_COMPUTE_RESULTS))
    unsafe tbx_time_compute(
      tbx_compute_kernels(&count) + index, ComputeKernel.turns, &results, &timing)
    return (Timing(timing), results == expected)
  }
}
