/// Structures that a magic number at one place is enough for. Places and numbers are those of the programs' own
/// headers; libblkid's superblocks name the same.
struct FixedMagic {
  let type: String
  let magic: [UInt8]
  let offset: Int
  var uuid: Int?
  var label: (offset: Int, count: Int)?

  init(
    _ type: String, _ magic: String, at offset: Int, uuid: Int? = nil,
    label: (offset: Int, count: Int)? = nil
  ) {
    self.init(type, Array(magic.utf8), at: offset, uuid: uuid, label: label)
  }

  init(
    _ type: String, _ magic: [UInt8], at offset: Int, uuid: Int? = nil,
    label: (offset: Int, count: Int)? = nil
  ) {
    (self.type, self.magic, self.offset, self.uuid) = (type, magic, offset, uuid)
    self.label = label
  }

  static func scan(_ area: Area) -> [Signature] {
    all.compactMap { row in
      guard area.has(row.magic, at: row.offset) else { return nil }
      return Signature(
        row.type, at: area.place(row.offset), uuid: row.uuid.flatMap(area.uuid),
        label: row.label.flatMap { area.text(at: $0.offset, count: $0.count) })
    }
  }

  private static let all: [FixedMagic] = [
    FixedMagic("xfs", "XFSB", at: 0, uuid: 32, label: (108, 12)),
    FixedMagic("BitLocker", "-FVE-FS-", at: 3),
    FixedMagic("ntfs", "NTFS    ", at: 3),
    FixedMagic("exfat", "EXFAT   ", at: 3),
    FixedMagic("ReFS", [0, 0, 0] + Array("ReFS".utf8), at: 0),
    FixedMagic("vfat", "FAT32   ", at: 82, label: (71, 11)),
    FixedMagic("vfat", "FAT16   ", at: 54, label: (43, 11)),
    FixedMagic("vfat", "FAT12   ", at: 54, label: (43, 11)),
    FixedMagic("vfat", "MSDOS", at: 54),
    FixedMagic("iso9660", "CD001", at: 32769, label: (32808, 32)),
    FixedMagic("udf", "BEA01", at: 32769),
    FixedMagic("udf", "NSR02", at: 34817),
    FixedMagic("udf", "NSR03", at: 34817),
    FixedMagic("hfsplus", "H+", at: 1024),
    FixedMagic("hfsplus", "HX", at: 1024),
    FixedMagic("apfs", "NXSB", at: 32, uuid: 72),
    FixedMagic("f2fs", [0x10, 0x20, 0xf5, 0xf2], at: 1024, uuid: 1024 + 108),
    FixedMagic("f2fs", [0x10, 0x20, 0xf5, 0xf2], at: 5120, uuid: 5120 + 108),
    FixedMagic("nilfs2", [0x34, 0x34], at: 1030, uuid: 1024 + 152),
    FixedMagic("jfs", "JFS1", at: 32768, uuid: 32768 + 136),
    FixedMagic("reiserfs", "ReIsEr", at: 65536 + 52, uuid: 65536 + 84),
    FixedMagic("reiserfs", "ReIsEr", at: 8192 + 52),
    FixedMagic("squashfs", "hsqs", at: 0),
    FixedMagic("erofs", [0xe2, 0xe1, 0xf5, 0xe0], at: 1024, uuid: 1024 + 48),
    FixedMagic("cramfs", [0x45, 0x3d, 0xcd, 0x28], at: 0),
    FixedMagic("romfs", "-rom1fs-", at: 0),
    FixedMagic("minix", [0x7f, 0x13], at: 1040),
    FixedMagic("minix", [0x8f, 0x13], at: 1040),
    FixedMagic("minix", [0x68, 0x24], at: 1040),
    FixedMagic("minix", [0x78, 0x24], at: 1040),
    FixedMagic("minix", [0x5a, 0x4d], at: 1048),
    FixedMagic("gfs2", [0x01, 0x16, 0x19, 0x70], at: 65536),
    FixedMagic("ocfs2", "OCFSV2", at: 1024),
    FixedMagic("ocfs2", "OCFSV2", at: 2048),
    FixedMagic("ocfs2", "OCFSV2", at: 4096),
    FixedMagic("ufs", [0x54, 0x19, 0x01, 0x00], at: 8192 + 1372),
    FixedMagic("ufs", [0x19, 0x01, 0x54, 0x19], at: 8192 + 1372),
    FixedMagic("ufs", [0x19, 0x01, 0x54, 0x19], at: 65536 + 1372),
    FixedMagic("VMFS", [0x0d, 0xd0, 0x01, 0xc0], at: 1 << 20),
    FixedMagic("VMFS_volume_member", [0x0d, 0xd0, 0x01, 0xc0], at: (1 << 20) + 0x40),
    FixedMagic("ceph_bluestore", "bluestore block device", at: 0),
    FixedMagic("DM_verity_hash", Array("verity".utf8) + [0, 0], at: 0),
    FixedMagic("DM_integrity", Array("integrt".utf8) + [0], at: 0),
    FixedMagic("DM_snapshot_cow", "SnAp", at: 0),
    FixedMagic(
      "stratis", Array("!Stra0tis".utf8) + [0x86, 0xff, 0x02, 0x5e, 0x41, 0x72, 0x68], at: 516),
    FixedMagic(
      "stratis", Array("!Stra0tis".utf8) + [0x86, 0xff, 0x02, 0x5e, 0x41, 0x72, 0x68], at: 4612),
  ]
}
