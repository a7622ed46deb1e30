import Storage

@testable import Storage

/// A drive that nobody may write to without consent, and how it comes about.
struct Decoy: Sendable {
  let title: String
  let state: DriveState
  /// What the reason must say.
  let reason: String
  let make: @Sendable (DecoyBox, String) throws -> Void

  init(
    _ title: String, _ state: DriveState = .foreign, saying reason: String,
    _ make: @escaping @Sendable (DecoyBox, String) throws -> Void
  ) {
    (self.title, self.state, self.reason, self.make) = (title, state, reason, make)
  }

  /// Bytes at places.
  init(
    _ title: String, _ state: DriveState = .foreign, saying reason: String,
    bytes: [(Int, [UInt8])]
  ) {
    self.init(title, state, saying: reason) { box, name in
      for (offset, bytes) in bytes { try box.write(bytes, at: offset, on: name) }
    }
  }

  static let size = DecoyBox.size
  static let uuid: [UInt8] = (0..<16).map { 0xa0 + $0 }

  static var all: [Decoy] { tables + fileSystems + arrays + volumes + raw }

  // MARK: Partition tables

  private static func table(block: Int) -> GPTTable {
    let planned = StorageIntent.Drive(
      serial: "", diskUUID: "11111111-2222-4333-8444-555555555555",
      partitionUUID: "66666666-7777-4888-9999-aaaaaaaaaaaa",
      fileSystemUUID: "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff",
      partitionBytes: GPTTable.largestPartition(driveBytes: size))
    guard let table = GPTTable(planned, driveBytes: size, blockBytes: block) else {
      fatalError("the table of a decoy does not fit")
    }
    return table
  }

  private static func ends(block: Int, head: Bool, tail: Bool) -> [(Int, [UInt8])] {
    let bytes = 24 << 10
    return (head ? [(0, table(block: block).head(bytes))] : [])
      + (tail ? [(size - bytes, table(block: block).tail(bytes))] : [])
  }

