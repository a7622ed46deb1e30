public import Base
public import Inventory

/// All that was read about one drive: the input of every decision about it.
public struct DriveReading: Codable, Hashable, Sendable {
  /// Block device, `nvme0n1`: a name of this boot, not an identity.
  public var name: String
  /// Serial number without padding; nil where it has none.
  public var serial: String?
  /// World wide identifier as the kernel has it; nil where it has none.
  public var wwid: String?
  /// Model.
  public var model: String?
  /// Size as the kernel has it, bytes.
  public var sizeBytes: Int?
  /// Logical block, bytes.
  public var blockBytes: Int?
  /// Whether the kernel refuses writes.
  public var isReadOnly: Bool?
  /// Whether its medium can be taken out, as of a card reader or a stick.
  public var isRemovable: Bool?
  /// Mounts, swap, arrays and mappings on it.
  public var uses: [NVMeController.Use] = []
  /// Partitions that the kernel knows.
  public var partitions: [String] = []
  /// Whether the running system lies on it; nil where that cannot be said.
  public var isSystem: Bool?
  /// Whether it was held exclusively while it was read.
  public var exclusive: Exclusive
  /// What lies on it; nil where it could not be opened.
  public var content: DriveContent?
  /// What other programs find.
  public var opinions: [ToolOpinion] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// Whether nothing else has a drive open exclusively (open(2), O_EXCL) or locked (flock(2)).
  public enum Exclusive: Codable, Hashable, Sendable {
    /// It was held while it was read.
    case held
    /// Something else holds it: a mount, an array, a mapping, another program.
    case busy
    /// It cannot be opened at all, with the reason.
    case failed(String)
  }

  /// A drive of which nothing was read yet.
  package init(name: String, exclusive: Exclusive) {
    self.name = name
    self.exclusive = exclusive
  }

  /// What a person calls it: `nvme0n1 (serial S1)`.
  package var title: String {
    name + " (" + (usableSerial.map { "serial \($0)" } ?? "no serial") + ")"
  }

  /// Its serial; nil where it has none, or one that says nothing: the same character throughout.
  package var usableSerial: String? {
    guard let serial = serial.map(DriveReading.trimmed), Set(serial).count > 1 else { return nil }
    return serial
  }

  /// Its world wide identifier; nil where it has none.
  package var usableWWID: String? {
    wwid.map(DriveReading.trimmed).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a name is its serial or its world wide identifier, in any case.
  func isNamed(_ name: String) -> Bool {
    [usableSerial, usableWWID].contains { $0?.lowercased() == name.lowercased() }
  }

  private static func trimmed(_ text: String) -> String {
    String(decoding: ASCII.trimmed(Array(text.utf8)[...]), as: UTF8.self)
  }
}
