package import Base
internal import CLinux
internal import Glibc

/// What a watch of folders reports.
package enum FolderNotice: Hashable, Sendable {
  /// An entry was made in, or moved into, a watched folder.
  case created(folder: String, name: String)
  /// An entry was deleted in, or moved out of, a watched folder.
  case deleted(folder: String, name: String)
  /// A file that was open for writing in a watched folder was closed, or permissions of a file there or of the
  /// folder itself, whose name is empty then, have changed. Only where asked for.
  case written(folder: String, name: String)
  /// The folder itself is gone or has another name, and is watched no longer.
  case gone(folder: String)
  /// Events came faster than they were read and some are lost: look at everything again.
  case overrun
}

/// Reports what comes and goes in folders (inotify(7)).
///
/// It works where files are made by system calls, as control groups are. Folders of procfs and
/// sysfs are changed by the kernel itself, which inotify does not report.
package final class FolderWatch {
  /// Becomes readable when something has happened.
  package let descriptor: Int32
  private var folders: [Int32: String] = [:]
  private var waiting: [FolderNotice] = []
  private let includesWrites: Bool

  /// A watch of nothing yet.
  /// - Parameter includesWrites: also report files that were written in place, and changes of permissions.
  package init(includesWrites: Bool = false) throws(Failure) {
    self.includesWrites = includesWrites
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    if descriptor < 0 { throw Failure("watch folders (inotify_init1)", Errno(errno)) }
  }

  deinit { close(descriptor) }

  /// The folders that are watched, in no order.
  package var watched: some Collection<String> { folders.values }

  /// Watches a folder. One that is watched already stays so.
  /// - Returns: false when there is no such folder.
  /// - Throws: `Failure` with the path, for example ENOSPC at the system's limit
  ///   (`fs.inotify.max_user_watches`).
  package func watch(_ path: String) throws(Failure) -> Bool {
    let events = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF
    let mask =
      UInt32(events | (includesWrites ? IN_CLOSE_WRITE | IN_ATTRIB : 0)) | UInt32(IN_ONLYDIR)
    let watch = unsafe inotify_add_watch(descriptor, path, mask)
    if watch < 0 {
      if errno == ENOENT || errno == ENOTDIR { return false }
      throw Failure("watch the folder \(path)", Errno(errno))
    }
    folders[watch] = path
    return true
  }

  /// Watches a folder no longer. One that is not watched is left so.
  package func unwatch(_ path: String) {
    for (watch, folder) in folders where folder == path {
      folders[watch] = nil
      inotify_rm_watch(descriptor, watch)
    }
  }

  /// What has happened; nil when nothing more for now.
  /// - Throws: `Failure` when the watch is broken; a new one is needed then.
  package func next() throws(Failure) -> FolderNotice? {
    while waiting.isEmpty {
      if try !fill() { return nil }
    }
    return waiting.removeFirst()
  }

  /// Reads what there is. False when there is nothing.
  private func fill() throws(Failure) -> Bool {
    // Room for many events, and for at least one with the longest name.
    var buffer = [UInt8](repeating: 0, count: 16_384)
    var size = 0
    repeat {
      size = unsafe buffer.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
    } while size < 0 && errno == EINTR
    if size < 0 {
      if errno == EAGAIN { return false }
      throw Failure("read what happened in folders", Errno(errno))
    }
    // struct inotify_event: watch, mask, cookie and length of the name, 32 bits each.
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(buffer[offset + $1]) << UInt32(8 * $1) }
    }
    var offset = 0
    while offset + 16 <= size {
      let length = Int(word(offset + 12))
      guard offset + 16 + length <= size else { break }
      let name = buffer[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
      note(
        Int32(bitPattern: word(offset)), word(offset + 4), String(decoding: name, as: UTF8.self))
      offset += 16 + length
    }
    return true
  }

  private func note(_ watch: Int32, _ mask: UInt32, _ name: String) {
    func has(_ events: Int) -> Bool { mask & UInt32(events) != 0 }
    if has(Int(IN_Q_OVERFLOW)) { waiting.append(.overrun) }
    guard let folder = folders[watch] else { return }
    if has(Int(IN_CREATE)) || has(Int(IN_MOVED_TO)) {
      waiting.append(.created(folder: folder, name: name))
    } else if has(Int(IN_DELETE)) || has(Int(IN_MOVED_FROM)) {
      waiting.append(.deleted(folder: folder, name: name))
    } else if has(Int(IN_CLOSE_WRITE)) || has(Int(IN_ATTRIB)) {
      waiting.append(.written(folder: folder, name: name))
    } else if has(Int(IN_DELETE_SELF)) || has(Int(IN_MOVE_SELF)) || has(Int(IN_IGNORED))
      || has(Int(IN_UNMOUNT))
    {
      folders[watch] = nil
      // A folder with another name would go on to be reported under the old one.
      if has(Int(IN_MOVE_SELF)) { inotify_rm_watch(descriptor, watch) }
      waiting.append(.gone(folder: folder))
    }
  }
}
