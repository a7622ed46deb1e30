internal import Accelerators
internal import Base
internal import Benchmarks
internal import Linux

/// Reads drives into one half of a locked buffer while the other half goes to the device.
struct DriveLoad {
  private let work: CopyWork
  private let files: [DirectFile]
  /// The two halves of the buffer, and the lane from each to the device.
  private let halves: [(memory: HostMemory, lane: CopyLane)]

  /// Bytes of a read: what drives take in one command at most, or somewhat more.
  static let pieceBytes = 1 << 20
  /// Reads of a drive at a time: its pipeline is full with them at such a size.
  static let depth = 8
  /// Threads that read at most.
  static let mostThreads = 64

  /// Opens the drives and makes the second half.
  init(_ work: CopyWork, _ paths: [String]) throws(Failure) {
    guard let ends = work.ends.first, let memory = ends.from, let device = ends.lane.to.device
    else {
      throw Failure("load a device", because: "the plan has no lane from host memory to a device")
    }
    var files: [DirectFile] = []
    for path in paths {
      do throws(Errno) { files.append(try DirectFile(path)) } catch {
        throw Failure("open \(path)", because: error.plainly)
      }
      if let file = files.last, file.bytes < DriveLoad.pieceBytes {
        throw Failure("read \(path)", because: "it holds \(file.bytes) bytes")
      }
    }
    self.work = work
    self.files = files
    do throws(CopyError) {
      let second = try HostMemory(bytes: memory.bytes, node: memory.node)
      let buffer = try work.library.lock(second, devices: [device])
      halves = [
        (memory, ends.lane), (second, CopyLane(from: buffer, to: ends.lane.to)),
      ]
    } catch { throw Failure("make a buffer of \(Units.capacity(memory.bytes))", error) }
  }

  /// Loads for so many seconds. A sample is the bytes of a half over the time in which it went to the device
  /// and the next one was read.
  func measure(seconds: Double) throws(Failure) -> Observation {
    var rates: [Double] = []
    var batch = 0
    try read(&batch, into: halves[0].memory, while: nil)
    let end = Clock.seconds() + seconds
    while rates.count < CopyWork.fewestSamples
      || Clock.seconds() < end && rates.count < CopyWork.mostSamples
    {
      let full = halves[rates.count % 2]
      let next = halves[(rates.count + 1) % 2]
      let start = Clock.seconds()
      try read(&batch, into: next.memory, while: full.lane)
      rates.append(Double(full.memory.bytes) / (Clock.seconds() - start))
    }
    let last = halves[rates.count % 2]
    try check(last)
    var details = work.details([])
    details["drives"] = "\(files.count)"
    details["bytesOfARead"] = "\(DriveLoad.pieceBytes)"
    details["readsAtATime"] = "\(threads)"
    return Observation(
      rates, details: details, flags: work.copies.isStandIn ? [.standIn] : [])
  }

  private var threads: Int { min(DriveLoad.mostThreads, files.count * DriveLoad.depth) }

  /// Reads the next pieces of all drives in turn, as an array without redundancy has them.
  private func read(
    _ batch: inout Int, into memory: HostMemory, while lane: CopyLane?
  ) throws(Failure) {
    let count = memory.bytes / DriveLoad.pieceBytes
    let pieces = (0..<count).map { index -> DirectReads.Piece in
      let file = files[index % files.count]
      // From the start again at the end of the drive.
      let number = (batch * count + index) / files.count % (file.bytes / DriveLoad.pieceBytes)
      return DirectReads.Piece(
        file, offset: number * DriveLoad.pieceBytes, place: index * DriveLoad.pieceBytes,
        bytes: DriveLoad.pieceBytes)
    }
    batch += 1
    do throws(CopyError) {
      let reads = try DirectReads(pieces, into: memory, threads: threads)
      do throws(CopyError) {
        if let lane { _ = try work.library.copy([lane], work.limit) }
      } catch {
        // They still write to the memory; a second is more than a drive that works takes.
        try? reads.wait(CopyLimit(seconds: 1, isStopped: { false }))
        throw error
      }
      try reads.wait(work.limit)
    } catch { throw Failure("load from \(Units.count(files.count, "drive"))", error) }
  }

  /// Copies a half once more and compares what arrived. The buffer held another half before.
  private func check(_ half: (memory: HostMemory, lane: CopyLane)) throws(Failure) {
    try work.copyOnce(half.lane.from, half.lane.to, "copy what was read")
    try work.copyOnce(half.lane.to, work.stagingBuffer, "fetch what was copied")
    guard work.staging.isEqual(to: half.memory) else {
      throw Failure("check what was copied", because: "other data arrived than was read")
    }
  }
}
