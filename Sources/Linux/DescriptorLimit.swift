package import Base
internal import CLinux
internal import Glibc

/// How many descriptors this process may have open (getrlimit(2), RLIMIT_NOFILE).
package enum DescriptorLimit {
  /// Raises the limit to the highest that needs no privilege; systemd starts services with 1024 of
  /// 524288. Programs started later inherit it, and the old select(2) cannot cope with more than
  /// 1024: nothing here uses it.
  /// - Returns: the limit from now on.
  @discardableResult package static func raise() throws(Failure) -> UInt64 {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Failure("read the limit of open files", Errno(errno))
    }
    limit.rlim_cur = limit.rlim_max
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Failure("raise the limit of open files", Errno(errno))
    }
    return UInt64(limit.rlim_cur)
  }
}
