internal import KernelTree

/// What a recording says besides its files: where it comes from, which reads failed and how, what
/// was there without being read, and the answers of probes. In `tinybox-recording.json`.
struct RecordingNotes: Sendable {
  /// The file in the recording that holds them.
  static let path = KernelTree.notesPath
  /// The version of their format. A later one is refused.
  static let version = 1

  /// The calls of a `TreeSource` that take a path.
  enum Operation: String, CaseIterable, Sendable {
    case bytes, entries, linkTarget, realPath, status
  }

  /// Where the recording comes from.
  var header = RecordingHeader()
  /// Failures that the files alone would not repeat, by call and path as it was asked for.
  var failures: [Operation: [String: ReadFailure.Cause]] = [:]
  /// Types and permissions that the files alone would not repeat, by path as it was asked for.
  var statuses: [String: FileStatus] = [:]
  /// Resolved paths that the links alone would not repeat, by path as it was asked for.
  var realPaths: [String: String] = [:]
  /// Every folder whose names were read, and of these names the ones that have no file of their
  /// own in the recording. A folder that is not here was never listed.
  var listings: [String: [String]] = [:]
  /// What was there without its content: nobody read it, or the read failed.
  var unread: [String: FileStatus] = [:]
  /// Answers of probes by name.
  var probes: [String: Result<[UInt8], ReadFailure>] = [:]

  /// `unread` and the names of `listings`, of which not even the type is known.
  var allUnread: [String: FileStatus] {
    var all = unread
    for (folder, names) in listings {
      for name in names {
        let path = folder == "/" ? "/" + name : folder + "/" + name
        if all[path] == nil { all[path] = FileStatus(kind: .other, permissions: 0) }
      }
    }
    return all
  }

  /// A tree of files in memory as the notes say; without notes just the files.
  static func tree(
    _ files: MemoryTreeBuilder, _ notes: RecordingNotes?, origin: TreeOrigin
  ) -> KernelTree {
    guard let notes else { return KernelTree(MemorySource(files, origin: origin)) }
    var builder = files
    for (path, status) in notes.allUnread where !builder.contains(path) {
      builder.set(path, .failing(.notRecorded, kind: status.kind))
    }
    return KernelTree(ReplaySource(MemorySource(builder, origin: origin), notes))
  }
}