  private static let master: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.replaceSubrange(446..<462, with: [0x80, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0])
    bytes.replaceSubrange(510..<512, with: [0x55, 0xaa])
    return bytes
  }()

  private static let tables = [
    Decoy("GPT", saying: "gpt", bytes: ends(block: 512, head: true, tail: true)),
    Decoy(
      "GPT without its start", saying: "gpt backup",
      bytes: ends(block: 512, head: false, tail: true)),
    Decoy("GPT without its end", saying: "gpt", bytes: ends(block: 512, head: true, tail: false)),
    Decoy(
      "GPT of 4 KiB blocks without its start", saying: "gpt backup",
      bytes: ends(block: 4096, head: false, tail: true)),
    Decoy("GPT of 4 KiB blocks", saying: "gpt", bytes: ends(block: 4096, head: true, tail: false)),
    Decoy("MBR", saying: "dos", bytes: [(0, master)]),
    Decoy("boot signature alone", saying: "dos", bytes: [(510, [0x55, 0xaa])]),
    Decoy(
      "protective MBR alone", saying: "PMBR", bytes: [(0, Array(table(block: 512).head(512)))]),
  ]

  // MARK: File systems

  private static let zfsBlock = little(UInt64(0x00ba_b10c)) + little(UInt64(5000))
  private static let zfsList: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
  private static func zfs(_ labels: [Int]) -> [(Int, [UInt8])] {
    labels.flatMap { start in [(start + (16 << 10), zfsList), (start + (132 << 10), zfsBlock)] }
  }
  private static let zfsEnd = size / (256 << 10) * (256 << 10)

  private static func made(
    _ title: String, saying reason: String, by command: [String],
    then change: @escaping @Sendable (DecoyBox, String) throws -> Void = { _, _ in }
  ) -> Decoy {
    Decoy(title, saying: reason) { box, name in
      // mke2fs, mkswap and mkfs.minix are in every Debian.
      if try !box.run(command, on: name) { throw MissingProgram(name: command[0]) }
      try change(box, name)
    }
  }

  struct MissingProgram: Error { let name: String }

  private static func zero(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static let fileSystems = [
    made("ext4", saying: "ext4", by: ["mkfs.ext4", "-q", "-E", "nodiscard"]),
    made(
      "ext4, 64 KiB overwritten", saying: "copy of the superblock",
      by: ["mkfs.ext4", "-q", "-b", "4096"]
    ) {
      try $0.write(zero(64 << 10), at: 0, on: $1)
    },
    made(
      "ext4, 16 MiB overwritten", saying: "copy of the superblock",
      by: ["mkfs.ext4", "-q", "-b", "4096"]
    ) {
      try $0.write(zero(16 << 20), at: 0, on: $1)
    },
    made("ext2", saying: "ext2", by: ["mkfs.ext2", "-q"]),
    made("ext3", saying: "ext3", by: ["mkfs.ext3", "-q"]),
    made("minix", saying: "minix", by: ["mkfs.minix"]),
    made("swap", saying: "swap", by: ["mkswap"]),
    made("swap with large pages", saying: "swap", by: ["mkswap", "--pagesize", "65536"]),
    Decoy(
      "XFS", saying: "xfs", bytes: [(0, Array("XFSB".utf8) + big(UInt32(4096)) + zero(24) + uuid)]),
    Decoy(
      "XFS, its second group", saying: "xfs",
      bytes: [
        ((size / 4096 + 3) / 4 * 4096, Array("XFSB".utf8) + big(UInt32(4096)) + zero(24) + uuid)
      ]),
    Decoy(
      "btrfs", saying: "btrfs", bytes: [(65536 + 32, uuid + zero(16) + Array("_BHRfS_M".utf8))]),
    Decoy(
      "btrfs, its mirror", saying: "btrfs copy",
      bytes: [((64 << 20) + 32, uuid + zero(16) + Array("_BHRfS_M".utf8))]),
    Decoy(
      "ZFS", saying: "zfs_member label 0",
      bytes: zfs([0, 256 << 10, zfsEnd - (512 << 10), zfsEnd - (256 << 10)])),
    Decoy("ZFS, its last label", saying: "zfs_member label 3", bytes: zfs([zfsEnd - (256 << 10)])),
    Decoy(
      "BitLocker", saying: "BitLocker",
      bytes: [(0, [0xeb, 0x58, 0x90] + Array("-FVE-FS-".utf8)), (510, [0x55, 0xaa])]),
    Decoy(
      "NTFS", saying: "ntfs",
      bytes: [(0, [0xeb, 0x52, 0x90] + Array("NTFS    ".utf8)), (510, [0x55, 0xaa])]),
    Decoy("exFAT", saying: "exfat", bytes: [(3, Array("EXFAT   ".utf8))]),
    Decoy("FAT", saying: "vfat", bytes: [(71, Array("MY STICK   FAT32   ".utf8))]),
    Decoy("image of a disc", saying: "iso9660", bytes: [(32768, [1] + Array("CD001".utf8) + [1])]),
    Decoy("f2fs", saying: "f2fs", bytes: [(1024, little(UInt32(0xf2f5_2010)))]),
    Decoy("APFS", saying: "apfs", bytes: [(32, Array("NXSB".utf8))]),
    Decoy("squashfs", saying: "squashfs", bytes: [(0, Array("hsqs".utf8)), (28, [4, 0])]),
  ]

  // MARK: Arrays

  private static func member(_ bytes: (UInt32) -> [UInt8]) -> [UInt8] {
    bytes(0xa92b_4efc) + bytes(0) + bytes(90) + zero(8) + Array(uuid[0..<4]) + zero(28)
      + Array(uuid[4...])
  }
  private static let member1 =
    little(UInt32(0xa92b_4efc)) + little(UInt32(1)) + zero(8) + uuid + Array("box:0".utf8)

  private static let arrays = [
    Decoy(
      "md 0.90", saying: "linux_raid_member 0.90",
      bytes: [((size / 65536 - 1) * 65536, member { little($0) })]),
    Decoy(
      "md 0.90 of another byte order", saying: "linux_raid_member 0.90",
      bytes: [((size / 65536 - 1) * 65536, member { big($0) })]),
    Decoy(
      "md 1.0", saying: "linux_raid_member 1.0",
      bytes: [((size / 512 - 16) / 8 * 8 * 512, member1)]),
    Decoy("md 1.1", saying: "linux_raid_member 1.1", bytes: [(0, member1)]),
    Decoy("md 1.2", saying: "linux_raid_member 1.2 \"box:0\"", bytes: [(4096, member1)]),
    Decoy(
      "Intel's RAID", saying: "isw_raid_member",
      bytes: [(size - 1024, Array("Intel Raid ISM Cfg Sig. 1.3.00".utf8))]),
    Decoy("DDF", saying: "ddf_raid_member", bytes: [(size - 512, [0xde, 0x11, 0xde, 0x11])]),
  ]

  // MARK: Volumes

  private static func luks(_ magic: String, version: UInt16) -> [UInt8] {
    Array(magic.utf8) + [0xba, 0xbe] + big(version) + zero(160)
      + Array("a0a1a2a3-a4a5-46a7-88a9-aaabacadaeaf".utf8)
  }

  private static let volumes = [
    Decoy("LUKS1", saying: "crypto_LUKS version 1", bytes: [(0, luks("LUKS", version: 1))]),
    Decoy("LUKS2", saying: "crypto_LUKS version 2", bytes: [(0, luks("LUKS", version: 2))]),
    Decoy(
      "LUKS2, its second header", saying: "crypto_LUKS second",
      bytes: [(16384, luks("SKUL", version: 2))]),
    Decoy(
      "LVM", saying: "LVM2_member",
      bytes: [
        (
          512,
          Array("LABELONE".utf8) + zero(16) + Array("LVM2 001abcdefghijklmnopqrstuvwxyz012345".utf8)
        )
      ]),
    Decoy(
      "bcache", saying: "bcache",
      bytes: [
        (
          4096 + 24,
          [
            0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba,
            0x6d, 0x81,
          ] + uuid
        )
      ]),
    Decoy("Ceph", saying: "ceph_bluestore", bytes: [(0, Array("bluestore block device\n".utf8))]),
  ]

  // MARK: No structure

  private static let pattern: [UInt8] = (0..<(256 << 10)).map {
    UInt8(truncatingIfNeeded: $0 &* 31 &+ 7)
  }

  private static let raw = [
    Decoy(
      "raw data at 20 MiB", .unknownContent, saying: "not zero at byte 2",
      bytes: [(20 << 20, pattern)]),
    Decoy(
      "raw data at 300 MiB", .unknownContent, saying: "not zero",
      bytes: [(300 << 20, pattern + pattern + pattern)]),
    Decoy(
      "a byte in the first sector", .unknownContent, saying: "not zero at byte 100",
      bytes: [(100, [1])]),
    Decoy("the last byte", .unknownContent, saying: "not zero", bytes: [(size - 1, [1])]),
    Decoy("random data", .unknownContent, saying: "not zero at byte 0") { box, name in
      for offset in stride(from: 0, to: 40 << 20, by: pattern.count) {
        // No structure by chance: the same bytes in every run.
        try box.write(pattern.map { $0 | 1 }, at: offset, on: name)
      }
    },
  ]
}
