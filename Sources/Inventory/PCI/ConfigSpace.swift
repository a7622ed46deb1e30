/// The configuration space of a PCI function, as `/sys/bus/pci/devices/ADDRESS/config` gives it.
///
/// A pure reading of bytes that may be cut short, damaged or made up: lists that lead in circles
/// end, and a register beyond the last byte is unknown.
///
/// This is not libpci, although libpci decodes the same lists: it wants a folder of files on disk,
/// while a recording is replayed from an archive in memory, and its answer to a failed read is to
/// end the process. The tests compare the two, register by register.
public struct ConfigSpace: Sendable {
  /// A capability of the standard or the extended list.
  public struct Capability: Hashable, Sendable {
    /// The id: 8 bits in the standard list, 16 in the extended one.
    public var id: UInt16
    /// Where it starts, in bytes from the start of configuration space.
    public var offset: Int

    /// A capability at its offset.
    package init(id: UInt16, offset: Int) {
      self.id = id
      self.offset = offset
    }
  }

  /// A fact of configuration space.
  public enum Fact<Value: Sendable>: Sendable {
    /// The function does not have it.
    case absent
    case known(Value)
    /// It could not be read, and why.
    case unknown(String)
  }

  /// Size of the space of conventional PCI, bytes.
  public static let standardSize = 0x100
  /// Size of the space of PCI Express, bytes.
  public static let extendedSize = 0x1000

  /// The bytes that could be read.
  public let bytes: [UInt8]
  /// The standard capability list, in its own order.
  public let standard: [Capability]
  /// The extended capability list, in its own order.
  public let extended: [Capability]
  /// Why the standard list could not be followed to its end; nil when it was.
  public let standardGap: String?
  /// Why the extended list could not be followed to its end; nil when it was, or there is none.
  public let extendedGap: String?

  /// Reads the lists of a configuration space of any length.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if ConfigSpace.isDead(bytes) {
      (standard, standardGap, extended, extendedGap) = ([], nil, [], nil)
      return
    }
    (standard, standardGap) = ConfigSpace.walkStandard(bytes)
    if standard.contains(where: { $0.id == ID.express }) {
      (extended, extendedGap) = ConfigSpace.walkExtended(bytes)
    } else {
      // Without the PCI Express capability there is no extended space. If the standard list was not
      // read to its end, that is not known.
      (extended, extendedGap) = ([], standardGap)
    }
  }

  /// Capability ids, from the PCI Code and ID Assignment Specification.
  enum ID {
    static let msi: UInt16 = 0x05
    static let express: UInt16 = 0x10
    static let msix: UInt16 = 0x11
    static let advancedErrors: UInt16 = 0x0001
    static let serialNumber: UInt16 = 0x0003
    static let accessControl: UInt16 = 0x000d
    static let singleRootIO: UInt16 = 0x0010
    static let resizableBar: UInt16 = 0x0015
  }

  /// Whether the function answers all ones: it left the bus, or has no power. Virtual functions
  /// answer ones for their ids alone, so the whole header counts.
  public var isDead: Bool { ConfigSpace.isDead(bytes) }

  /// Offset of the first standard capability with an id.
  package func standardOffset(_ id: UInt16) -> Int? { standard.first { $0.id == id }?.offset }
  /// Offset of the first extended capability with an id.
  package func extendedOffset(_ id: UInt16) -> Int? { extended.first { $0.id == id }?.offset }

  /// The byte at an offset; nil beyond the end.
  package func byte(_ offset: Int) -> UInt8? { ConfigSpace.byte(bytes, offset) }
  /// The little-endian 16 bits at an offset; nil beyond the end.
  package func word(_ offset: Int) -> UInt16? { ConfigSpace.word(bytes, offset) }
  /// The little-endian 32 bits at an offset; nil beyond the end.
  package func dword(_ offset: Int) -> UInt32? { ConfigSpace.dword(bytes, offset) }

  /// `config truncated at N bytes`.
  var truncation: String { ConfigSpace.truncation(bytes) }

  /// The eight bytes of the device serial number, for a recorder that must not keep them.
  package static func serialNumberRange(in bytes: [UInt8]) -> Range<Int>? {
    guard let offset = ConfigSpace(bytes).extendedOffset(ID.serialNumber) else { return nil }
    let range = offset + 4..<offset + 12
    // A cut serial number is still part of one.
    return range.lowerBound < bytes.count ? range.clamped(to: 0..<bytes.count) : nil
  }

  private static func isDead(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes.prefix(64).allSatisfy { $0 == 0xff }
  }

  private static func truncation(_ bytes: [UInt8]) -> String {
    "config truncated at \(bytes.count) bytes"
  }

  private static func walkStandard(_ bytes: [UInt8]) -> ([Capability], String?) {
    guard let status = word(bytes, 0x06), let headerType = byte(bytes, 0x0e) else {
      return ([], truncation(bytes))
    }
    // Status bit 4 says whether there is a list at all.
    guard status & 0x10 != 0 else { return ([], nil) }
    // A CardBus bridge (header type 2) keeps the pointer elsewhere.
    guard var next = byte(bytes, headerType & 0x7f == 2 ? 0x14 : 0x34) else {
      return ([], truncation(bytes))
    }
    var found: [Capability] = []
    var seen: UInt64 = 0
    while true {
      // The two low bits are reserved. Below 0x40 lies the header: the end, as in the kernel.
      let offset = Int(next & 0xfc)
      guard offset >= 0x40, seen >> UInt64(offset / 4) & 1 == 0 else { return (found, nil) }
      seen |= 1 << UInt64(offset / 4)
      guard let id = byte(bytes, offset), let link = byte(bytes, offset + 1) else {
        return (found, truncation(bytes))
      }
      if id == 0xff { return (found, nil) }
      found.append(Capability(id: UInt16(id), offset: offset))
      next = link
    }
  }

  private static func walkExtended(_ bytes: [UInt8]) -> ([Capability], String?) {
    var found: [Capability] = []
    var seen = [Bool](repeating: false, count: extendedSize / 4)
    var offset = standardSize
    while offset >= standardSize, !seen[offset / 4] {
      seen[offset / 4] = true
      guard let header = dword(bytes, offset) else { return (found, truncation(bytes)) }
      if header == 0xffff_ffff && offset == standardSize {
        // The chipset does not let the extended space through.
        return ([], "extended config space reads all ones")
      }
      if header == 0 || header == 0xffff_ffff { break }
      found.append(Capability(id: UInt16(truncatingIfNeeded: header), offset: offset))
      offset = Int(header >> 20) & 0xffc
    }
    return (found, nil)
  }

  private static func byte(_ bytes: [UInt8], _ offset: Int) -> UInt8? {
    bytes.indices.contains(offset) ? bytes[offset] : nil
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt16? {
    guard let low = byte(bytes, offset), let high = byte(bytes, offset + 1) else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  private static func dword(_ bytes: [UInt8], _ offset: Int) -> UInt32? {
    guard let low = word(bytes, offset), let high = word(bytes, offset + 2) else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }
}
