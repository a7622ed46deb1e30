package import Base
internal import CLinux
internal import Glibc

/// Permission bits of files.
package enum FileMode {
  /// Sets the bits of the file at a path (chmod(2)).
  package static func set(_ mode: UInt32, of path: String) throws(Errno) {
    guard unsafe chmod(path, mode) == 0 else { throw Errno(errno) }
  }

  /// Lets everybody read what this process and its children make from now on, and only the owner write (umask(2)):
  /// for folders that other users' programs read, whatever umask the person who asks has.
  package static func shareNewFiles() { _ = umask(0o022) }
}
