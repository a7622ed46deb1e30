package import Base
internal import CLinux
internal import Glibc

/// What is in a folder.
package enum FolderNames {
  /// The names in a folder, in no order, without `.` and `..`.
  package static func list(_ path: String) throws(Errno) -> [String] {
    guard let folder = unsafe opendir(path) else { throw Errno(errno) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw Errno(errno) }
    return names
  }
}
