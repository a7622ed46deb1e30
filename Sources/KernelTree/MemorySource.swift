internal import Base

/// A tree held in memory: a recording read from an archive, a generated machine, a test.
///
/// It never touches the disk, so a recording's links and names can do no harm.
package final class MemorySource: TreeSource {
  /// What lies at a path.
  package enum Node: Sendable {
    /// A file and its permission bits.
    case file([UInt8], permissions: UInt16)
    /// A folder, the names in it, and its permission bits.
    case directory(Set<String>, permissions: UInt16)
    /// A link and its target as written.
    case link(String)
    /// Something whose content could not be read when it was recorded. `kind` is what it was.
    case failing(ReadFailure.Cause, kind: FileStatus.Kind)
  }

  /// Where the tree comes from.
  package let origin: TreeOrigin
  private let nodes: [String: Node]
  private let names: [String: Set<String>]
  private let probes: [String: Result<[UInt8], ReadFailure>]
  private let resolver = PathResolver()

  /// A tree of the nodes of a builder.
  package init(_ builder: MemoryTreeBuilder, origin: TreeOrigin) {
    nodes = builder.nodes
    names = builder.names
    probes = builder.probes
    self.origin = origin
  }

  /// The whole content of a file, links followed.
  package func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    switch try node(request.path).node {
    case .file(let content, _):
      if content.count > request.limit {
        throw ReadFailure(path: request.path, cause: .tooLarge(limit: request.limit))
      }
      return content
    case .failing(let cause, _): throw ReadFailure(path: request.path, cause: cause)
    case .directory: throw ReadFailure(path: request.path, cause: .system(.EISDIR))
    case .link: throw ReadFailure(path: request.path, cause: .notFound)
    }
  }

  /// The names in a folder, links followed.
  package func entries(_ path: String) throws(ReadFailure) -> [String] {
    let found = try node(path)
    switch found.node {
    case .directory: return Array(names[found.path] ?? [])
    case .failing(let cause, _): throw ReadFailure(path: path, cause: cause)
    case .file, .link: throw ReadFailure(path: path, cause: .notFound)
    }
  }

  /// The target of a link as it is written.
  package func linkTarget(_ path: String) throws(ReadFailure) -> String {
    switch try node(path, followLast: false).node {
    case .link(let target): return target
    case .failing(let cause, kind: .link): throw ReadFailure(path: path, cause: cause)
    default: throw ReadFailure(path: path, cause: .notFound)
    }
  }

  /// The path with every link resolved.
  package func realPath(_ path: String) throws(ReadFailure) -> String { try node(path).path }

  /// Type and permission bits of the path itself.
  package func status(_ path: String) throws(ReadFailure) -> FileStatus {
    switch try node(path, followLast: false).node {
    case .file(_, let permissions): FileStatus(kind: .file, permissions: permissions)
    case .directory(_, let permissions): FileStatus(kind: .directory, permissions: permissions)
    case .link: FileStatus(kind: .link, permissions: 0o777)
    case .failing(_, let kind): FileStatus(kind: kind, permissions: 0)
    }
  }

  /// See `TreeSource.probe`.
  package func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    guard let answer = probes[name] else { throw ReadFailure(path: name, cause: .notRecorded) }
    return try answer.get()
  }

  private func node(
    _ path: String, followLast: Bool = true
  ) throws(ReadFailure) -> (path: String, node: Node) {
    // Most paths hold no link at all.
    if let node = nodes[path] {
      if case .link = node, followLast {} else { return (path, node) }
    }
    let resolved = try resolver.resolve(path, followLast: followLast) { path in
      switch nodes[path] {
      case .link(let target): .link(target)
      case .some: .present
      case nil: .missing
      }
    }
    guard let node = nodes[resolved] else { throw ReadFailure(path: path, cause: .notFound) }
    return (resolved, node)
  }
}
