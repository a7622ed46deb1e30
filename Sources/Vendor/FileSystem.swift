internal import CLinux
internal import Glibc

/// Space on mounted file systems.
public enum FileSystem {
  /// Sizes of a file system, bytes.
  public struct Space: Hashable, Sendable {
    /// What ordinary users may still write; root may have more.
    public var free: UInt64
    /// Whole file system.
    public var total: UInt64
  }

  /// Space on the file system mounted at a path (statvfs).
  public static func space(_ path: String) throws(CallFailure) -> Space {
    var answer = statvfs()
    guard unsafe statvfs(path, &answer) == 0 else { throw CallFailure(errno: errno) }
    let unit = UInt64(answer.f_frsize)
    let free = unit.multipliedReportingOverflow(by: UInt64(answer.f_bavail))
    let total = unit.multipliedReportingOverflow(by: UInt64(answer.f_blocks))
    if free.overflow || total.overflow { throw CallFailure(errno: EOVERFLOW) }
    return Space(free: free.partialValue, total: total.partialValue)
  }
}
