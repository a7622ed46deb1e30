package import KernelTree

/// What was read from a machine, ready to be redacted, written and replayed.
package struct Recording: Sendable {
  /// One path without links in front of its last component.
  struct Node: Sendable {
    /// Type and permissions.
    var status: FileStatus
    /// The content of a file, if it was read.
    var content: [UInt8]?
    /// What the content may give away.
    var sensitivity: Sensitivity = .none
    /// The target of a link, if it could be read.
    var target: String?
  }

  /// What lies at each path. Everything above a path is in it as a folder.
  var nodes: [String: Node] = [:]
  /// What the nodes do not say.
  var notes = RecordingNotes()
  /// What the answer of each probe may give away.
  var probeSensitivities: [String: Sensitivity] = [:]

  /// Where it comes from.
  package var header: RecordingHeader {
    get { notes.header }
    set { notes.header = newValue }
  }

  /// How many files were read.
  package var fileCount: Int { nodes.values.count { $0.content != nil } }

  /// Bytes of all files that were read.
  package var byteCount: Int { nodes.values.reduce(0) { $0 &+ ($1.content?.count ?? 0) } }

  /// Adds a file that was not read through the recorder, such as a part of a larger one.
  package mutating func add(file path: String, content: [UInt8]) {
    nodes[path] = Node(status: FileStatus(kind: .file, permissions: 0o644), content: content)
    var child = path[...]
    while let slash = child.lastIndex(of: "/"), slash != child.startIndex {
      child = child[..<slash]
      let folder = FileStatus(kind: .directory, permissions: 0o755)
      if nodes[String(child)] == nil { nodes[String(child)] = Node(status: folder) }
    }
  }

  /// The tree that a replay of this recording gives.
  package func replay(_ name: String = "recording") -> KernelTree {
    var builder = MemoryTreeBuilder()
    for (path, node) in nodes.sorted(by: { $0.key < $1.key }) {
      switch node.status.kind {
      case .directory: builder.set(path, .directory([], permissions: node.status.permissions))
      case .link: if let target = node.target { builder.link(path, to: target) }
      case .file, .other:
        if let content = node.content {
          builder.file(path, bytes: content, permissions: node.status.permissions)
        }
      }
    }
    return RecordingNotes.tree(builder, notes, origin: .memory(name))
  }
}
