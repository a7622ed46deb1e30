/// Partition tables: GPT at both ends, MBR, and those of other systems.
enum PartitionTables {
  static func scan(_ drive: DriveBytes) -> SignatureScanner.Found {
    var found = SignatureScanner.Found()
    found.signatures = boot(drive) + others(drive)
    // Blocks are of 512 bytes or more. A table may have been written for blocks of another size, as by an adapter:
    // every multiple of 512 bytes at either end is looked at.
    let reach = 1 << 20
    let magic = Array("EFI PART".utf8)
    let middle = min(reach + 512, drive.size)
    for (range, isPrimary) in [
      (min(512, middle)..<middle, true), (max(middle, drive.size - reach)..<drive.size, false),
    ] {
      for place in drive.sectors(with: magic, in: range) {
        let table = GPTHeader(drive, at: place)
        found.signatures.append(
          Signature(
            "gpt", at: place, uuid: table?.uuid,
            detail: (isPrimary ? nil : "backup") ?? (table?.isSound == true ? nil : "damaged")))
        if found.partitions.isEmpty, let table { found.partitions = table.partitions(drive) }
      }
    }
    return found
  }

  /// The boot signature of sector 0: of an MBR, a protective one of a GPT, or the start of a file system.
  private static func boot(_ drive: DriveBytes) -> [Signature] {
    guard drive.has([0x55, 0xaa], at: 510) else { return [] }
    let types = (0..<4).compactMap { drive.little(1, at: 446 + 16 * $0 + 4) }
    if types.contains(0xee) { return [Signature("PMBR", at: 510)] }
    return [
      Signature(
        "dos", at: 510, uuid: nil, detail: types.allSatisfy { $0 == 0 } ? "boot sector" : nil)
    ]
  }

  private static func others(_ drive: DriveBytes) -> [Signature] {
    let rows: [(String, [UInt8], Int)] = [
      ("mac", [0x45, 0x52], 0), ("mac", [0x50, 0x4d, 0x00, 0x00], 512),
      ("sgi", [0x0b, 0xe5, 0xa9, 0x41], 0), ("sun", [0xda, 0xbe], 508),
      ("bsd", [0x57, 0x45, 0x56, 0x82], 512), ("bsd", [0x57, 0x45, 0x56, 0x82], 64),
      ("bsd", [0x57, 0x45, 0x56, 0x82], 128), ("aix", [0xc9, 0xc2, 0xd4, 0xc1], 0),
    ]
    return rows.compactMap { type, magic, place in
      drive.has(magic, at: place) ? Signature(type, at: place) : nil
    }
  }
}

/// The header of a GPT (UEFI 2.10, table 5-5), where its own numbers make sense.
struct GPTHeader {
  let uuid: String?
  /// Whether the checksums of header and entries are right.
  let isSound: Bool
  private let blockBytes: Int
  private let entries: Int
  private let count: Int
  private let entryBytes: Int

  init?(_ drive: DriveBytes, at place: Int) {
    guard let headerBytes = drive.little(4, at: place + 12), (92...512).contains(headerBytes),
      let own = drive.little(8, at: place + 24), own > 0,
      let first = drive.little(8, at: place + 72),
      let count = drive.little(4, at: place + 80), count <= 1024,
      let size = drive.little(4, at: place + 84), size >= 128, size <= 4096,
      let guid = drive.bytes(at: place + 56, count: 16),
      let header = drive.bytes(at: place, count: Int(headerBytes))
    else { return nil }
    // Its own number says how large blocks are.
    let blocks = UInt64(place) / own
    guard [512, 1024, 2048, 4096].contains(blocks), own * blocks == UInt64(place),
      first < UInt64(drive.size) / blocks
    else { return nil }
    blockBytes = Int(blocks)
    entries = Int(first) * Int(blocks)
    (self.count, entryBytes) = (Int(count), Int(size))
    uuid = UUIDText.text(UUIDText.swapped(Array(guid)))
    var cleared = Array(header)
    cleared.replaceSubrange(16..<20, with: [0, 0, 0, 0])
    isSound =
      drive.little(4, at: place + 16) == UInt64(CRC32.checksum(cleared[...]))
      && drive.bytes(at: entries, count: Int(count * size)).map {
        drive.little(4, at: place + 88) == UInt64(CRC32.checksum($0))
      } == true
  }

  func partitions(_ drive: DriveBytes) -> [GPTPartition] {
    (0..<count).compactMap { index in
      let place = entries + index * entryBytes
      guard let type = drive.bytes(at: place, count: 16), type.contains(where: { $0 != 0 }),
        let uuid = drive.bytes(at: place + 16, count: 16),
        let first = drive.little(8, at: place + 32), let last = drive.little(8, at: place + 40),
        first <= last, last < UInt64(drive.size / blockBytes)
      else { return nil }
      return GPTPartition(
        number: index + 1, uuid: UUIDText.text(UUIDText.swapped(Array(uuid))),
        type: UUIDText.text(UUIDText.swapped(Array(type))), startBytes: Int(first) * blockBytes,
        sizeBytes: Int(last - first + 1) * blockBytes)
    }
  }
}

/// CRC-32 of IEEE 802.3, which GPT uses.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
  }

  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let table = table
    var value: UInt32 = ~0
    for byte in bytes { value = value >> 8 ^ table[Int((value ^ UInt32(byte)) & 0xff)] }
    return ~value
  }
}
