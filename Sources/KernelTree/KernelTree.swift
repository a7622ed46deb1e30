internal import Base

/// A tree of `/sys`, `/proc`, `/dev`, `/run` and `/etc`: the live one or a recording.
///
/// Collectors read through this and nothing else, so that every command can replay a machine.
package struct KernelTree: Sendable {
  /// Where the answers come from.
  package let source: any TreeSource

  /// A tree over `source`.
  package init(_ source: any TreeSource) { self.source = source }

  /// The running kernel.
  package static var live: KernelTree { KernelTree(LiveSource()) }

  /// Whether this is the running kernel, not a recording.
  package var isLive: Bool { source.origin.isLive }

  /// Why something is not known that other users keep to themselves.
  package var deniedReason: String {
    ReadFailure.denied(to: isLive ? .current : nil)
  }

  /// The file in a recording by tinybox that holds what its files do not say.
  package static let notesPath = "/tinybox-recording.json"

  /// Whether file modes, and what was not there, can be trusted: live, and in recordings by
  /// tinybox. Tools that copy files with `cat` give each the same mode.
  package var keepsModes: Bool {
    source.keepsModes ?? (isLive || exists(KernelTree.notesPath))
  }

  /// The whole content of a file.
  package func bytes(
    _ path: String, limit: Int = 1 << 20, sensitivity: Sensitivity = .none
  ) throws(ReadFailure) -> [UInt8] {
    try source.bytes(ReadRequest(path, limit: limit, sensitivity: sensitivity))
  }

  /// Part of a file that a recorder is not to keep whole. See `TreeSource.excerpt`.
  package func excerpt(
    _ path: String, limit: Int, sensitivity: Sensitivity, keptAs name: String,
    _ part: ([UInt8]) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try source.excerpt(
      ReadRequest(path, limit: limit, sensitivity: sensitivity), keptAs: name, part)
  }

  /// The whole content of a file as text without white space at its ends. Bytes that are not
  /// UTF-8 become U+FFFD, so that a broken text is seen rather than lost.
  package func text(
    _ path: String, limit: Int = 1 << 20, sensitivity: Sensitivity = .none
  ) throws(ReadFailure) -> String {
    String(
      decoding: ASCII.trimmed(try bytes(path, limit: limit, sensitivity: sensitivity)[...]),
      as: UTF8.self)
  }

  /// The text of a file, or nil for any failure: for facts whose absence needs no reason.
  package func textIfPresent(_ path: String, sensitivity: Sensitivity = .none) -> String? {
    try? text(path, sensitivity: sensitivity)
  }

  /// The names in a folder, numbers in names in numeric order.
  package func names(_ path: String) throws(ReadFailure) -> [String] {
    try source.entries(path).sorted(by: NaturalOrder.precedes)
  }

  /// The names in a folder, or none for any failure.
  package func namesIfPresent(_ path: String) -> [String] { (try? names(path)) ?? [] }

  /// The last component of a link's target, such as the driver a `driver` link names.
  package func linkName(_ path: String) throws(ReadFailure) -> String {
    let target = try source.linkTarget(path)
    return String(target.split(separator: "/").last ?? "")
  }

  /// The path with every link resolved.
  package func realPath(_ path: String) throws(ReadFailure) -> String {
    try source.realPath(path)
  }

  /// Type and permission bits, links not followed.
  package func status(_ path: String) throws(ReadFailure) -> FileStatus {
    try source.status(path)
  }

  /// Whether there is anything at the path, links not followed.
  package func exists(_ path: String) -> Bool { (try? source.status(path)) != nil }

  /// The answer of a question that is not a file. See `TreeSource.probe`.
  package func probe(
    _ name: String, sensitivity: Sensitivity = .none,
    ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try source.probe(name, sensitivity: sensitivity, ask: ask)
  }
}
