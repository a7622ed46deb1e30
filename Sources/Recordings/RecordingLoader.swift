internal import Base
internal import CLinux
internal import Glibc
package import KernelTree

/// Opens recordings: folders and tar archives made by `tinyboxctl capture`, hwloc's gather tool,
/// ghw's snapshot tool, or by hand.
package enum RecordingLoader {
  /// Opens a folder, read as it is asked for, or an archive, read whole into memory.
  package static func open(
    _ path: String, limits: RecordingLimits = RecordingLimits()
  ) throws(RecordingError) -> KernelTree {
    // Not blocking: a FIFO or a device named by mistake must not hang or rewind.
    let descriptor = unsafe tbx_open_read(path)
    guard descriptor >= 0 else {
      throw RecordingError(path: path, errno: .last, doing: "cannot open the recording")
    }
    var info = stat()
    let result = unsafe fstat(descriptor, &info)
    if result != 0 || info.st_mode & S_IFMT != S_IFREG {
      close(descriptor)
      if result == 0 && info.st_mode & S_IFMT == S_IFDIR { return try folder(path, limits: limits) }
      throw RecordingError(
        path: path, cause: .notAFile, reason: "a recording is a folder or a tar archive")
    }
    if info.st_size == 0 {
      close(descriptor)
      throw RecordingError(path: path, cause: .damaged, reason: "the file is empty")
    }
    let reader: ArchiveReader
    do throws(ArchiveError) {
      reader = try ArchiveReader.open(descriptor: descriptor)
    } catch {
      throw opening(error, path)
    }
    return try tree(reader, name: path, limits: limits)
  }

  /// Opens an archive held in memory.
  package static func open(
    archive bytes: [UInt8], name: String, limits: RecordingLimits = RecordingLimits()
  ) throws(RecordingError) -> KernelTree {
    let reader: ArchiveReader
    do throws(ArchiveError) {
      reader = try ArchiveReader.open(bytes: bytes)
    } catch {
      throw opening(error, name)
    }
    return try tree(reader, name: name, limits: limits)
  }

  private static func opening(_ error: ArchiveError, _ path: String) -> RecordingError {
    RecordingError(
      path: path, cause: error.errno == 0 ? .library : .damaged, reason: error.description)
  }

  private static func tree(
    _ reader: consuming ArchiveReader, name: String, limits: RecordingLimits
  ) throws(RecordingError) -> KernelTree {
    let archive = try ArchiveTree.read(reader, name: name, limits: limits)
    guard let root = try RecordingRoot.find(archive.items.lazy.map(\.path), name: name)
    else { throw noKernelFiles(name) }
    var builder = MemoryTreeBuilder()
    for item in archive.items {
      guard let path = root.mounted(item.path), path != "/" else { continue }
      builder.set(path, item.node)
    }
    var notes: RecordingNotes?
    if case .file(let text, _) = builder.nodes[RecordingNotes.path] {
      notes = try RecordingNotes.parse(text, recording: name)
      builder.remove(RecordingNotes.path)
    }
    return RecordingNotes.tree(builder, notes, origin: .archive(name))
  }

  private static func folder(
    _ path: String, limits: RecordingLimits
  ) throws(RecordingError) -> KernelTree {
    guard let root = try RecordingRoot.find(folder: path) else { throw noKernelFiles(path) }
    let plain = DirectorySource(root: path, at: root)
    let request = ReadRequest(RecordingNotes.path, limit: limits.file)
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try plain.bytes(request)
    } catch {
      if error.cause == .notFound { return KernelTree(plain) }
      throw RecordingError(path: path, cause: .notes, reason: error.description)
    }
    let notes = try RecordingNotes.parse(text, recording: path)
    return KernelTree(ReplaySource(DirectorySource(root: path, at: root, notes: notes), notes))
  }

  private static func noKernelFiles(_ path: String) -> RecordingError {
    RecordingError(path: path, cause: .noKernelFiles, reason: "no /sys or /proc in it")
  }
}

extension RecordingRoot {
  /// How many folders are looked into for a KFD topology before giving up.
  private static let mostFolders = 2000

  /// Finds the root below a folder of this machine, without following links.
  static func find(folder: String) throws(RecordingError) -> RecordingRoot? {
    // The topology folder itself.
    if isFolder(folder + "/nodes"), (try? lstatOf(hostPath: folder + "/generation_id", "")) != nil {
      return .kfdTopology("/")
    }
    // Breadth first, as deep as `testdata/NAME/topology`.
    var paths: [String] = []
    var level = ["/"]
    for depth in 0..<4 {
      var next: [String] = []
      for parent in level {
        let names: [String]
        do throws(ReadFailure) {
          names = try listNames(hostPath: folder + parent, folder)
        } catch {
          if parent == "/" {
            throw RecordingError(
              path: folder, cause: .system(error.cause.errno ?? .EIO), reason: error.reason)
          }
          continue
        }
        for name in names.sorted() {
          let path = parent == "/" ? "/" + name : parent + "/" + name
          if isFolder(folder + path) {
            if depth < 2 { paths.append(path) }
            next.append(path)
          } else if name == "generation_id" {
            paths.append(path)
          }
        }
      }
      if depth < 2, let found = try find(paths, name: folder) { return found }
      if next.count > mostFolders { return nil }
      level = next
    }
    return try find(paths.filter { $0.hasSuffix("/generation_id") }, name: folder)
  }

  private static func isFolder(_ hostPath: String) -> Bool {
    (try? lstatOf(hostPath: hostPath, ""))?.kind == .directory
  }
}
