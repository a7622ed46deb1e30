internal import Base
internal import Linux
internal import Synchronization

/// The threads of a latency measurement: one loads, the others stream until it is done.
final class LatencyRun: Sendable {
  private let cycle: PointerCycle
  private let seconds: Double
  private let streams: StreamLoad?
  private let stop: StopFlag
  private let result = Mutex<LatencyPoint?>(nil)

  init(cycle: PointerCycle, seconds: Double, streams: StreamLoad?, stop: StopFlag) {
    (self.cycle, self.seconds, self.streams, self.stop) = (cycle, seconds, streams, stop)
  }

  var point: LatencyPoint? { result.withLock { $0 } }

  /// What thread `index` does; the one at `loader` loads.
  func thread(_ index: Int, loader: Int) {
    if index == loader {
      measure()
      streams?.end()
    } else {
      streams?.thread(index < loader ? index : index - 1, stop)
    }
  }

  private func measure() {
    guard let isWhole = cycle.build(stop), streams?.waitUntilRunning(stop) ?? true else { return }
    let pages = cycle.memory.pages()
    let before = streams?.progress()
    guard let (samples, isInside) = batches() else { return }
    let after = streams?.progress()
    result.withLock {
      $0 = LatencyPoint(
        bytes: cycle.memory.bytes, samples: samples, pages: pages, isRight: isWhole && isInside)
      guard let before, let after, after.time > before.time else { return }
      $0?.streamedBytesPerSecond =
        (after.bytes - before.bytes) / (Double(after.time - before.time) / 1e9)
      $0?.wrongStreamSlices = after.wrong
    }
  }

  /// Warms the caches with one round, or a quarter of the time; then measures.
  private func batches() -> (samples: [LatencySample], isInside: Bool)? {
    let begin = Timing.now
    func elapsed() -> Double { Double(Timing.now - begin) / 1e9 }
    var (offset, warmed) = (0, 0)
    var samples: [LatencySample] = []
    while samples.count < LatencyTest.batchLimit, !stop.isStopped {
      let now = elapsed()
      // However short the time: one batch at least.
      if now >= seconds, !samples.isEmpty { break }
      guard let (end, timing) = cycle.follow(from: offset, loads: LatencyTest.loadsPerBatch),
        cycle.isLine(end)
      else { return (samples, false) }
      offset = end
      if warmed < cycle.linesToWarm, now < seconds / 4 {
        warmed += LatencyTest.loadsPerBatch
      } else {
        samples.append(
          LatencySample(
            nanoseconds: timing.seconds * 1e9 / Double(LatencyTest.loadsPerBatch),
            isClean: timing.isClean))
      }
    }
    return samples.isEmpty ? nil : (samples, true)
  }
}

/// Threads that stream through memory at full rate and count what they moved.
final class StreamLoad: Sendable {
  private let plan: LatencyTest.Stream
  private let memory: NodeMemory
  private let arrayBytes: Int
  private let isOver = StopFlag()
  private let running = Atomic<Int>(0)
  private let slices = Atomic<Int>(0)
  private let wrong = Atomic<Int>(0)

  init(_ plan: LatencyTest.Stream) throws(Failure) {
    self.plan = plan
    let unit = MemoryPart.sliceBytes * max(plan.cpus.count, 1)
    arrayBytes = (plan.bytes - 2 * MemoryPart.stagger) / 3 / unit * unit
    guard arrayBytes > 0, !plan.cpus.isEmpty else {
      throw Failure(
        "stream through memory",
        because: "\(Units.capacity(plan.bytes)) are fewer than three slices for each CPU",
        code: .usage)
    }
    memory = try NodeMemory(
      bytes: MemoryPart.memoryBytes(arrayBytes: arrayBytes), node: plan.node, wantsHugePages: true)
  }

  /// Streams until `end` or the stop flag.
  func thread(_ index: Int, _ stop: StopFlag) {
    var part = MemoryPart(of: memory, arrayBytes: arrayBytes, index: index, count: plan.cpus.count)
    guard part.fill(stop) else { return }
    var position = 0
    while !stop.isStopped, !isOver.isStopped {
      let scalar = Double(3 + position / part.slices % 5)
      guard let run = part.run(plan.variant, slice: position % part.slices, scalar: scalar) else {
        return
      }
      position += 1
      slices.add(1, ordering: .relaxed)
      if !run.isRight { wrong.add(1, ordering: .relaxed) }
      if position == 1 { running.add(1, ordering: .releasing) }
    }
  }

  func end() { isOver.stop() }

  /// Waits until every thread streams.
  /// - Returns: false when it was stopped.
  func waitUntilRunning(_ stop: StopFlag) -> Bool {
    while running.load(ordering: .acquiring) < plan.cpus.count {
      if stop.isStopped { return false }
      Clock.sleep(seconds: 0.001)
    }
    return true
  }

  /// Counted bytes so far, slices with wrong results, and when.
  func progress() -> (bytes: Double, wrong: Int, time: Int64) {
    let bytes = plan.variant.operation.arrays * MemoryPart.sliceBytes
    return (
      Double(slices.load(ordering: .relaxed)) * Double(bytes), wrong.load(ordering: .relaxed),
      Timing.now
    )
  }
}
