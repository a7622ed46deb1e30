/// File systems whose superblock says more than one number, and swap.
enum FileSystems {
  static func scan(_ area: Area) -> [Signature] {
    ext(area) + extCopies(area) + xfsCopies(area) + btrfs(area) + zfs(area) + swap(area)
  }

  /// ext2, ext3 and ext4 (kernel, fs/ext4/ext4.h): the magic number is at 56 of the superblock.
  private static func ext(_ area: Area) -> [Signature] {
    ext(area, at: 1024).map { [$0] } ?? []
  }

  private static func ext(_ area: Area, at start: Int) -> Signature? {
    guard area.little(2, at: start + 56) == 0xef53, let compatible = area.little(4, at: start + 92),
      let incompatible = area.little(4, at: start + 96),
      let readOnly = area.little(4, at: start + 100)
    else { return nil }
    // A journal device; features that ext3 has not; a journal.
    let type =
      incompatible & 0x8 != 0
      ? "jbd"
      : incompatible & ~0x16 != 0 || readOnly & ~0x7 != 0
        ? "ext4" : compatible & 0x4 != 0 ? "ext3" : "ext2"
    return Signature(
      type, at: area.place(start + 56), uuid: area.uuid(at: start + 104),
      label: area.text(at: start + 120, count: 16))
  }

  /// Copies of the superblock: group 1 with blocks of 1 KiB, and the groups of 128 MiB with blocks of 4 KiB. The
  /// number of the group is at 90 (s_block_group_nr), so that two bytes by chance are not enough.
  private static func extCopies(_ area: Area) -> [Signature] {
    let places = [(1, 8193 << 10), (1, 16384 << 11)] + [1, 3, 5, 7, 9].map { ($0, $0 << 27) }
    return places.compactMap { group, place in
      guard area.little(2, at: place + 90) == UInt64(group), var copy = ext(area, at: place)
      else { return nil }
      copy.detail = "copy of the superblock"
      return copy
    }
  }

  /// The superblock of the second allocation group.
  private static func xfsCopies(_ area: Area) -> [Signature] {
    [((area.size / 4096) + 3) / 4 * 4096, 1 << 40].compactMap { place in
      guard place > 0, area.has("XFSB", at: place) else { return nil }
      return Signature(
        "xfs", at: area.place(place), uuid: area.uuid(at: place + 32),
        detail: "copy of the superblock")
    }
  }

  /// btrfs: the superblock and its mirrors (fs/btrfs/disk-io.h, BTRFS_SUPER_MIRROR_SHIFT).
  private static func btrfs(_ area: Area) -> [Signature] {
    [64 << 10, 64 << 20, 256 << 30].compactMap { place in
      guard area.has("_BHRfS_M", at: place + 64) else { return nil }
      return Signature(
        "btrfs", at: area.place(place + 64), uuid: area.uuid(at: place + 32),
        label: area.text(at: place + 299, count: 256),
        detail: place == 64 << 10 ? nil : "copy of the superblock")
    }
  }

  /// ZFS: two labels of 256 KiB at either end, the last two at a multiple of 256 KiB (vdev_label.c). Each has the
  /// configuration at 16 KiB, an XDR list, and from 128 KiB on a ring of uberblocks, 1 KiB each at the least.
  private static func zfs(_ area: Area) -> [Signature] {
    let label = 256 << 10
    let end = area.size / label * label
    var found: [Signature] = []
    for (number, start) in [0, label, end - 2 * label, end - label].enumerated() where start >= 0 {
      let detail = "label \(number)"
      for slot in 0..<128 {
        let place = start + (128 << 10) + slot << 10
        guard let magic = area.little(8, at: place) else { continue }
        if magic == 0x00ba_b10c || magic.byteSwapped == 0x00ba_b10c {
          found.append(Signature("zfs_member", at: area.place(place), detail: detail))
          break
        }
      }
      // NV_ENCODE_XDR, either order of the host, then nvl_version 0 and NV_UNIQUE_NAME.
      let list: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
      let place = start + (16 << 10)
      if area.has([1], at: place), area.has(list, at: place + 2) {
        found.append(Signature("zfs_member", at: area.place(place), detail: detail))
      }
    }
    return found
  }

  /// Swap, for every size of a page (mkswap(8)); also with an image of a machine that sleeps.
  private static func swap(_ area: Area) -> [Signature] {
    [4096, 8192, 16384, 32768, 65536].flatMap { page in
      ["SWAPSPACE2", "SWAP-SPACE", "S1SUSPEND\0", "S2SUSPEND\0", "ULSUSPEND\0", "LINHIB0001"]
        .compactMap { magic in
          guard area.has(magic, at: page - 10) else { return nil }
          return Signature(
            magic.hasPrefix("SWAP") ? "swap" : "swsuspend", at: area.place(page - 10),
            uuid: area.uuid(at: 1036), label: area.text(at: 1052, count: 16))
        }
    }
  }
}
