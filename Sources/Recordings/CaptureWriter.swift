internal import Base
internal import CLinux
internal import Glibc
internal import KernelTree

/// Writes recordings as tar archives compressed with zstd.
package enum CaptureWriter {
  /// Writes a recording. The file appears whole or not at all.
  /// - Parameters:
  ///   - path: the archive, such as `box.tar.zst`.
  ///   - force: replace a file that is there.
  package static func write(
    _ recording: Recording, to path: String, force: Bool = false
  ) throws(RecordingError) {
    var info = stat()
    if unsafe lstat(path, &info) == 0 {
      if info.st_mode & S_IFMT == S_IFDIR {
        throw RecordingError(path: path, cause: .system(Errno(EISDIR)), reason: "is a folder")
      }
      if !force { throw exists(path) }
      // A file renamed over a device, such as /dev/null, would take it away from everybody.
      if ![S_IFREG, S_IFLNK].contains(info.st_mode & S_IFMT) {
        throw RecordingError(path: path, cause: .notAFile, reason: "is no ordinary file")
      }
    }
    let slash = path.utf8.lastIndex(of: 0x2f)
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    if name.isEmpty {
      throw RecordingError(path: path, cause: .system(Errno(EISDIR)), reason: "is a folder")
    }
    let temporary = "\(folder)/.\(name.prefix(100)).\(getpid()).tmp"
    let descriptor = unsafe tbx_create_new(temporary, 0o644)
    guard descriptor >= 0 else { throw failure(path, .last, "cannot create it") }
    do throws(RecordingError) {
      do throws(RecordingError) {
        try writeArchive(recording, descriptor, path)
        if fsync(descriptor) != 0 { throw failure(path, .last, "cannot write it") }
      } catch {
        close(descriptor)
        throw error
      }
      // A network file system may report a full disk only here.
      if close(descriptor) != 0 { throw failure(path, .last, "cannot write it") }
      try rename(temporary, path, force: force)
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    synchronise(folder)
  }

  private static func writeArchive(
    _ recording: Recording, _ descriptor: Int32, _ path: String
  ) throws(RecordingError) {
    let now = time(nil)
    do throws(ArchiveError) {
      var writer = try ArchiveWriter.open(descriptor: descriptor)
      try writer.add(
        String(RecordingNotes.path.dropFirst()), kind: .file, permissions: 0o644, time: now,
        content: recording.notes.json)
      for (path, node) in recording.nodes.sorted(by: { $0.key < $1.key }) {
        let name = String(path.dropFirst())
        switch node.status.kind {
        case .directory:
          try writer.add(
            name, kind: .directory, permissions: node.status.permissions, time: now)
        case .link:
          guard let target = node.target else { continue }
          try writer.add(name, kind: .link(target), permissions: 0o777, time: now)
        case .file, .other:
          guard let content = node.content else { continue }
          try writer.add(
            name, kind: .file, permissions: node.status.permissions, time: now, content: content)
        }
      }
      try writer.finish()
    } catch {
      if error.errno == ENOSPC || error.errno == EDQUOT {
        throw failure(path, Errno(error.errno), "cannot write it")
      }
      let cause: RecordingError.Cause = error.errno > 0 ? .system(Errno(error.errno)) : .library
      throw RecordingError(path: path, cause: cause, reason: error.description)
    }
  }

  private static func rename(
    _ temporary: String, _ path: String, force: Bool
  ) throws(RecordingError) {
    if force {
      if unsafe Glibc.rename(temporary, path) != 0 { throw failure(path, .last, "cannot write it") }
      return
    }
    if unsafe tbx_rename_new(temporary, path) == 0 { return }
    let errno = Errno.last
    if errno == .EEXIST { throw exists(path) }
    // A file system that cannot refuse by itself, such as NFS: look, then replace.
    if errno != .EINVAL && errno != Errno(ENOSYS) { throw failure(path, errno, "cannot write it") }
    if unsafe access(path, F_OK) == 0 { throw exists(path) }
    if unsafe Glibc.rename(temporary, path) != 0 { throw failure(path, .last, "cannot write it") }
  }

  /// Makes the new name survive a power failure. A file system without it loses no content.
  private static func synchronise(_ folder: String) {
    let descriptor = unsafe tbx_open_read(folder)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  private static func exists(_ path: String) -> RecordingError {
    RecordingError(path: path, cause: .exists, reason: "exists; name another file or force it")
  }

  private static func failure(_ path: String, _ errno: Errno, _ doing: String) -> RecordingError {
    RecordingError(path: path, errno: errno, doing: doing)
  }
}
