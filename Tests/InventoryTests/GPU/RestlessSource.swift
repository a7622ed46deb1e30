import KernelTree
import Synchronization

/// A tree whose KFD generation changes at some of the first readings.
final class RestlessSource: TreeSource {
  let inner: any TreeSource
  let reads = Mutex(0)
  let changes: Int

  init(_ inner: any TreeSource, changes: Int) {
    self.inner = inner
    self.changes = changes
  }

  var origin: TreeOrigin { inner.origin }

  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    if request.path.hasSuffix("/generation_id") {
      let count = reads.withLock {
        $0 += 1
        return $0
      }
      return Array("\(min(count, changes))\n".utf8)
    }
    return try inner.bytes(request)
  }
  func entries(_ path: String) throws(ReadFailure) -> [String] { try inner.entries(path) }
  func linkTarget(_ path: String) throws(ReadFailure) -> String { try inner.linkTarget(path) }
  func realPath(_ path: String) throws(ReadFailure) -> String { try inner.realPath(path) }
  func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try inner.status(path)
  }
  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try inner.probe(name, sensitivity: sensitivity, ask: ask)
  }
}
