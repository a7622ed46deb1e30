internal import Base
internal import Statistics
internal import Synchronization

/// The threads of a memory load at work. The first thread decides between the turns what runs next.
final class MemoryRun: Sendable {
  private let load: MemoryLoad
  private let memory: NodeMemory
  private let arrayBytes: Int
  private let variants: [MemoryVariant]
  private let begin: Int64
  private let stop: StopFlag
  private let barrier: SpinBarrier
  /// The position in `variants` of the turn; -1 to end.
  private let turn = Atomic<Int>(-1)
  /// Threads that did their slices of the turn.
  private let finished = Atomic<Int>(0)
  /// Whether a thread did not write its pages in time.
  private let late = Atomic<Bool>(false)
  private let state: Mutex<State>
  /// What each thread did in the turn.
  private let pieces: Mutex<[[CommonWindow.Piece]]>

  private struct State {
    var schedule: MemorySchedule
    var result: MemoryResult
    var samples = SampleStore(limit: MemoryLoad.sampleLimit)
  }

  /// Slices of a turn that each thread measures at least. Of one thread each is a sample of its
  /// own.
  private var slicesPerTurn: Int { load.cpus.count == 1 ? 3 : 8 }
  /// And at most: some 100 ms.
  private static let longestTurn = 2000

  init(
    load: MemoryLoad, memory: NodeMemory, arrayBytes: Int, variants: [MemoryVariant], begin: Int64,
    stop: StopFlag
  ) {
    (self.load, self.memory, self.arrayBytes) = (load, memory, arrayBytes)
    (self.variants, self.begin, self.stop) = (variants, begin, stop)
    barrier = SpinBarrier(count: load.cpus.count)
    state = Mutex(
      State(
        schedule: MemorySchedule(variants, seed: load.seed),
        result: MemoryResult(arrayBytes: arrayBytes, cacheBytes: load.cacheBytes)))
    pieces = Mutex(Array(repeating: [], count: load.cpus.count))
  }

  var result: MemoryResult {
    state.withLock { state in
      state.schedule.finish()
      state.result.fastest = state.schedule.fastest
      state.result.samples = state.samples.samples
      return state.result
    }
  }

  var isLate: Bool { late.load(ordering: .relaxed) }

  /// What thread `index` does from start to end.
  func thread(_ index: Int) {
    var part = MemoryPart(
      of: memory, arrayBytes: arrayBytes, index: index, count: load.cpus.count)
    guard part.fill(stop, until: begin + Int64(load.setupLimit * 1e9)) else {
      // Whoever is done with its part waits for nobody then.
      if !stop.isStopped { late.store(true, ordering: .relaxed) }
      return stop.stop()
    }
    verify(part)
    guard barrier.wait(stop) else { return }
    if index == 0 {
      let pages = memory.pages()
      state.withLock {
        $0.result.pagesBefore = pages
        $0.result.setupSeconds = seconds(Timing.now)
      }
    }
    var position = 0
    while true {
      if index == 0 {
        turn.store(nextTurn(), ordering: .relaxed)
        finished.store(0, ordering: .relaxed)
      }
      guard barrier.wait(stop) else { break }
      let next = turn.load(ordering: .relaxed)
      if next < 0 { break }
      run(variants[next], part, index, &position)
      guard barrier.wait(stop) else { break }
      if index == 0 { record(variants[next]) }
    }
    if index == 0 {
      let pages = memory.pages()
      state.withLock { $0.result.pagesAfter = pages }
    }
  }

  /// Each variant once, every element checked: 1 MiB each.
  private func verify(_ part: MemoryPart) {
    var (slices, wrong) = (0, 0)
    for variant in variants where !stop.isStopped {
      slices += 1
      if !part.verify(variant, slice: 0, scalar: 2) {
        wrong += 1
        if load.endsAtWrongResult { stop.stop() }
      }
    }
    state.withLock {
      $0.result.slices += slices
      $0.result.wrongSlices += wrong
    }
  }

  private func seconds(_ time: Int64) -> Double { Double(time - begin) / 1e9 }

  private func nextTurn() -> Int {
    state.withLock { state in
      let measuring = seconds(Timing.now) - state.result.setupSeconds
      guard measuring < load.seconds else { return -1 }
      // A third of the time for the choice of variants.
      let variant = state.schedule.next(isTimeToChoose: measuring > load.seconds / 3)
      if state.result.fastest.isEmpty, !state.schedule.fastest.isEmpty {
        state.result.chosenAt = seconds(Timing.now)
      }
      state.result.fastest = state.schedule.fastest
      return variant.flatMap { variants.firstIndex(of: $0) } ?? -1
    }
  }

  /// Runs a kernel until every thread did its slices: whoever comes late, because another program
  /// has its CPU, still has a window in common with the others.
  private func run(
    _ variant: MemoryVariant, _ part: MemoryPart, _ index: Int, _ position: inout Int
  ) {
    var (done, ran, wrong) = ([CommonWindow.Piece](), 0, 0)
    let bytes = Double(variant.operation.arrays * MemoryPart.sliceBytes)
    for slice in 0...MemoryRun.longestTurn where !stop.isStopped {
      // Another scalar in each pass: what an earlier pass wrote is then wrong.
      let scalar = Double(3 + position / part.slices % 5)
      guard let run = part.run(variant, slice: position % part.slices, scalar: scalar) else {
        return
      }
      position += 1
      ran += 1
      if !run.isRight {
        wrong += 1
        if load.endsAtWrongResult { stop.stop() }
      }
      if slice > 0 { done.append(run.timing.piece(of: bytes, since: begin)) }
      if slice == slicesPerTurn { finished.add(1, ordering: .acquiringAndReleasing) }
      if finished.load(ordering: .acquiring) == load.cpus.count { break }
    }
    state.withLock { [ran, wrong] in
      $0.result.slices += ran
      $0.result.wrongSlices += wrong
      $0.result.countedBytes += Double(ran) * bytes
    }
    pieces.withLock { $0[index] = done }
  }

  /// Makes samples of what the threads did.
  private func record(_ variant: MemoryVariant) {
    let threads = pieces.withLock { $0 }
    // One thread's slices one by one; of several what they have in common.
    let windows =
      threads.count == 1
      ? threads[0].compactMap { CommonWindow([[$0]]) } : [CommonWindow(threads)].compactMap(\.self)
    state.withLock { state in
      for window in windows {
        let sample = MemorySample(
          variant: variant, start: window.start, seconds: window.seconds,
          bytesPerSecond: window.rate, isClean: window.cleanShare >= 0.9)
        state.schedule.add(sample)
        state.samples.add(sample)
      }
    }
  }
}
