public import Base
internal import FoundationEssentials

/// The original values of everything that was changed, so that it can be put back.
///
/// The file is one line with the format and a checksum of the rest, then JSON. It is written whole
/// before the first change of an apply, and again after the last one: a crash in between leaves
/// originals of knobs that still have them, and putting those back changes nothing.
public struct Ledger: Codable, Hashable, Sendable {
  /// Counts the writes.
  public var generation: Int
  /// The boot in which the values were changed. A reboot undoes them all.
  public var bootID: String
  /// Whether the last apply finished.
  public var isComplete: Bool
  /// Whether a rollback came last: the machine refused to put back what is left.
  public var isRolledBack: Bool?
  /// What was changed, in the order of the first change.
  public var entries: [Entry]
  /// Interrupts handled before the last apply, by the identity of their knobs.
  public var handledBefore: [String: HandledCount]?
  /// The trial that is going on, or whose program died; absent without one.
  public var trial: Trial?

  /// An empty ledger.
  package init(bootID: String, generation: Int = 0) {
    self.bootID = bootID
    self.generation = generation
    isComplete = true
    entries = []
  }

  /// One knob.
  public struct Entry: Codable, Hashable, Sendable {
    /// What was changed. Its interrupt number is the one at that time.
    public var knob: Knob
    /// What it belongs to, for people.
    public var subject: String
    /// The PCI function it belongs to.
    public var device: PCIAddress?
    /// Its original value, byte for byte.
    public var original: String
    /// The value asked for last.
    public var applied: String

    /// An entry for one knob.
    package init(
      knob: Knob, subject: String, device: PCIAddress? = nil, original: String, applied: String
    ) {
      self.knob = knob
      self.subject = subject
      self.device = device
      self.original = original
      self.applied = applied
    }
  }

  /// The folder of the state of tinybox.
  public static let folder = "/var/lib/tinybox"
  /// Where the ledger of a machine lies.
  public static let path = folder + "/placement.ledger"

  /// The version of the format.
  static let version = 1
  private static let mark = "tinybox-placement-ledger"

  /// The file.
  package func encoded() throws(Failure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let body = [UInt8](try encoder.encode(self))
      let head = "\(Ledger.mark) \(Ledger.version) \(Ledger.checksum(body[...]))\n"
      return Array(head.utf8) + body + [0x0a]
    } catch {
      throw Failure("write the ledger", error)
    }
  }

  /// Reads a ledger file. A damaged one is an error.
  package static func decode(_ file: [UInt8]) throws(Failure) -> Ledger {
    func damaged(_ reason: String) -> Failure {
      Failure(
        "read the ledger", because: reason,
        hint:
          "nothing was changed; a reboot restores every setting, and then the file can be deleted",
        code: .conflict)
    }
    guard let end = file.firstIndex(of: 0x0a) else { throw damaged("it has no first line") }
    let head = String(decoding: file[..<end], as: UTF8.self).split(separator: " ")
    guard head.count == 3, head[0] == mark, let version = Int(head[1]) else {
      throw damaged("its first line is not that of a ledger")
    }
    guard version == Ledger.version else {
      throw damaged("it has version \(version), this program knows \(Ledger.version)")
    }
    var body = file[(end + 1)...]
    if body.last == 0x0a { body = body.dropLast() }
    guard checksum(body) == head[2] else { throw damaged("it is damaged: its checksum differs") }
    do {
      return try JSONDecoder().decode(Ledger.self, from: Data(body))
    } catch {
      throw damaged("it cannot be understood: \(error)")
    }
  }

  /// FNV-1a of 64 bits: it detects damage, not tampering.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}
