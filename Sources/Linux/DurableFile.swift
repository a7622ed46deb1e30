package import Base
internal import CLinux
internal import Glibc

/// Files that appear whole or not at all, also after a power cut: written aside in the same
/// folder, synchronised, renamed, and the folder synchronised.
package enum DurableFile {
  /// Who may do what with a file.
  package struct Access: Hashable, Sendable {
    /// Permission bits.
    package var mode: UInt32
    /// Its group; nil for that of the process.
    package var group: UInt32?

    /// Bits and group.
    package init(mode: UInt32, group: UInt32? = nil) {
      self.mode = mode
      self.group = group
    }
  }

  /// Writes a file, replacing one that is there.
  /// - Parameter access: bits and group that hold from the moment it can be seen; nil for 0644
  ///   less the umask.
  /// - Throws: `Failure` with the step that failed.
  package static func write(
    _ content: [UInt8], to path: String, access: Access? = nil
  ) throws(Failure) {
    let slash = path.utf8.lastIndex(of: 0x2f)
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    let temporary = "\(folder)/.\(name.prefix(100)).\(getpid()).tmp"
    let descriptor = unsafe tbx_create_new(temporary, access == nil ? 0o644 : 0o600)
    guard descriptor >= 0 else {
      throw Failure("create a file in \(folder)", Errno(errno))
    }
    do throws(Failure) {
      do throws(Failure) {
        if let access { try set(access, descriptor) }
        try writeAll(content, descriptor)
        if fsync(descriptor) != 0 { throw Failure("synchronise it", Errno(errno)) }
      } catch {
        close(descriptor)
        throw error
      }
      if close(descriptor) != 0 { throw Failure("close it", Errno(errno)) }
      if unsafe rename(temporary, path) != 0 { throw Failure("rename it", Errno(errno)) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    let parent = unsafe tbx_open_read(folder)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
  }

  /// Makes a folder that only its owner may write, unless it is there.
  package static func makeFolder(_ path: String) throws(Failure) {
    if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
      throw Failure("make the folder \(path)", Errno(errno))
    }
  }

  /// Removes a file for good; one that is not there is no failure.
  package static func remove(_ path: String) throws(Failure) {
    if unsafe unlink(path) != 0, errno != ENOENT {
      throw Failure("remove \(path)", Errno(errno))
    }
  }

  private static func set(_ access: Access, _ descriptor: Int32) throws(Failure) {
    // The group first: a change of owner takes bits away.
    if let group = access.group, fchown(descriptor, uid_t.max, group) != 0 {
      throw Failure("give it to its group", Errno(errno))
    }
    if fchmod(descriptor, access.mode) != 0 {
      throw Failure("set its permissions", Errno(errno))
    }
  }

  static func writeAll(_ content: [UInt8], _ descriptor: Int32) throws(Failure) {
    try writeAll(content[...], descriptor)
  }

  static func writeAll(_ content: ArraySlice<UInt8>, _ descriptor: Int32) throws(Failure) {
    var rest = content
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw Failure("write it", Errno(errno))
      }
      rest = rest.dropFirst(written)
    }
  }
}
