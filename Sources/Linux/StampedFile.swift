package import Base
internal import CLinux
internal import Glibc

/// The version of a file, as stat(2) shows it.
package struct FileStamp: Hashable, Sendable {
  /// Device and inode: a file that was replaced has another.
  package var device: UInt64
  package var inode: UInt64
  /// Bytes.
  package var size: Int
  /// When its content changed, seconds and nanoseconds since 1970.
  package var modified: [Int]

  /// Whether it is the same file, whatever is in it.
  package func isSameFile(as other: FileStamp) -> Bool {
    device == other.device && inode == other.inode
  }
}

/// A small file together with the version that was read.
package struct StampedFile: Sendable {
  /// Its bytes.
  package var bytes: [UInt8]
  /// Its version.
  package var stamp: FileStamp

  /// The version of the file at a path now, links followed.
  package static func stamp(_ path: String) throws(Errno) -> FileStamp {
    var status = stat()
    guard unsafe fstatat(AT_FDCWD, path, &status, 0) == 0 else { throw Errno(errno) }
    return FileStamp(status)
  }

  /// Reads a file whole.
  /// - Parameters:
  ///   - mayBeEmptied: also one that is a link to `/dev/null`, as files in folders of configuration are masked;
  ///     it is empty.
  ///   - followsLinks: whether the file may be a link; where another user may have put it there, it may not.
  /// - Throws: the errno; EFBIG for a file above the limit, EINVAL for one that is no file, ELOOP for a link.
  package static func read(
    _ path: String, limit: Int, mayBeEmptied: Bool = false, followsLinks: Bool = true
  ) throws(Errno) -> StampedFile {
    let descriptor = unsafe followsLinks ? tbx_open_read(path) : tbx_open_read_no_link(path)
    guard descriptor >= 0 else { throw Errno(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Errno(errno) }
    // Major 1, minor 3 (Documentation/admin-guide/devices.txt).
    let isNull = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0x103
    if mayBeEmptied, isNull { return StampedFile(bytes: [], stamp: FileStamp(status)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Errno.EINVAL }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw Errno(errno)
      }
      if count == 0 { break }
      content += chunk.prefix(count)
      if content.count > limit { throw Errno.EFBIG }
    }
    return StampedFile(bytes: content, stamp: FileStamp(status))
  }
}

extension FileStamp {
  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    modified = [Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)]
  }
}
