internal import Base
internal import Inventory

/// How far this set-up came on a drive.
public enum OwnPart: String, Codable, Hashable, Sendable {
  /// A part of the partition table.
  case tableInPart = "a part of the partition table"
  /// The partition table.
  case table = "the partition table"
  /// The file system in the partition, or the mark of a member of the array.
  case content = "the planned content"
}

/// Whether what lies on a drive is what this set-up has planned for it, whole or as far as it came.
enum OwnContent {
  /// How far; nil where something else lies on the drive.
  static func part(
    _ drive: DriveReading, _ content: DriveContent, _ planned: StorageIntent.Drive,
    isComplete: Bool
  ) -> OwnPart? {
    guard content.readErrors.isEmpty else { return nil }
    for name in ["wipefs", "blkid"]
    where drive.opinions.first(where: { $0.program == name })?.signatures == nil { return nil }
    let table = GPTTable(
      planned, driveBytes: content.sizeBytes, blockBytes: drive.blockBytes ?? 512)
    guard let table else { return nil }
    let written = written(table, content)
    // A part of a table is known by its bytes alone: there must be nothing else.
    if written == .part, content.isZeroBetweenTables { return isComplete ? nil : .tableInPart }
    guard content.partitions.count == 1, let partition = content.partitions.first,
      partition.uuid == planned.partitionUUID, partition.startBytes == table.startBytes,
      partition.sizeBytes == table.partitionBytes,
      content.signatures.filter({ $0.type == "gpt" }).allSatisfy({ $0.uuid == planned.diskUUID })
    else { return nil }
    let outside = content.signatures.filter {
      $0.partition == nil && !partition.contains($0.offset)
    }
    guard outside.allSatisfy({ table.signatureTypes.contains($0.type) }) else { return nil }
    for opinion in drive.opinions {
      guard let signatures = opinion.signatures else { return nil }
      guard
        signatures.allSatisfy({ found in
          table.signatureTypes.contains(found.type) || partition.contains(found.offset)
        })
      else { return nil }
    }
    let found = inside(content, planned)
    // Before there is content, the table must be what was written, to the byte.
    return found == .table && (isComplete || written != .whole) ? nil : found
  }

  /// What lies in the partition: what was planned, or nothing yet.
  private static func inside(
    _ content: DriveContent, _ planned: StorageIntent.Drive
  ) -> OwnPart? {
    let inside = content.signatures.filter { $0.partition == 1 }
    if inside.isEmpty { return .table }
    let expected = planned.arrayUUID ?? planned.fileSystemUUID
    let types = planned.arrayUUID == nil ? ["ext4", "xfs"] : ["linux_raid_member"]
    return inside.contains { types.contains($0.type) && $0.uuid == expected } ? .content : nil
  }

  private enum Written { case nothing, part, whole }

  /// How much of the table both ends hold, where each sector is one of the table or zero.
  private static func written(_ table: GPTTable, _ content: DriveContent) -> Written {
    var isThere = false
    var isWhole = true
    for (found, wanted) in [
      (content.tables.head, table.head(DriveContent.Tables.bytes)),
      (content.tables.tail, table.tail(DriveContent.Tables.bytes)),
    ] {
      guard found.count == wanted.count else { return .nothing }
      for start in stride(from: 0, to: found.count, by: 512) {
        let sector = found[start..<min(start + 512, found.count)]
        let planned = wanted[start..<min(start + 512, wanted.count)]
        if sector == planned {
          isThere = isThere || !ZeroBytes.isZero(planned)
        } else {
          guard ZeroBytes.isZero(sector) else { return .nothing }
          isWhole = false
        }
      }
    }
    return isThere ? isWhole ? .whole : .part : .nothing
  }
}
