internal import Base

/// A GPT with one partition, as bytes (UEFI 2.10, chapter 5). It is written by tinybox itself, through the descriptor
/// that has held the drive since it was looked at: no other program can come between.
package struct GPTTable: Sendable {
  /// Bytes before the partition, and at least so many behind it: the places of other signatures stay outside.
  package static let marginBytes = 1 << 20
  /// What other programs call it.
  let signatureTypes: Set<String> = ["gpt", "PMBR"]

  /// Where its partition begins, bytes.
  package let startBytes = GPTTable.marginBytes
  /// Size of its partition, bytes.
  package let partitionBytes: Int
  private let blockBytes: Int
  private let blocks: Int
  private let diskUUID: [UInt8]
  private let partitionUUID: [UInt8]
  private let isArray: Bool
  private var entries: [UInt8] = []
  private var entriesChecksum: UInt32 = 0

  /// The largest partition on a drive, bytes: a multiple of 1 MiB.
  package static func largestPartition(driveBytes: Int) -> Int {
    max(0, (driveBytes - 2 * marginBytes) / marginBytes * marginBytes)
  }

  /// The table of a drive; nil where it does not fit, or the drive has blocks that GPT is not for.
  package init?(_ planned: StorageIntent.Drive, driveBytes: Int, blockBytes: Int) {
    guard [512, 1024, 2048, 4096].contains(blockBytes), driveBytes % blockBytes == 0,
      planned.partitionBytes > 0, planned.partitionBytes % blockBytes == 0,
      planned.partitionBytes <= GPTTable.largestPartition(driveBytes: driveBytes),
      let disk = UUIDText.bytes(planned.diskUUID),
      let partition = UUIDText.bytes(planned.partitionUUID)
    else { return nil }
    partitionBytes = planned.partitionBytes
    self.blockBytes = blockBytes
    blocks = driveBytes / blockBytes
    (diskUUID, partitionUUID) = (disk, partition)
    isArray = planned.arrayUUID != nil
    entries = makeEntries()
    entriesChecksum = CRC32.checksum(entries[...])
  }

  /// Blocks of the 128 entries.
  private var entryBlocks: Int { 128 * 128 / blockBytes }

  /// The first bytes of the drive: protective MBR, header, entries, zeros.
  package func head(_ count: Int) -> [UInt8] {
    var bytes = protective() + header(own: 1, other: blocks - 1, entries: 2) + entries
    bytes += [UInt8](repeating: 0, count: max(0, count - bytes.count))
    return Array(bytes.prefix(count))
  }

  /// The last bytes of the drive: zeros, entries, the second header.
  package func tail(_ count: Int) -> [UInt8] {
    let bytes = entries + header(own: blocks - 1, other: 1, entries: blocks - 1 - entryBlocks)
    return Array(([UInt8](repeating: 0, count: max(0, count - bytes.count)) + bytes).suffix(count))
  }

  private func protective() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: blockBytes)
    let size = UInt32(clamping: blocks - 1)
    bytes.replaceSubrange(
      446..<462, with: [0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff] + little(UInt32(1)) + little(size))
    bytes.replaceSubrange(510..<512, with: [0x55, 0xaa])
    return bytes
  }

  private func header(own: Int, other: Int, entries start: Int) -> [UInt8] {
    var bytes = Array("EFI PART".utf8) + little(UInt32(0x10000)) + little(UInt32(92))
    bytes += little(UInt32(0)) + little(UInt32(0)) + little(UInt64(own)) + little(UInt64(other))
    bytes += little(UInt64(2 + entryBlocks)) + little(UInt64(blocks - 2 - entryBlocks))
    bytes += UUIDText.swapped(diskUUID) + little(UInt64(start)) + little(UInt32(128))
    bytes += little(UInt32(128)) + little(entriesChecksum)
    bytes.replaceSubrange(16..<20, with: little(CRC32.checksum(bytes[...])))
    return bytes + [UInt8](repeating: 0, count: blockBytes - bytes.count)
  }

  private func makeEntries() -> [UInt8] {
    // Linux file system data, or Linux RAID (Discoverable Partitions Specification).
    let type =
      isArray ? "a19d880f-05fc-4d3b-a006-743f0f84911e" : "0fc63daf-8483-4772-8e79-3d69d8477de4"
    let (first, count) = (startBytes / blockBytes, partitionBytes / blockBytes)
    var bytes = UUIDText.swapped(UUIDText.bytes(type) ?? []) + UUIDText.swapped(partitionUUID)
    bytes += little(UInt64(first)) + little(UInt64(first + count - 1)) + little(UInt64(0))
    bytes += "tinybox".utf16.flatMap { little($0) }
    return bytes + [UInt8](repeating: 0, count: 128 * 128 - bytes.count)
  }

  private func little<Number: FixedWidthInteger & UnsignedInteger>(_ value: Number) -> [UInt8] {
    (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> Number($0 * 8)) }
  }
}
