/// A tree held in memory: a recording read from an archive, a generated machine, a test.
///
/// Nothing of it touches the disk, so a recording's links and names can say what they like.
public final class MemorySource: TreeSource {
  /// What lies at a path.
  public enum Node: Sendable {
    /// A file and its permission bits.
    case file([UInt8], permissions: UInt16)
    /// A folder, the names in it, and its permission bits.
    case directory(Set<String>, permissions: UInt16)
    /// A link and its target as written.
    case link(String)
    /// Something whose content could not be read when it was recorded. `kind` is what it was.
    case failing(ReadFailure.Cause, kind: FileStatus.Kind)
  }

  public let origin: TreeOrigin
  private let nodes: [String: Node]
  private let probes: [String: Result<[UInt8], ReadFailure>]

  /// A tree of the nodes of a builder.
  public init(_ builder: MemoryTreeBuilder, origin: TreeOrigin) {
    nodes = builder.nodes
    probes = builder.probes
    self.origin = origin
  }

  public func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    switch try node(request.path).node {
    case .file(let content, _):
      if content.count > request.limit {
        throw ReadFailure(path: request.path, cause: .tooLarge(limit: request.limit))
      }
      return content
    case .failing(let cause, _): throw ReadFailure(path: request.path, cause: cause)
    case .directory, .link: throw ReadFailure(path: request.path, cause: .notFound)
    }
  }

  public func entries(_ path: String) throws(ReadFailure) -> [String] {
    switch try node(path).node {
    case .directory(let names, _): return Array(names)
    case .failing(let cause, _): throw ReadFailure(path: path, cause: cause)
    case .file, .link: throw ReadFailure(path: path, cause: .notFound)
    }
  }

  public func linkTarget(_ path: String) throws(ReadFailure) -> String {
    switch try node(path, followLast: false).node {
    case .link(let target): return target
    case .failing(let cause, kind: .link): throw ReadFailure(path: path, cause: cause)
    default: throw ReadFailure(path: path, cause: .notFound)
    }
  }

  public func realPath(_ path: String) throws(ReadFailure) -> String { try node(path).path }

  public func status(_ path: String) throws(ReadFailure) -> FileStatus {
    switch try node(path, followLast: false).node {
    case .file(_, let permissions): FileStatus(kind: .file, permissions: permissions)
    case .directory(_, let permissions): FileStatus(kind: .directory, permissions: permissions)
    case .link: FileStatus(kind: .link, permissions: 0o777)
    case .failing(_, let kind): FileStatus(kind: kind, permissions: 0)
    }
  }

  public func probe(
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
    let resolved = try PathResolver.resolve(path, followLast: followLast) { path in
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

/// Collects the nodes of a `MemorySource`. Folders above a node appear by themselves.
public struct MemoryTreeBuilder: Sendable {
  var nodes: [String: MemorySource.Node] = ["/": .directory([], permissions: 0o755)]
  var probes: [String: Result<[UInt8], ReadFailure>] = [:]

  /// An empty tree.
  public init() {}

  /// Puts a node at an absolute path, in place of what was there. The names a folder already has
  /// are kept.
  public mutating func set(_ path: String, _ node: MemorySource.Node) {
    addParents(of: path)
    if case .directory(let more, let permissions) = node,
      case .directory(let names, _) = nodes[path]
    {
      nodes[path] = .directory(names.union(more), permissions: permissions)
    } else {
      nodes[path] = node
    }
  }

  /// Puts a file of text; a line feed is appended as the kernel does.
  public mutating func file(_ path: String, _ text: String, permissions: UInt16 = 0o444) {
    set(path, .file(Array((text + "\n").utf8), permissions: permissions))
  }

  /// Puts a file of bytes.
  public mutating func file(_ path: String, bytes: [UInt8], permissions: UInt16 = 0o444) {
    set(path, .file(bytes, permissions: permissions))
  }

  /// Puts a link.
  public mutating func link(_ path: String, to target: String) { set(path, .link(target)) }

  /// Puts an empty folder, or none where there is one.
  public mutating func directory(_ path: String) {
    set(path, .directory([], permissions: 0o755))
  }

  /// Removes a path and what is below it.
  public mutating func remove(_ path: String) {
    for key in nodes.keys where key == path || key.hasPrefix(path + "/") { nodes[key] = nil }
    guard let slash = path.lastIndex(of: "/") else { return }
    let parent = slash == path.startIndex ? "/" : String(path[..<slash])
    if case .directory(var names, let permissions) = nodes[parent] {
      names.remove(String(path[path.index(after: slash)...]))
      nodes[parent] = .directory(names, permissions: permissions)
    }
  }

  /// Puts the answer of a probe.
  public mutating func probe(_ name: String, _ answer: Result<[UInt8], ReadFailure>) {
    probes[name] = answer
  }

  /// Every path and node, for tests that damage a tree.
  public var all: [String: MemorySource.Node] { nodes }

  /// The tree.
  public func tree(_ name: String = "memory") -> KernelTree {
    KernelTree(MemorySource(self, origin: .memory(name)))
  }

  private mutating func addParents(of path: String) {
    var child = path[...]
    while let slash = child.lastIndex(of: "/"), child.count > 1 {
      let name = String(child[child.index(after: slash)...])
      let parent = slash == child.startIndex ? "/" : String(child[..<slash])
      if case .directory(var names, let permissions) = nodes[parent] {
        if !names.insert(name).inserted { return }
        // Out of the dictionary while it changes, or the set is copied each time.
        nodes[parent] = nil
        nodes[parent] = .directory(names, permissions: permissions)
      } else {
        nodes[parent] = .directory([name], permissions: 0o755)
      }
      child = parent[...]
    }
  }
}
