package import Base
internal import CLinux
internal import Glibc

/// Space on mounted file systems.
package enum FileSystem {
  /// Sizes of a file system.
  package struct Space: Hashable, Sendable {
    /// Bytes that ordinary users may still write; root may have more.
    package var free: UInt64
    /// Bytes of the whole file system.
    package var total: UInt64
    /// Files that ordinary users may still make.
    package var freeFiles: UInt64
    /// Files it can hold; 0 where there is no limit.
    package var totalFiles: UInt64
  }

  /// Space on the file system mounted at a path (statvfs).
  package static func space(_ path: String) throws(Errno) -> Space {
    var answer = statvfs()
    guard unsafe statvfs(path, &answer) == 0 else { throw Errno(errno) }
    let unit = UInt64(answer.f_frsize)
    let free = unit.multipliedReportingOverflow(by: UInt64(answer.f_bavail))
    let total = unit.multipliedReportingOverflow(by: UInt64(answer.f_blocks))
    if free.overflow || total.overflow { throw Errno.EOVERFLOW }
    return Space(
      free: free.partialValue, total: total.partialValue,
      freeFiles: UInt64(answer.f_favail), totalFiles: UInt64(answer.f_files))
  }
}
