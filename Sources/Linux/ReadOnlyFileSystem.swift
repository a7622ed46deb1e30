package import Base
internal import CLinux
internal import Glibc

/// A file system that somebody else made, mounted in no folder while it is read: read-only, without devices, programs
/// and links. The mount goes with the value, and with the process.
package struct ReadOnlyFileSystem: ~Copyable {
  private let folder: Int32

  /// Mounts a block device.
  /// - Parameter kind: its file system, as the kernel names it.
  /// - Throws: what fsopen(2), fsconfig(2) and fsmount(2) answer: ENODEV for a file system that this kernel has not,
  ///   EINVAL for one that is damaged, EPERM without CAP_SYS_ADMIN.
  package init(device: String, kind: String) throws(Errno) {
    let mounted = unsafe tbx_mount_read_only(kind, device, kind == "ext4" ? 1 : 0)
    guard mounted >= 0 else { throw Errno(errno) }
    folder = mounted
  }

  deinit { close(folder) }

  /// The bytes of a file in its top folder; nil where there is none.
  /// - Throws: EFBIG for a file above the limit, EINVAL for what is no file, ELOOP for a link.
  package func bytes(_ name: String, limit: Int) throws(Errno) -> [UInt8]? {
    do throws(Errno) {
      // Through proc(5), and not by a path: no folder has it.
      return try StampedFile.read(
        "/proc/self/fd/\(folder)/\(name)", limit: limit, followsLinks: false
      ).bytes
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }
}
