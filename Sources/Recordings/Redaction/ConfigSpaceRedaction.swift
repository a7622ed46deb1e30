/// Replaces the device serial number in PCI configuration space.
enum ConfigSpaceRedaction {
  /// PCIe 6.0, 7.9.3: the Device Serial Number extended capability.
  private static let serialNumber = 0x0003
  /// Where extended capabilities begin, and where configuration space ends.
  private static let extended = 0x100..<0x1000

  /// The space with another serial number; zero, which stands for none, stays.
  static func redacted(_ space: [UInt8], _ pseudonyms: inout Pseudonyms) -> [UInt8] {
    var space = space
    var offset = extended.lowerBound
    var seen: Set<Int> = []
    while offset >= extended.lowerBound, offset + 4 <= min(space.count, extended.upperBound),
      seen.insert(offset).inserted
    {
      let header = (0..<4).reduce(0) { $0 | Int(space[offset + $1]) << (8 * $1) }
      if header & 0xffff == serialNumber {
        // Cut short it is still part of a serial number.
        let place = (offset + 4..<offset + 12).clamped(to: 0..<space.count)
        let value = place.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(space[$1]) }
        let pseudonym = place.count == 8 ? pseudonyms.number(value) : 0
        for (byte, index) in place.enumerated() {
          space[index] = UInt8(truncatingIfNeeded: pseudonym >> (8 * byte))
        }
      }
      offset = header >> 20 & 0xffc
    }
    return space
  }
}
