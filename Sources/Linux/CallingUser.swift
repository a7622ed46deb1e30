package import Base
internal import CLinux
internal import Glibc

/// Who runs this program, and what that user may open.
package enum CallingUser {
  /// The effective user id; 0 is root.
  package static var id: UInt32 { geteuid() }

  /// Whether that is root.
  package static var isRoot: Bool { id == 0 }

  /// Whether a file may be opened; nil when it may, else why not.
  ///
  /// By its permissions alone (access(2) with AT_EACCESS): opening a GPU's node starts the card.
  package static func denial(_ path: String, writing: Bool) -> Errno? {
    let mode = writing ? R_OK | W_OK : R_OK
    return unsafe faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? nil : Errno(errno)
  }

  /// The name of the group that a file belongs to, else its number; nil where there is no file.
  package static func group(of path: String) -> String? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return nil }
    return UserDatabase.groupName(info.st_gid) ?? "\(info.st_gid)"
  }
}
