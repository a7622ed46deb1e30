/// Where in a folder or archive the recorded `/` lies.
enum RecordingRoot: Equatable {
  /// At this path: `/`, or a single folder above `sys` and `proc`.
  case tree(String)
  /// The path is the KFD topology alone, as ROCm's own test data.
  case kfdTopology(String)

  /// Where the KFD topology belongs.
  static let kfdMount = "/sys/class/kfd/kfd/topology"

  /// Finds the root among absolute paths. hwloc puts one folder above, ghw and `tinyboxctl` none.
  /// - Returns: nil when there is no kernel file; throws when there are several candidates.
  static func find(
    _ paths: some Sequence<String>, name: String
  ) throws(RecordingError) -> RecordingRoot? {
    var tops: Set<Substring> = []
    var topologies: Set<Substring> = []
    for path in paths {
      // At most the first three components matter; `sys` alone may be a folder without an entry.
      var components = path.utf8.split(separator: 0x2f, maxSplits: 2).makeIterator()
      guard let first = components.next() else { continue }
      if isKernel(first) { return .tree("/") }
      if let second = components.next(), isKernel(second) { tops.insert(Substring(first)) }
      if path.utf8.last == 0x64, path.hasSuffix(kfdMark) {
        topologies.insert(path.dropLast("/generation_id".count))
      }
    }
    if let top = tops.first {
      if tops.count > 1 { throw ambiguous(name, tops) }
      return .tree("/" + top)
    }
    if let topology = topologies.first {
      if topologies.count > 1 { throw ambiguous(name, topologies) }
      return .kfdTopology(String(topology))
    }
    return nil
  }

  /// Where a path of the recording belongs; nil for what lies outside.
  func mounted(_ path: String) -> String? {
    switch self {
    case .tree("/"): return path
    case .tree(let top): return RecordingRoot.below(path, top).map { $0.isEmpty ? "/" : $0 }
    case .kfdTopology(let top):
      return RecordingRoot.below(path, top).map { RecordingRoot.kfdMount + $0 }
    }
  }

  /// What follows a folder in a path: empty for the folder itself, nil outside.
  static func below(_ path: String, _ folder: String) -> String? {
    let text = path.utf8
    guard text.starts(with: folder.utf8) else { return nil }
    let rest = text.dropFirst(folder.utf8.count)
    return rest.isEmpty || rest.first == 0x2f ? String(Substring(rest)) : nil
  }

  private static let kfdMark = "topology/generation_id"

  private static func isKernel(_ component: Substring.UTF8View) -> Bool {
    component.elementsEqual("sys".utf8) || component.elementsEqual("proc".utf8)
  }

  private static func ambiguous(_ name: String, _ found: Set<Substring>) -> RecordingError {
    let shown = found.sorted().prefix(4).map { ArchiveTree.shown(String($0)) }
    return RecordingError(
      path: name, cause: .ambiguous,
      reason: "more than one recording in it: \(shown.joined(separator: ", "))")
  }
}
