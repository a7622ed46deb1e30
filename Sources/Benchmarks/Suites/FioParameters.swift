package import Base

/// A load of fio as parameters of a planned measurement, and back.
package struct FioParameters: Hashable, Sendable {
  /// What the targets are.
  package enum Kind: String, Hashable, Sendable {
    /// Block devices, by name.
    case device
    /// A file on a file system: the given one, or a temporary one in the given folder.
    case file
    /// A file of an NFS export.
    case nfs
  }

  /// A target with its place.
  package struct Target: Hashable, Sendable {
    /// Block device, `nvme0n1`; empty for a file.
    package var name: String
    /// CPUs of the thread.
    package var cpus: NumberSet?
    /// Node of the buffers.
    package var memoryNode: Int?

    /// A target.
    package init(_ name: String, cpus: NumberSet?, memoryNode: Int?) {
      self.name = name
      self.cpus = cpus
      self.memoryNode = memoryNode
    }
  }

  /// What the targets are.
  package var kind: Kind
  /// What is done.
  package var pattern: FioJob.Pattern
  /// Bytes of each request.
  package var blockBytes: Int
  /// Requests on their way at once.
  package var depth: Int
  /// The targets.
  package var targets: [Target]
  /// Key of the drive that is written to, for the weekly bound.
  package var drive: String?
  /// Bytes the load may write at most; nil for one that only reads.
  package var writeBytes: Int?
  /// Bytes of the file; nil for a device.
  package var fileBytes: Int?
  /// Where the file system is mounted that a file must lie on.
  package var mountPoint: String?
  /// Serial number of a drive that may be overwritten.
  package var consent: String?

  /// A load.
  package init(
    _ kind: Kind, _ pattern: FioJob.Pattern, blockBytes: Int, depth: Int, targets: [Target]
  ) {
    self.kind = kind
    self.pattern = pattern
    self.blockBytes = blockBytes
    self.depth = depth
    self.targets = targets
  }

  /// Whether the file is filled before: what was never written is not read from the drive, and a random
  /// write to it allocates.
  package var fillsFile: Bool { fileBytes != nil && pattern != .sequentialWrite }

  /// Bytes that are written in all, at most.
  package var totalWriteBytes: Int {
    let (sum, overflow) = (writeBytes ?? 0).addingReportingOverflow(
      fillsFile ? fileBytes ?? 0 : 0)
    return overflow ? .max : sum
  }

  /// As parameters.
  package var parameters: [String: String] {
    var values = [
      "kind": kind.rawValue, "pattern": pattern.rawValue, "blockBytes": "\(blockBytes)",
      "depth": "\(depth)",
      "targets": targets.map { target in
        "\(target.name)|\(target.cpus?.description ?? "")|\(target.memoryNode.map { "\($0)" } ?? "")"
      }.joined(separator: " "),
    ]
    values["drive"] = drive
    values["writeBytes"] = writeBytes.map { "\($0)" }
    values["fileBytes"] = fileBytes.map { "\($0)" }
    values["mountPoint"] = mountPoint
    values["consent"] = consent
    return values
  }

  /// What the budget of writes counts (`WriteBudget`), as details of a result; empty for a load that only reads.
  package var writeDetails: [String: String] {
    guard let drive, totalWriteBytes > 0 else { return [:] }
    return ["drive": drive, "bytesWritten": "\(totalWriteBytes)"]
  }

  /// From parameters.
  /// - Throws: `Failure` where they are not those of a load.
  package init(_ parameters: [String: String]) throws(Failure) {
    guard let kind = parameters["kind"].flatMap(Kind.init),
      let pattern = parameters["pattern"].flatMap(FioJob.Pattern.init),
      let blockBytes = parameters["blockBytes"].flatMap({ Int($0) }), blockBytes > 0,
      let depth = parameters["depth"].flatMap({ Int($0) }), depth > 0,
      let targets = parameters["targets"]
    else { throw Failure("read the planned load", because: "a parameter of fio is missing") }
    self.init(
      kind, pattern, blockBytes: blockBytes, depth: depth,
      targets: targets.split(separator: " ").map { text in
        let fields = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        return Target(
          fields[0],
          cpus: fields.count > 1 && !fields[1].isEmpty ? NumberSet(list: fields[1]) : nil,
          memoryNode: fields.count > 2 ? Int(fields[2]) : nil)
      })
    drive = parameters["drive"]
    writeBytes = parameters["writeBytes"].flatMap { Int($0) }
    fileBytes = parameters["fileBytes"].flatMap { Int($0) }
    mountPoint = parameters["mountPoint"]
    consent = parameters["consent"]
  }
}
