package import Base
internal import CLinux
internal import Glibc

/// Another program in place of this one.
package enum Program {
  /// Becomes the program, looked up in `PATH`. Comes back only when that failed.
  package static func replace(with arguments: [String]) throws(Errno) -> Never {
    var pointers = unsafe arguments.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    guard let program = unsafe pointers[0] else { throw Errno.EINVAL }
    unsafe execvp(program, &pointers)
    throw Errno(errno)
  }
}
