/// Collects the nodes of a `MemorySource`. Folders above a node appear by themselves.
///
/// Every folder above a node is a folder, whatever was put there before: an archive that turns a
/// link into a folder and back ends up with what it said last.
package struct MemoryTreeBuilder: Sendable {
  /// Nodes by path. The names of a folder are in `names`, where they can grow without a copy.
  package private(set) var nodes: [String: MemorySource.Node] = [
    "/": .directory([], permissions: 0o755)
  ]
  package private(set) var names: [String: Set<String>] = [:]
  package private(set) var probes: [String: Result<[UInt8], ReadFailure>] = [:]

  /// An empty tree.
  package init() {}

  /// Puts a node at an absolute path, in place of what was there. The names a folder already has
  /// are kept.
  package mutating func set(_ path: String, _ node: MemorySource.Node) {
    if path == "/" || path.isEmpty {
      // The root stays a folder.
      guard case .directory = node else { return }
    }
    let old = nodes[path]
    if old == nil { addParents(of: path) }
    if case .directory(let more, let permissions) = node {
      if !more.isEmpty { names[path, default: []].formUnion(more) }
      nodes[path] = .directory([], permissions: permissions)
      return
    }
    if case .directory = old { removeChildren(of: path) }
    nodes[path] = node
  }

  /// Puts a file of text; a line feed is appended as the kernel does.
  package mutating func file(_ path: String, _ text: String, permissions: UInt16 = 0o444) {
    set(path, .file(Array((text + "\n").utf8), permissions: permissions))
  }

  /// Puts a file of bytes.
  package mutating func file(_ path: String, bytes: [UInt8], permissions: UInt16 = 0o444) {
    set(path, .file(bytes, permissions: permissions))
  }

  /// Puts a link.
  package mutating func link(_ path: String, to target: String) { set(path, .link(target)) }

  /// Puts an empty folder, or none where there is one.
  package mutating func directory(_ path: String) {
    set(path, .directory([], permissions: 0o755))
  }

  /// Removes a path and what is below it.
  package mutating func remove(_ path: String) {
    removeChildren(of: path)
    nodes[path] = nil
    guard let (parent, name) = MemoryTreeBuilder.split(path) else { return }
    names[parent]?.remove(name)
  }

  /// Puts the answer of a probe.
  package mutating func probe(_ name: String, _ answer: Result<[UInt8], ReadFailure>) {
    probes[name] = answer
  }

  /// Whether there is a node at a path.
  package func contains(_ path: String) -> Bool { nodes[path] != nil }

  /// Every path and node, for tests that damage a tree.
  package var all: [String: MemorySource.Node] {
    var all = nodes
    for (path, node) in nodes {
      guard case .directory(_, let permissions) = node else { continue }
      all[path] = .directory(names[path] ?? [], permissions: permissions)
    }
    return all
  }

  package func tree(_ name: String = "memory") -> KernelTree {
    KernelTree(MemorySource(self, origin: .memory(name)))
  }

  private mutating func addParents(of path: String) {
    var child = path
    while let (parent, name) = MemoryTreeBuilder.split(child) {
      switch nodes[parent] {
      case .directory:
        names[parent, default: []].insert(name)
        return
      case nil:
        names[parent] = [name]
        nodes[parent] = .directory([], permissions: 0o755)
        child = parent
      default:
        // A file or link that turns out to have something below it.
        names[parent] = [name]
        nodes[parent] = .directory([], permissions: 0o755)
        return
      }
    }
  }

  private mutating func removeChildren(of path: String) {
    var folders = [path]
    while let folder = folders.popLast() {
      for name in names.removeValue(forKey: folder) ?? [] {
        let child = folder == "/" ? "/" + name : folder + "/" + name
        // A name without a node, or one that stands for the folder itself, has nothing below.
        if case .directory = nodes.removeValue(forKey: child) { folders.append(child) }
      }
    }
  }

  /// The folder above a path and the name in it; nil for the root.
  package static func split(_ path: String) -> (parent: String, name: String)? {
    guard path.utf8.count > 1, let slash = path.utf8.lastIndex(of: 0x2f) else { return nil }
    let name = String(path[path.utf8.index(after: slash)...])
    return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
  }
}
