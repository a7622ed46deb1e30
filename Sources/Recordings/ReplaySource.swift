internal import KernelTree

/// Answers from a recording as its notes say, from its files otherwise.
final class ReplaySource: TreeSource {
  let base: any TreeSource
  let notes: RecordingNotes

  init(_ base: any TreeSource, _ notes: RecordingNotes) {
    self.base = base
    self.notes = notes
  }

  var origin: TreeOrigin { base.origin }
  var keepsModes: Bool? { notes.header.keepsModes }

  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    try check(.bytes, request.path)
    return try base.bytes(request)
  }

  func entries(_ path: String) throws(ReadFailure) -> [String] {
    try check(.entries, path)
    let names = try base.entries(path)
    // The folders above what was read are there with some of their names. These are not all.
    if notes.listings[try base.realPath(path)] == nil {
      throw ReadFailure(path: path, cause: .notRecorded)
    }
    return names
  }

  func linkTarget(_ path: String) throws(ReadFailure) -> String {
    try check(.linkTarget, path)
    return try base.linkTarget(path)
  }

  func realPath(_ path: String) throws(ReadFailure) -> String {
    try check(.realPath, path)
    if let resolved = notes.realPaths[path] { return resolved }
    return try base.realPath(path)
  }

  func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try check(.status, path)
    if let status = notes.statuses[path] { return status }
    return try base.status(path)
  }

  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    guard let answer = notes.probes[name] else {
      throw ReadFailure(path: name, cause: .notRecorded)
    }
    return try answer.get()
  }

  private func check(_ operation: RecordingNotes.Operation, _ path: String) throws(ReadFailure) {
    if let cause = notes.failures[operation]?[path] { throw ReadFailure(path: path, cause: cause) }
  }
}
