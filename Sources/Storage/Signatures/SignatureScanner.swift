/// Finds what lies on a drive, from what was read of it. Pure: bytes in, signatures out.
///
/// It is one of two opinions: libblkid's is the other. A signature that either of them finds makes a drive foreign.
package enum SignatureScanner {
  /// What was found.
  package struct Found: Sendable {
    /// On the drive and in partitions of a GPT, by place.
    package var signatures: [Signature] = []
    /// Partitions of a GPT.
    package var partitions: [GPTPartition] = []
  }

  /// Looks at all places of the drive, and at the start of each partition of a GPT.
  package static func scan(_ drive: DriveBytes) -> Found {
    var found = Found()
    let table = PartitionTables.scan(drive)
    found.partitions = table.partitions
    found.signatures = table.signatures + scan(Area(drive, start: 0, size: drive.size))
    for partition in table.partitions {
      let area = Area(drive, start: partition.startBytes, size: partition.sizeBytes)
      found.signatures += scan(area).map { signature in
        var signature = signature
        signature.partition = partition.number
        return signature
      }
    }
    var seen: Set<Signature> = []
    found.signatures = found.signatures.filter { seen.insert($0).inserted }
      .sorted { ($0.offset, $0.type) < ($1.offset, $1.type) }
    return found
  }

  private static func scan(_ area: Area) -> [Signature] {
    FixedMagic.scan(area) + FileSystems.scan(area) + ArrayMembers.scan(area) + Volumes.scan(area)
  }
}

/// A device whose content is looked at: the drive, or a partition on it.
struct Area {
  let drive: DriveBytes
  /// Where it begins on the drive, bytes.
  let start: Int
  /// Its size, bytes.
  let size: Int

  init(_ drive: DriveBytes, start: Int, size: Int) {
    (self.drive, self.start) = (drive, max(0, start))
    // A table may say anything: no place in it lies beyond the drive.
    self.size = max(0, min(size, drive.size - max(0, start)))
  }

  /// The place on the drive; beyond the area -1, which was never read.
  func place(_ offset: Int) -> Int { offset >= 0 && offset < size ? start + offset : -1 }

  func has(_ magic: [UInt8], at offset: Int) -> Bool { drive.has(magic, at: place(offset)) }
  func has(_ magic: String, at offset: Int) -> Bool { drive.has(magic, at: place(offset)) }
  func little(_ width: Int, at offset: Int) -> UInt64? { drive.little(width, at: place(offset)) }
  func big(_ width: Int, at offset: Int) -> UInt64? { drive.big(width, at: place(offset)) }
  func uuid(at offset: Int) -> String? { drive.uuid(at: place(offset)) }
  func text(at offset: Int, count: Int) -> String? { drive.text(at: place(offset), count: count) }
}
