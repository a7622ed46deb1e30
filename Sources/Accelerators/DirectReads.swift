package import Base
internal import CAccelerators
internal import Linux

/// A drive, or a file, that is read past the page cache.
package final class DirectFile: Sendable {
  fileprivate let descriptor: Int32
  /// Its size, bytes.
  package let bytes: Int

  /// Opens a block device or file; nothing is made where nothing is.
  package init(_ path: String) throws(Errno) {
    var size: Int64 = 0
    descriptor = unsafe tbx_direct_open(path, &size)
    if descriptor < 0 { throw Errno.last }
    bytes = Int(size)
  }

  deinit { tbx_direct_close(descriptor) }
}

/// Reads of drives into host memory, under way on threads of their own.
@safe
package final class DirectReads {
  /// One read. Offsets and size are multiples of the block size of the drive.
  package struct Piece {
    /// What is read.
    package var file: DirectFile
    /// Where in it, bytes.
    package var offset: Int
    /// Where it goes in the memory, bytes.
    package var place: Int
    /// How much, bytes.
    package var bytes: Int

    /// A read.
    package init(_ file: DirectFile, offset: Int, place: Int, bytes: Int) {
      self.file = file
      self.offset = offset
      self.place = place
      self.bytes = bytes
    }
  }

  private let files: [DirectFile]
  private let memory: HostMemory
  private var reads: OpaquePointer?

  /// Starts reads, so many at a time.
  package init(
    _ pieces: [Piece], into memory: HostMemory, threads: Int
  ) throws(CopyError) {
    files = pieces.map(\.file)
    self.memory = memory
    let list = unsafe pieces.filter { $0.place >= 0 && $0.place + $0.bytes <= memory.bytes }.map {
      unsafe tbx_piece(
        file: $0.file.descriptor, offset: Int64($0.offset), to: memory.address + $0.place,
        bytes: $0.bytes)
    }
    let count = unsafe list.count
    guard count == pieces.count else { throw .read("a read would end beyond its memory") }
    guard let started = unsafe tbx_reads_start(list, count, Int32(clamping: threads))
    else { throw .memory(Errno.last, node: memory.node) }
    unsafe reads = started
  }

  deinit {
    // Threads that did not end still write to the memory, which then stays as it is.
    if unsafe reads != nil {
      unsafe _ = Unmanaged.passRetained(memory)
      for file in files { unsafe _ = Unmanaged.passRetained(file) }
    }
  }

  /// Waits for their end.
  package func wait(_ limit: CopyLimit) throws(CopyError) {
    guard let running = unsafe reads else { return }
    try limit.wait(since: Clock.seconds()) { () throws(CopyError) in
      unsafe tbx_reads_wait(running, 20) != 0
    }
    unsafe reads = nil
    let failure = unsafe tbx_reads_end(running)
    if failure < 0 { throw .read("a read brought fewer bytes than asked for") }
    if failure > 0 { throw .read(Errno(failure).plainly) }
  }
}
