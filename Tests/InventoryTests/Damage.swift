import KernelTree

/// Damages a tree one path at a time.
enum Damage {
  /// Every path of a tree, once for each kind of damage, and the damaged tree.
  static func trees(of builder: MemoryTreeBuilder) -> [(String, KernelTree)] {
    var trees: [(String, KernelTree)] = []
    let garbage: [[UInt8]] = [
      [], [0xff, 0xfe, 0x00, 0x0a], Array("9223372036854775807\n".utf8),
      Array("-9223372036854775808 -1 x=\n\n,,\\040%".utf8), Array("0-99999999\n".utf8),
      [UInt8](repeating: 0x41, count: 100_000),
    ]
    let causes: [ReadFailure.Cause] = [
      .notFound, .permissionDenied, .gone, .linkLoop, .notRecorded,
    ]
    for (path, node) in builder.all.sorted(by: { $0.key < $1.key }) where path != "/" {
      switch node {
      case .file(_, let permissions):
        for text in garbage {
          var damaged = builder
          damaged.file(path, bytes: text, permissions: permissions)
          trees.append((path, damaged.tree()))
        }
        for cause in causes {
          var damaged = builder
          damaged.set(path, .failing(cause, kind: .file))
          trees.append((path, damaged.tree()))
        }
      case .directory:
        var failing = builder
        failing.remove(path)
        failing.set(path, .failing(.permissionDenied, kind: .directory))
        trees.append((path, failing.tree()))
      case .link:
        var loop = builder
        loop.link(path, to: path)
        trees.append((path, loop.tree()))
        loop.link(path, to: "/nowhere")
        trees.append((path, loop.tree()))
      case .failing: break
      }
      var gone = builder
      gone.remove(path)
      trees.append((path, gone.tree()))
    }
    return trees
  }
}
