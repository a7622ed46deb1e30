internal import Base
internal import CLoadKernels

/// A cycle of pointers through the lines of some memory.
struct PointerCycle: Sendable {
  let memory: NodeMemory
  let seed: UInt64

  private var lines: Int { memory.bytes / Int(TBX_LINE) }
  /// Lines that are worked on between two looks at the stop flag: some milliseconds.
  private static let chunk = 1 << 14
  /// Memory up to this size is followed once round after building.
  private static let verifiedBytes = 4 << 20

  private var base: UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(bitPattern: memory.base)
  }

  /// Writes the cycle, on the thread that asks.
  /// - Returns: whether it leads through every line; nil when it was stopped.
  func build(_ stop: StopFlag) -> Bool? {
    guard let base = unsafe base else { return nil }
    let starts = Array(stride(from: 0, to: lines, by: PointerCycle.chunk))
    func end(_ start: Int) -> Int { min(start + PointerCycle.chunk, lines) }
    for start in starts {
      if stop.isStopped { return nil }
      unsafe tbx_chase_number(base, start, end(start))
    }
    var seed = seed
    for start in starts.reversed() {
      if stop.isStopped { return nil }
      seed = unsafe tbx_chase_shuffle(base, start, end(start), seed)
    }
    for start in starts {
      if stop.isStopped { return nil }
      unsafe tbx_chase_link(base, start, end(start))
    }
    guard memory.bytes <= PointerCycle.verifiedBytes else { return true }
    return unsafe tbx_chase_length(base, lines) == lines
  }

  /// Follows links from the line at `offset`.
  /// - Returns: where it ended, in bytes from the first line, and the time.
  func follow(from offset: Int, loads: Int) -> (offset: Int, timing: Timing)? {
    guard let base = unsafe base else { return nil }
    var timing = tbx_timing()
    let end = unsafe tbx_time_chase(base + offset, loads, &timing)
    return unsafe (end - base, Timing(timing))
  }

  /// Whether an offset is that of a line.
  func isLine(_ offset: Int) -> Bool {
    (0..<memory.bytes).contains(offset) && offset % Int(TBX_LINE) == 0
  }

  /// Lines to follow before the caches hold what they can.
  var linesToWarm: Int { lines }
}
