internal import Base
internal import CLinux
internal import Glibc

/// The running kernel.
package final class LiveSource: TreeSource {
  /// The running kernel.
  package init() {}

  /// Always `.live`.
  package var origin: TreeOrigin { .live }

  /// The whole content of a file, links followed. The tables of mounts are those of the machine,
  /// not of a sandbox around this process.
  package func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    // They are the only files of /proc that differ: HostPaths leaves the others alone.
    let isKernels = request.path.hasPrefix("/proc/")
    return try asCaller { () throws(ReadFailure) in
      try readWhole(
        hostPath: isKernels ? HostPaths.path(request.path) : request.path, request)
    }
  }

  /// The names in a folder, links followed.
  package func entries(_ path: String) throws(ReadFailure) -> [String] {
    try asCaller { () throws(ReadFailure) in try listNames(hostPath: path, path) }
  }

  /// The target of a link as it is written.
  package func linkTarget(_ path: String) throws(ReadFailure) -> String {
    try asCaller { () throws(ReadFailure) in try readLinkText(hostPath: path, path) }
  }

  /// The path with every link resolved.
  package func realPath(_ path: String) throws(ReadFailure) -> String {
    try asCaller { () throws(ReadFailure) in
      guard let resolved = unsafe realpath(path, nil) else {
        throw ReadFailure(path: path, errno: .last)
      }
      defer { unsafe free(resolved) }
      return unsafe String(cString: resolved)
    }
  }

  /// Type and permission bits of the path itself.
  package func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try asCaller { () throws(ReadFailure) in try lstatOf(hostPath: path, path) }
  }

  /// See `TreeSource.probe`.
  package func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try asCaller(ask)
  }

  /// Notes in a failure whether it is the caller's rights that are missing.
  private func asCaller<Value>(
    _ read: () throws(ReadFailure) -> Value
  ) throws(ReadFailure) -> Value {
    do throws(ReadFailure) {
      return try read()
    } catch {
      var failure = error
      if failure.cause == .permissionDenied { failure.caller = .current }
      throw failure
    }
  }
}
