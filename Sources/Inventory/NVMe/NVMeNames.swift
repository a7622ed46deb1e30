/// Names of NVMe block devices.
enum NVMeNames {
  /// The block device behind an entry of a controller's folder: `nvme0n1` itself, and for
  /// `nvme0c2n1`, the hidden path through controller 2, the device `nvme0n1` that all paths of
  /// the subsystem share. Nil for anything else.
  static func blockDevice(_ entry: String) -> String? {
    guard entry.hasPrefix("nvme") else { return nil }
    var rest = entry.dropFirst(4)
    guard let instance = number(&rest) else { return nil }
    if rest.first == "c" {
      rest = rest.dropFirst()
      guard number(&rest) != nil else { return nil }
    }
    guard rest.first == "n" else { return nil }
    rest = rest.dropFirst()
    guard let namespace = number(&rest), rest.isEmpty else { return nil }
    return "nvme\(instance)n\(namespace)"
  }

  private static func number(_ text: inout Substring) -> Substring? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    text = text.dropFirst(digits.count)
    return digits.isEmpty ? nil : digits
  }

  /// Bytes of a controller memory buffer from its size register (CMBSZ): bits 31:12 count units
  /// of 4 KiB times 16 to the power of bits 11:8. Nil when reserved bits say nothing sensible.
  static func memoryBufferBytes(register: UInt64) -> Int? {
    guard register <= UInt64(UInt32.max) else { return nil }
    let unit = register >> 8 & 0xf
    guard unit <= 6 else { return nil }
    return Int(register >> 12) << (12 + 4 * Int(unit))
  }
}
