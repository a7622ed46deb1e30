/// Members of RAID arrays: Linux's own, and two formats of firmware RAID.
enum ArrayMembers {
  private static let magic: UInt64 = 0xa92b_4efc

  static func scan(_ area: Area) -> [Signature] {
    old(area) + new(area) + firmware(area)
  }

  /// Metadata 0.90: in the last 64 KiB that begin at a multiple of 64 KiB, in the order of its host (md_p.h).
  private static func old(_ area: Area) -> [Signature] {
    let start = area.size / 65536 * 65536 - 65536
    guard let number = area.little(4, at: start), number == magic || swapped(number) == magic
    else { return [] }
    // set_uuid0 is at 20, the others at 52.
    let words = [20, 52, 56, 60].compactMap { offset in
      number == magic ? area.little(4, at: start + offset) : area.big(4, at: start + offset)
    }
    let bytes = words.flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
    }
    return [
      Signature(
        "linux_raid_member", at: area.place(start),
        uuid: words.count == 4 ? UUIDText.text(bytes) : nil, detail: "0.90")
    ]
  }

  private static func swapped(_ number: UInt64) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: number).byteSwapped)
  }

  /// Metadata 1.x, little-endian: 1.1 at the start, 1.2 at 4 KiB, 1.0 8 KiB before the end, at a multiple of 4 KiB.
  private static func new(_ area: Area) -> [Signature] {
    // As super1.c of mdadm counts: sectors, less 16, at a multiple of 8.
    let last = (area.size / 512 - 16) / 8 * 8 * 512
    return [("1.1", 0), ("1.2", 4096), ("1.0", last)].compactMap { version, start in
      guard area.little(4, at: start) == magic, area.little(4, at: start + 4) == 1
      else { return nil }
      return Signature(
        "linux_raid_member", at: area.place(start), uuid: area.uuid(at: start + 16),
        label: area.text(at: start + 32, count: 32), detail: version)
    }
  }

  /// Intel's (in the last sectors but one) and DDF (in the last sector, or 128 KiB earlier; SNIA).
  private static func firmware(_ area: Area) -> [Signature] {
    var found: [Signature] = []
    for place in [area.size - 1024, area.size - 8192]
    where area.has("Intel Raid ISM Cfg Sig. ", at: place) {
      found.append(Signature("isw_raid_member", at: area.place(place)))
    }
    for place in [area.size - 512, area.size - 512 - (257 << 9)] {
      if area.big(4, at: place) == 0xde11_de11 || area.little(4, at: place) == 0xde11_de11 {
        found.append(Signature("ddf_raid_member", at: area.place(place)))
      }
    }
    return found
  }
}
