internal import Base
package import KernelTree
internal import Synchronization

/// A recording in a folder of this machine. Files are read when they are asked for.
///
/// Links are resolved here, inside the folder: an absolute link of a recorded machine must not lead
/// into `/sys` of this one. Only regular files are opened, never a FIFO or a device that somebody
/// put into the recording.
package final class DirectorySource: TreeSource {
  /// Where the tree comes from.
  package let origin: TreeOrigin
  private let root: String
  private let place: RecordingRoot
  /// What the recording's notes know to be there without content.
  private let unread: [String: FileStatus]
  private let unreadNames: [String: [String]]
  private let resolver = PathResolver()
  private let known = Mutex<[String: Found]>([:])

  /// A tree whose `/` is the folder `root`.
  package convenience init(root: String) { self.init(root: root, at: .tree("/")) }

  init(root: String, at place: RecordingRoot, notes: RecordingNotes? = nil) {
    origin = .directory(root)
    self.root = root.utf8.last == 0x2f ? String(root.dropLast()) : root
    self.place = place
    unread = notes?.allUnread ?? [:]
    unreadNames = Dictionary(
      unread.keys.compactMap { path in
        MemoryTreeBuilder.split(path).map { ($0.parent, [$0.name]) }
      }, uniquingKeysWith: +)
  }

  /// The whole content of a file, links followed.
  package func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    let found = try find(request.path)
    switch (found.status.kind, found.hostPath) {
    case (.file, let hostPath?): return try readWhole(hostPath: hostPath, request)
    case (.directory, _): throw ReadFailure(path: request.path, cause: .system(.EISDIR))
    default: throw ReadFailure(path: request.path, cause: .notRecorded)
    }
  }

  /// The names in a folder, links followed.
  package func entries(_ path: String) throws(ReadFailure) -> [String] {
    let found = try find(path)
    if let name = virtualName(found.path) { return [name] }
    guard let hostPath = found.hostPath else {
      throw ReadFailure(path: path, cause: .notRecorded)
    }
    let names = try listNames(hostPath: hostPath, path)
    guard let more = unreadNames[found.path] else { return names }
    return Array(Set(names).union(more))
  }

  /// The target of a link as it is written.
  package func linkTarget(_ path: String) throws(ReadFailure) -> String {
    guard let target = try find(path, followLast: false).target else {
      throw ReadFailure(path: path, cause: .notFound)
    }
    return target
  }

  /// The path with every link resolved.
  package func realPath(_ path: String) throws(ReadFailure) -> String { try find(path).path }

  /// Type and permission bits of the path itself.
  package func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try find(path, followLast: false).status
  }

  /// See `TreeSource.probe`.
  package func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    throw ReadFailure(path: name, cause: .notRecorded)
  }

  /// What lies at a resolved path.
  private struct Found {
    var path: String
    /// Where it lies on this machine; nil for what only the notes or the mount know.
    var hostPath: String?
    var status: FileStatus
    /// The target of a link.
    var target: String?
  }

  private func find(_ path: String, followLast: Bool = true) throws(ReadFailure) -> Found {
    let here = try resolver.resolve(path, followLast: followLast) { (here) throws(ReadFailure) in
      guard let found = try look(here) else { return .missing }
      return found.target.map(PathResolver.Lookup.link) ?? .present
    }
    guard let found = try look(here) else { throw ReadFailure(path: path, cause: .notFound) }
    return found
  }

  /// What is at a path whose folder is resolved; nil for nothing. Remembered: the same folders and
  /// links are on the way to thousands of files.
  private func look(_ path: String) throws(ReadFailure) -> Found? {
    if let found = known.withLock({ $0[path] }) { return found }
    guard let found = try lookOnDisk(path) else { return nil }
    known.withLock { $0[path] = found }
    return found
  }

  private func lookOnDisk(_ path: String) throws(ReadFailure) -> Found? {
    if virtualName(path) != nil {
      return Found(path: path, status: FileStatus(kind: .directory, permissions: 0o755))
    }
    guard let hostPath = hostPath(path) else { return nil }
    do throws(ReadFailure) {
      var found = Found(
        path: path, hostPath: hostPath, status: try lstatOf(hostPath: hostPath, path))
      if found.status.kind == .link {
        found.target = try readLinkText(hostPath: hostPath, path)
      }
      return found
    } catch {
      if error.cause != .notFound { throw error }
      return unread[path].map { Found(path: path, status: $0) }
    }
  }

  /// Where a resolved path lies on this machine; nil when outside of what is mounted.
  private func hostPath(_ path: String) -> String? {
    switch place {
    case .tree("/"): return root + path
    case .tree(let top): return root + top + path
    case .kfdTopology(let top):
      guard let rest = RecordingRoot.below(path, RecordingRoot.kfdMount) else { return nil }
      return root + (top == "/" ? "" : top) + (rest.isEmpty ? "/" : rest)
    }
  }

  /// The one name in a folder above a mounted topology, which exists nowhere; nil elsewhere.
  private func virtualName(_ path: String) -> String? {
    guard case .kfdTopology = place else { return nil }
    let folder = path == "/" ? "" : path
    guard let rest = RecordingRoot.below(RecordingRoot.kfdMount, folder), !rest.isEmpty
    else { return nil }
    return rest.split(separator: "/").first.map(String.init)
  }
}
