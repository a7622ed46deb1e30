/// Volumes that hold others: LUKS, LVM, bcache.
enum Volumes {
  static func scan(_ area: Area) -> [Signature] { luks(area) + lvm(area) + cache(area) }

  /// LUKS1 and LUKS2, and the second header of LUKS2, which stays where the first one is overwritten (LUKS2 on-disk
  /// format, table 1).
  private static func luks(_ area: Area) -> [Signature] {
    var found: [Signature] = []
    if area.has([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe], at: 0) {
      found.append(header(area, at: 0))
    }
    for place in (14...22).map({ 1 << $0 })
    where area.has([0x53, 0x4b, 0x55, 0x4c, 0xba, 0xbe], at: place) {
      found.append(header(area, at: place))
    }
    return found
  }

  private static func header(_ area: Area, at place: Int) -> Signature {
    let version = area.big(2, at: place + 6).map { "version \($0)" }
    return Signature(
      "crypto_LUKS", at: area.place(place), uuid: area.text(at: place + 168, count: 40),
      label: version == "version 2" ? area.text(at: place + 24, count: 48) : nil,
      detail: place == 0 ? version : "second header")
  }

  /// LVM2: a label in one of the first four sectors (lib/label/label.h).
  private static func lvm(_ area: Area) -> [Signature] {
    (0..<4).map { $0 * 512 }.compactMap { place in
      guard area.has("LABELONE", at: place) else { return nil }
      let isSecond = area.has("LVM2 001", at: place + 24)
      return Signature(
        isSecond ? "LVM2_member" : "LVM1_member", at: area.place(isSecond ? place + 24 : place),
        uuid: area.text(at: place + 32, count: 32))
    }
  }

  /// bcache and bcachefs: a superblock at 4 KiB with its magic number at 24.
  private static func cache(_ area: Area) -> [Signature] {
    let magics: [(String, [UInt8])] = [
      (
        "bcache",
        [
          0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5, 0x7f, 0x48, 0xba, 0x6d,
          0x81,
        ]
      ),
      (
        "bcachefs",
        [
          0xc6, 0x85, 0x73, 0xf6, 0x66, 0xce, 0x90, 0xa9, 0xd9, 0x6a, 0x60, 0xcf, 0x80, 0x3d, 0xf7,
          0xef,
        ]
      ),
    ]
    return magics.compactMap { type, magic in
      guard area.has(magic, at: 4096 + 24) else { return nil }
      return Signature(type, at: area.place(4096 + 24), uuid: area.uuid(at: 4096 + 40))
    }
  }
}
