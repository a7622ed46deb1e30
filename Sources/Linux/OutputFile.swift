package import Base
internal import CLinux
internal import Glibc

/// A file that a person names for output. It may be anything: a file, a link to one, a device, a pipe.
package enum OutputFile {
  /// Writes a file whole, replacing one that is there and following a link; to a device or a pipe the
  /// text is written as a shell's `>` would, since a file renamed over `/dev/null` takes the device away
  /// from everybody.
  /// - Throws: `Failure` with the step that failed.
  package static func write(_ content: [UInt8], to path: String) throws(Failure) {
    var status = stat()
    let place: String
    if unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
      guard let resolved = unsafe realpath(path, nil) else {
        throw Failure("follow the link", Errno(errno))
      }
      defer { unsafe free(resolved) }
      place = unsafe String(cString: resolved)
      if unsafe stat(place, &status) != 0 { throw Failure("look at it", Errno(errno)) }
    } else {
      place = path
    }
    if status.st_mode == 0 || status.st_mode & S_IFMT == S_IFREG {
      return try DurableFile.write(content, to: place)
    }
    let descriptor = unsafe tbx_open_output(place)
    guard descriptor >= 0 else { throw Failure("open it", Errno(errno)) }
    defer { close(descriptor) }
    try DurableFile.writeAll(content, descriptor)
  }
}
