package import Base
internal import CLinux
internal import Glibc

/// A folder of its own below `/tmp`, removed with what is in it when the value goes away.
package final class TemporaryFolder: Sendable {
  /// Its path.
  package let path: String

  /// Makes one, which nobody else may read (mkdtemp(3)).
  package init(in parent: String = "/tmp") throws(Failure) {
    var template = Array("\(parent)/tinybox.XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw Failure("make a folder in \(parent)", Errno(errno))
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TemporaryFolder.remove(path) }

  /// Removes a folder with what is in it; links are removed and not followed.
  static func remove(_ path: String) {
    guard unsafe rmdir(path) != 0, errno == ENOTEMPTY || errno == EEXIST else { return }
    guard let folder = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let inner = "\(path)/\(name)"
      if unsafe unlink(inner) != 0 { remove(inner) }
    }
    unsafe closedir(folder)
    _ = unsafe rmdir(path)
  }
}
