package import Base
internal import CLinux
internal import Glibc

/// Permission bits of files.
package enum FileMode {
  /// Sets the bits of the file at a path (chmod(2)).
  package static func set(_ mode: UInt32, of path: String) throws(Errno) {
    guard unsafe chmod(path, mode) == 0 else { throw Errno(errno) }
  }
}
