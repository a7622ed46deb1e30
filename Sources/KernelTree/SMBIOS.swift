internal import Base

/// The structures of an SMBIOS table (`/sys/firmware/dmi/tables/DMI`, or the `raw` file of one
/// structure below `/sys/firmware/dmi/entries`), and what in them identifies the machine.
///
/// Source: DMTF DSP0134, section 6.1 (structure header, strings). Firmware writes these tables by
/// hand: every length in them is checked, and the walk ends at the first that is malformed.
package enum SMBIOS {
  /// One structure.
  package struct Structure: Hashable, Sendable {
    /// The type: 1 system, 2 board, 17 memory device, 127 end of table.
    package let type: UInt8
    /// The number by which other structures name it.
    package let handle: UInt16
    /// Header and formatted area. Offsets of the specification count from its start.
    package let formatted: ArraySlice<UInt8>
    /// The strings behind it; the specification counts them from 1.
    package let strings: [ArraySlice<UInt8>]

    /// A byte of the formatted area; nil beyond its end (an older table).
    package func byte(_ offset: Int) -> UInt8? {
      guard offset >= 0, offset < formatted.count else { return nil }
      return formatted[formatted.startIndex + offset]
    }

    /// A little-endian number of `width` bytes, at most 8; nil beyond the end.
    package func number(_ offset: Int, width: Int) -> UInt64? {
      var value: UInt64 = 0
      for index in (0..<min(width, 8)).reversed() {
        guard let byte = byte(offset + index) else { return nil }
        value = value << 8 | UInt64(byte)
      }
      return value
    }

    /// The string that the byte at `offset` names, without blanks at its ends. Nil when there is
    /// none, when it is empty, or when it says nothing (see `isPlaceholder`).
    package func text(_ offset: Int) -> String? {
      guard let index = byte(offset), index > 0, Int(index) <= strings.count else { return nil }
      let text = String(decoding: ASCII.trimmed(strings[Int(index) - 1]), as: UTF8.self)
      return text.isEmpty || SMBIOS.isPlaceholder(text) ? nil : text
    }
  }

  /// The structures of a table, and whether the walk reached its end rather than damage.
  package static func structures(
    _ table: [UInt8]
  ) -> (structures: [Structure], isComplete: Bool) {
    var found: [Structure] = []
    var offset = 0
    while offset < table.count {
      guard let (structure, next) = structure(table, at: offset) else { return (found, false) }
      found.append(structure)
      if structure.type == 127 { break }
      offset = next
    }
    return (found, true)
  }

  /// The structure at an offset, and where the next one starts.
  private static func structure(_ table: [UInt8], at offset: Int) -> (Structure, next: Int)? {
    guard offset + 4 <= table.count else { return nil }
    let length = Int(table[offset + 1])
    guard length >= 4, offset + length <= table.count else { return nil }
    var strings: [ArraySlice<UInt8>] = []
    var start = offset + length
    // Strings end in NUL, the set in one more; a structure without strings has two.
    while true {
      guard let end = table[start...].firstIndex(of: 0) else { return nil }
      if end > start { strings.append(table[start..<end]) }
      start = end + 1
      guard start < table.count else { return nil }
      if table[start] == 0 { break }
    }
    let structure = Structure(
      type: table[offset], handle: UInt16(table[offset + 2]) | UInt16(table[offset + 3]) << 8,
      formatted: table[offset..<(offset + length)], strings: strings)
    return (structure, start + 1)
  }

  // MARK: - What identifies a machine

  /// Offsets of the string numbers that identify one piece of hardware: serials and asset tags.
  private static let serialStrings: [UInt8: [Int]] = [
    1: [0x07], 2: [0x07, 0x08], 3: [0x07, 0x08], 4: [0x20, 0x21], 17: [0x18, 0x19],
    22: [0x07], 39: [0x08, 0x09],
  ]

  /// Structures whose content is free or vendor's own and may hold anything, such as hardware
  /// addresses: OEM strings, configuration strings, the BMC's host interface, string properties.
  private static func isOpaque(_ type: UInt8) -> Bool {
    type == 11 || type == 12 || type == 42 || type == 46 || type >= 128
  }

  /// The same table, byte for byte as long, with serial numbers, asset tags and vendors' own
  /// strings as `X` and UUIDs as zeros. What lies behind the last readable structure is zero.
  package static func redactingSerials(_ table: [UInt8]) -> [UInt8] {
    var result = table
    var offset = 0
    while offset < table.count, let (structure, next) = structure(table, at: offset) {
      if isOpaque(structure.type) {
        for index in structure.formatted.indices.dropFirst(4) { result[index] = 0 }
        for string in structure.strings { cover(string, in: &result) }
      }
      for field in serialStrings[structure.type] ?? [] {
        guard let index = structure.byte(field), index > 0, Int(index) <= structure.strings.count
        else { continue }
        cover(structure.strings[Int(index) - 1], in: &result)
      }
      let start = structure.formatted.startIndex
      // The UUID of the system, and the number of a portable battery.
      let numbers = structure.type == 1 ? 0x08..<0x18 : structure.type == 22 ? 0x10..<0x12 : 0..<0
      for field in numbers where field < structure.formatted.count { result[start + field] = 0 }
      offset = next
      if structure.type == 127 { break }
    }
    for index in offset..<max(offset, table.count) { result[index] = 0 }
    return result
  }

  private static func cover(_ string: ArraySlice<UInt8>, in table: inout [UInt8]) {
    // A text that says nothing gives nothing away, and must still say nothing in the replay.
    if isPlaceholder(String(decoding: ASCII.trimmed(string), as: UTF8.self)) { return }
    for index in string.indices { table[index] = 0x58 }
  }

  /// Whether a firmware text is one that manufacturers leave in place of a value.
  package static func isPlaceholder(_ text: String) -> Bool {
    let lowered = text.lowercased()
    if placeholders.contains(lowered) { return true }
    // `00000000`, `xxxxxxxx` (also what redaction leaves), `--------`, `........`, `????`.
    if let first = lowered.utf8.first, "0x-.?_*".utf8.contains(first),
      lowered.utf8.allSatisfy({ $0 == first }), first != 0x30 || lowered.utf8.count > 3
    {
      return true
    }
    // `Manufacturer00`, `SerNum3`, `PartNum12`: counted by the firmware of empty sockets.
    let stem = lowered.prefix { !($0 >= "0" && $0 <= "9") }
    return stem.utf8.count < lowered.utf8.count && countedPlaceholders.contains(String(stem))
      && lowered.dropFirst(stem.count).allSatisfy { $0 >= "0" && $0 <= "9" }
  }

  private static let placeholders: Set<String> = [
    "to be filled by o.e.m.", "to be filled by oem", "to be filled by o.e.m", "o.e.m.", "oem",
    "default string", "default", "not specified", "not applicable", "not available",
    "not provided", "not defined", "undefined", "unspecified", "unknown", "none", "n/a", "na",
    "null", "empty", "[empty]", "invalid", "no dimm", "no module", "no module installed",
    "not installed", "system product name", "system manufacturer", "system version",
    "system serial number", "system name", "product name", "product version", "serial number",
    "base board", "base board product name", "base board version", "base board serial number",
    "board serial number", "chassis serial number", "asset tag", "no asset tag",
    "no asset information", "0123456789", "1234567890", "123456789", "x.x", "type1family",
    "type1productconfigid", "sku", "bad index",
  ]

  private static let countedPlaceholders: Set<String> = [
    "manufacturer", "sernum", "partnum", "assettagnum", "array", "modulepartnumber",
    "dimm_manufacturer", "asset tag ",
  ]
}
