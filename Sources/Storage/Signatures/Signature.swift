/// A structure on a drive that belongs to somebody: a table, a file system, a member of an array.
public struct Signature: Codable, Hashable, Sendable {
  /// What it is, by the name that libblkid has for it where it has one: `gpt`, `ext4`, `linux_raid_member`.
  public var type: String
  /// Where its magic number lies, bytes from the start of the drive: wipefs(8) reports the same.
  public var offset: Int
  /// UUID of it, as its tools write it.
  public var uuid: String?
  /// Name that its owner gave it.
  public var label: String?
  /// Version, or which copy it is: `1.2`, `backup`.
  public var detail: String?
  /// Number of the partition of a GPT in which it lies, from 1; nil for the drive itself.
  public var partition: Int?

  /// A signature.
  package init(
    _ type: String, at offset: Int, uuid: String? = nil, label: String? = nil,
    detail: String? = nil
  ) {
    (self.type, self.offset, self.uuid, self.label) = (type, offset, uuid, label)
    self.detail = detail
  }

  /// In words: `linux_raid_member 1.2 "box:0" at 4 KiB`.
  package var text: String {
    var words = [type]
    if let detail { words.append(detail) }
    if let label { words.append("\"\(label)\"") }
    if let partition { words.append("in partition \(partition)") }
    return words.joined(separator: " ") + " at byte \(offset)"
  }
}

/// A partition of a GPT.
public struct GPTPartition: Codable, Hashable, Sendable {
  /// Its number in the table, from 1.
  public var number: Int
  /// Its own GUID, lowercase.
  public var uuid: String
  /// GUID of its type, lowercase.
  public var type: String
  /// Where it begins, bytes from the start of the drive.
  public var startBytes: Int
  /// Its size, bytes.
  public var sizeBytes: Int

  /// A partition.
  package init(number: Int, uuid: String, type: String, startBytes: Int, sizeBytes: Int) {
    (self.number, self.uuid, self.type) = (number, uuid, type)
    (self.startBytes, self.sizeBytes) = (startBytes, sizeBytes)
  }

  /// Whether a place of the drive lies in it.
  package func contains(_ offset: Int) -> Bool {
    offset >= startBytes && offset - startBytes < sizeBytes
  }
}
