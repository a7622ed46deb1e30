internal import Base

/// The `resource` file of a PCI function: one line `start end flags` a resource.
enum PCIResources {
  // Flags of linux/ioport.h.
  private static let io: UInt64 = 0x100
  private static let memory: UInt64 = 0x200
  private static let prefetchable: UInt64 = 0x2000
  private static let wide: UInt64 = 0x10_0000
  private static let unset: UInt64 = 0x2000_0000

  /// The base address registers in use, and the expansion ROM as number 6. Lines further down are
  /// windows of a bridge or registers of virtual functions, in an order the kernel's build decides.
  /// - Returns: nil when a line is malformed.
  static func bars(_ text: ArraySlice<UInt8>) -> [PCIBar]? {
    var bars: [PCIBar] = []
    for (index, line) in text.split(separator: 0x0a).prefix(7).enumerated() {
      let numbers = ASCII.fields(line).compactMap(ASCII.hexadecimal)
      guard numbers.count == 3 else { return nil }
      let (start, end, flags) = (numbers[0], numbers[1], numbers[2])
      // The upper half of a 64-bit register, or one that is not there.
      guard flags & (io | memory) != 0, !(start == 0 && end == 0) else { continue }
      guard end >= start, end - start < .max else { return nil }
      // Older kernels leave the address 0 and set no flag.
      let isAssigned = flags & unset == 0 && start != 0
      bars.append(
        PCIBar(
          index: index, sizeBytes: end - start + 1, kind: flags & io != 0 ? .io : .memory,
          isPrefetchable: flags & prefetchable != 0, is64Bit: flags & wide != 0,
          isAssigned: isAssigned, address: isAssigned ? start : nil))
    }
    return bars
  }
}
