internal import CAccelerators
internal import Linux

/// An event of the GPU whose context is current.
@safe
final class CUDAEvent {
  let handle: CUevent
  private let cuda: CUDA

  init(_ cuda: CUDA) throws(CopyError) {
    self.cuda = cuda
    var event: CUevent?
    // 0: with its time.
    let code = unsafe cuda.table.cuEventCreate(&event, 0)
    try asCopyError { () throws(LibraryError) in try cuda.check("cuEventCreate", code) }
    guard let event = unsafe event else {
      throw .library(.status(call: "cuEventCreate", code: 0, meaning: "no event"))
    }
    unsafe handle = event
  }

  deinit { _ = unsafe cuda.table.cuEventDestroy_v2(handle) }

  /// Seconds from this event to another of the same context.
  func seconds(to other: CUDAEvent) throws(CopyError) -> Double {
    var milliseconds: Float = 0
    let code = unsafe cuda.table.cuEventElapsedTime(&milliseconds, handle, other.handle)
    try asCopyError { () throws(LibraryError) in try cuda.check("cuEventElapsedTime", code) }
    return Double(milliseconds) / 1e3
  }
}

/// A moment of a GPU that is known on the host's clock too: events of different GPUs cannot be compared
/// (cuEventElapsedTime takes two of one context). Its error is the time of one call, some 10 us.
struct CUDAAnchor {
  let event: CUDAEvent
  /// The host's clock then, seconds.
  let seconds: Double

  /// A moment of the current context's GPU, which has nothing to do.
  init(_ cuda: CUDA, _ limit: CopyLimit) throws(CopyError) {
    let lane = try CUDALane(cuda, worker: 0, count: 0)
    // The first record also waits for the context to be ready: the time of the second counts.
    var before = 0.0
    for _ in 0..<2 {
      before = Clock.seconds()
      try lane.record(0)
      try limit.wait(since: before) { () throws(CopyError) in try lane.hasEnded() }
    }
    seconds = (before + Clock.seconds()) / 2
    event = lane.events[0]
  }
}

/// A stream with an event before and after each copy. Its GPU's context is the current one of the thread
/// that calls.
@safe
final class CUDALane {
  /// Index of the GPU that copies.
  let worker: Int
  let stream: CUstream
  let events: [CUDAEvent]
  private var last: Int?
  private let cuda: CUDA

  init(_ cuda: CUDA, worker: Int, count: Int) throws(CopyError) {
    self.cuda = cuda
    self.worker = worker
    var made: [CUDAEvent] = []
    for _ in 0...count { made.append(try CUDAEvent(cuda)) }
    events = made
    var stream: CUstream?
    let code = unsafe cuda.table.cuStreamCreate(&stream, CUDA.nonBlocking)
    try asCopyError { () throws(LibraryError) in try cuda.check("cuStreamCreate", code) }
    guard let stream = unsafe stream else {
      throw .library(.status(call: "cuStreamCreate", code: 0, meaning: "no stream"))
    }
    unsafe self.stream = stream
  }

  deinit { _ = unsafe cuda.table.cuStreamDestroy_v2(stream) }

  /// Records the event of a number behind what the stream has to do.
  func record(_ index: Int) throws(CopyError) {
    let code = unsafe cuda.table.cuEventRecord(events[index].handle, stream)
    try asCopyError { () throws(LibraryError) in try cuda.check("cuEventRecord", code) }
    last = index
  }

  /// Whether all that was recorded has ended; waits 20 us where it has not. The GPU takes the times, so
  /// that waiting costs nothing.
  func hasEnded() throws(CopyError) -> Bool {
    guard let last else { return true }
    let code = unsafe cuda.table.cuEventQuery(events[last].handle)
    if code == CUDA.notReady {
      Clock.sleep(seconds: 20e-6)
      return false
    }
    try asCopyError { () throws(LibraryError) in try cuda.check("cuEventQuery", code) }
    return true
  }

  /// When each copy ran, on the host's clock.
  func intervals(
    _ anchor: CUDAAnchor, wallSeconds: Double
  ) throws(CopyError) -> [CopyInterval] {
    var intervals: [CopyInterval] = []
    for (before, after) in zip(events, events.dropFirst()) {
      let start = anchor.seconds + (try anchor.event.seconds(to: before))
      // Not the difference of two times since the anchor: it would have the rounding of both.
      let length = try before.seconds(to: after)
      intervals.append(
        try .checked(start: start, end: start + length, wallSeconds: wallSeconds))
    }
    return intervals
  }
}
