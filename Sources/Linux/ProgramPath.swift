internal import CLinux
internal import Glibc

/// Where a program that `ChildProcess` would start is.
package enum ProgramPath {
  /// The path of a program in the folders of `PATH` that it gets; nil when none has it.
  package static func find(
    _ name: String, in folders: String = "/usr/sbin:/usr/bin:/sbin:/bin"
  ) -> String? {
    folders.split(separator: ":").map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
  }
}
