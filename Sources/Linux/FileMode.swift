public import Base
internal import Glibc

/// Permission bits of files.
public enum FileMode {
  /// Sets the bits of the file at a path (chmod(2)).
  public static func set(_ mode: UInt32, of path: String) throws(Errno) {
    guard unsafe chmod(path, mode) == 0 else { throw Errno(errno) }
  }
}
