/// What kind of thing a path is. Links are not followed.
package struct FileStatus: Hashable, Sendable {
  /// File type, as `lstat` reports it.
  package enum Kind: String, Hashable, Sendable {
    case file, directory, link, other
  }
  /// The type.
  package var kind: Kind
  /// The nine permission bits, for example 0o444 of an interrupt that cannot be moved.
  package var permissions: UInt16

  /// A type with its permission bits.
  package init(kind: Kind, permissions: UInt16) {
    self.kind = kind
    self.permissions = permissions
  }
}

/// What a text may give away, so that `capture` can replace it by a pseudonym.
package enum Sensitivity: String, Hashable, Sendable {
  /// Nothing that identifies the box or its owner.
  case none
  /// The whole text is a serial number, UUID or other identifier of one piece of hardware.
  case serial
  /// The whole text is an Ethernet or InfiniBand hardware address.
  case hardwareAddress
  /// The whole text is the name of the host.
  case hostName
  /// Free text such as a kernel command line or a mount table: addresses and UUIDs inside it
  /// are replaced, the rest stays.
  case freeText
  /// PCI configuration space: the device serial number capability is replaced.
  case configSpace
  /// SMBIOS tables: serial numbers, asset tags and UUIDs inside are replaced
  /// (`SMBIOS.redactingSerials`).
  case smbios
}

/// One read of a whole file.
package struct ReadRequest: Hashable, Sendable {
  /// Absolute path as the kernel names it.
  package var path: String
  /// Most bytes the caller accepts; more is `ReadFailure.Cause.tooLarge`.
  package var limit: Int
  /// What the text may give away.
  package var sensitivity: Sensitivity

  /// A read of `path`.
  package init(_ path: String, limit: Int = 1 << 20, sensitivity: Sensitivity = .none) {
    self.path = path
    self.limit = limit
    self.sensitivity = sensitivity
  }
}

/// Where a tree comes from.
package enum TreeOrigin: Hashable, Sendable {
  /// The running kernel.
  case live
  /// A recording in a folder.
  case directory(String)
  /// A recording in an archive.
  case archive(String)
  /// A tree made in memory, by a test or a generator.
  case memory(String)

  /// Whether this is the running kernel.
  package var isLive: Bool { self == .live }
}

/// The one seam between tinybox and the kernel: everything read from `/sys`, `/proc`, `/dev`,
/// `/run` and `/etc`, and every answer of a system call that is no file (`probe`).
///
/// Paths are absolute and named as on the live machine. A source of a recording never touches
/// anything outside the recording, whatever its links say.
package protocol TreeSource: AnyObject, Sendable {
  /// Where the tree comes from.
  var origin: TreeOrigin { get }
  /// Whether file modes, and what was not there, can be trusted; nil where the source does not
  /// know.
  var keepsModes: Bool? { get }
  /// The whole content of a file, links followed.
  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8]
  /// The names in a folder, links followed, in no particular order, without `.` and `..`.
  func entries(_ path: String) throws(ReadFailure) -> [String]
  /// The target of a link as it is written.
  func linkTarget(_ path: String) throws(ReadFailure) -> String
  /// The path with every link resolved.
  func realPath(_ path: String) throws(ReadFailure) -> String
  /// Type and permission bits of the path itself.
  func status(_ path: String) throws(ReadFailure) -> FileStatus
  /// The answer of a question to the kernel that is not a file: an ioctl, a C library.
  ///
  /// Live, `ask` is called; a recorder keeps its answer under `name`; a recording returns what
  /// was kept and never calls `ask`.
  /// - Parameters:
  ///   - name: a relative path that names the question, such as `ethtool/eth0`.
  ///   - ask: returns the answer as JSON or another self-describing text.
  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8]
  /// Part of a file that is not to be kept whole. A recorder keeps the part, as the answer of the probe
  /// `name`.
  func excerpt(
    _ request: ReadRequest, keptAs name: String, _ part: ([UInt8]) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8]
}

extension TreeSource {
  /// Not known.
  package var keepsModes: Bool? { nil }

  /// Part of a file; nothing is kept.
  package func excerpt(
    _ request: ReadRequest, keptAs name: String, _ part: ([UInt8]) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] { part(try bytes(request)) }
}

extension TreeOrigin {
  /// `live`, or the name of the recording without the folder it lies in.
  package var label: String {
    switch self {
    case .live: "live"
    case .directory(let path), .archive(let path):
      String(path.split(separator: "/").last ?? "recording")
    case .memory(let name): name
    }
  }
}
