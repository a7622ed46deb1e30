internal import CLinux
internal import Glibc

/// A recording in a folder of this machine. Files are read when they are asked for.
///
/// Links are resolved by us, inside the folder: an absolute link of a recorded machine must not
/// lead into `/sys` of this one. Only regular files are opened, never a FIFO or a device that
/// somebody put into the recording.
public final class DirectorySource: TreeSource {
  /// Where the tree comes from.
  public let origin: TreeOrigin
  private let root: String
  private let place: RecordingRoot
  /// What the recording's notes know to be there without content.
  private let unread: [String: FileStatus]
  private let unreadNames: [String: [String]]
  private let resolver = PathResolver()

  /// A tree whose `/` is the folder `root`.
  public convenience init(root: String) { self.init(root: root, at: .tree("/")) }

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
  public func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    let path = try resolved(request.path)
    guard let hostPath = hostPath(path), let status = try? lstatOf(hostPath: hostPath, path) else {
      throw ReadFailure(path: request.path, cause: .notRecorded)
    }
    switch status.kind {
    case .file: return try readWhole(hostPath: hostPath, request)
    case .directory: throw ReadFailure(path: request.path, cause: .notFound)
    case .link, .other: throw ReadFailure(path: request.path, cause: .notRecorded)
    }
  }

  /// The names in a folder, links followed.
  public func entries(_ path: String) throws(ReadFailure) -> [String] {
    let folder = try resolved(path)
    if let name = virtualName(folder) { return [name] }
    guard let hostPath = hostPath(folder) else {
      throw ReadFailure(path: path, cause: .notRecorded)
    }
    do throws(ReadFailure) {
      let names = try listNames(hostPath: hostPath, path)
      guard let more = unreadNames[folder] else { return names }
      return Array(Set(names).union(more))
    } catch {
      if unread[folder] != nil { throw ReadFailure(path: path, cause: .notRecorded) }
      throw error
    }
  }

  /// The target of a link as it is written.
  public func linkTarget(_ path: String) throws(ReadFailure) -> String {
    let link = try resolved(path, followLast: false)
    guard let hostPath = hostPath(link) else { throw ReadFailure(path: path, cause: .notFound) }
    return try readLinkText(hostPath: hostPath, path)
  }

  /// The path with every link resolved.
  public func realPath(_ path: String) throws(ReadFailure) -> String { try resolved(path) }

  /// Type and permission bits of the path itself.
  public func status(_ path: String) throws(ReadFailure) -> FileStatus {
    let here = try resolved(path, followLast: false)
    if virtualName(here) != nil { return FileStatus(kind: .directory, permissions: 0o755) }
    if let hostPath = hostPath(here), let status = try? lstatOf(hostPath: hostPath, path) {
      return status
    }
    if let status = unread[here] { return status }
    throw ReadFailure(path: path, cause: .notFound)
  }

  /// See `TreeSource.probe`.
  public func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    throw ReadFailure(path: name, cause: .notRecorded)
  }

  private func resolved(
    _ path: String, followLast: Bool = true
  ) throws(ReadFailure) -> String {
    try resolver.resolve(path, followLast: followLast) { (here) throws(ReadFailure) in
      if virtualName(here) != nil { return .present }
      guard let hostPath = hostPath(here) else { return .missing }
      do throws(ReadFailure) {
        switch try lstatOf(hostPath: hostPath, path).kind {
        case .link: return .link(try readLinkText(hostPath: hostPath, path))
        case .file, .directory, .other: return .present
        }
      } catch {
        if error.cause == .notFound { return unread[here] == nil ? .missing : .present }
        throw error
      }
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
