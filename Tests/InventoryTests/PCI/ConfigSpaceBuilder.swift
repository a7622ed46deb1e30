@testable import Inventory

/// Writes configuration spaces by hand.
struct ConfigSpaceBuilder {
  var bytes: [UInt8]
  private var lastStandard = 0x34
  private var lastExtended = 0

  /// A header of type 0, or 1 for a bridge, without capabilities.
  init(size: Int = 4096, bridge: Bool = false) {
    bytes = [UInt8](repeating: 0, count: size)
    put16(0x00, 0x1002)  // Vendor id.
    put16(0x02, 0x744c)  // Device id.
    put16(0x04, 0x0007)  // Command: I/O, memory, bus master.
    put16(0x06, 0x0000)  // Status: no capability list yet.
    bytes[0x08] = 0xc8  // Revision.
    bytes[0x0a] = bridge ? 0x04 : 0x00  // Subclass.
    bytes[0x0b] = bridge ? 0x06 : 0x03  // Class.
    bytes[0x0e] = bridge ? 0x01 : 0x00  // Header type.
  }

  mutating func put16(_ offset: Int, _ value: UInt16) {
    bytes[offset] = UInt8(truncatingIfNeeded: value)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  mutating func put32(_ offset: Int, _ value: UInt32) {
    put16(offset, UInt16(truncatingIfNeeded: value))
    put16(offset + 2, UInt16(truncatingIfNeeded: value >> 16))
  }

  /// Appends a standard capability to the list.
  mutating func standard(_ id: UInt8, at offset: Int) {
    bytes[0x06] |= 0x10  // Status bit 4: there is a list.
    bytes[lastStandard == 0x34 ? 0x34 : lastStandard + 1] = UInt8(offset)
    bytes[offset] = id
    lastStandard = offset
  }

  /// Appends an extended capability to the list; the first one must be at 0x100.
  mutating func extended(_ id: UInt16, at offset: Int) {
    if lastExtended != 0 {
      put16(lastExtended + 2, UInt16(offset << 4) | 1)  // Next pointer, bits 31:20; version 1.
    }
    put16(offset, id)
    put16(offset + 2, 1)
    lastExtended = offset
  }

  /// A PCI Express capability, version 2.
  mutating func express(
    at base: Int = 0x60, type: UInt16, capability: (speed: UInt32, width: UInt32),
    status: (speed: UInt16, width: UInt16), target: UInt16? = nil
  ) {
    standard(0x10, at: base)
    put16(base + 0x02, type << 4 | 2)  // Port type, version.
    put32(base + 0x04, 0x2)  // DevCap: payload up to 512 bytes.
    put16(base + 0x08, 0x2 << 12 | 1 << 8 | 0x1 << 5 | 0x10)  // DevCtl: MRRS 512, tags, MPS 256.
    put32(base + 0x0c, capability.width << 4 | capability.speed)  // LnkCap.
    put16(base + 0x12, status.width << 4 | status.speed)  // LnkSta.
    put32(base + 0x2c, ((1 << capability.speed) - 1) << 1)  // LnkCap2: every speed up to it.
    put16(base + 0x30, target ?? UInt16(capability.speed))  // LnkCtl2: target speed.
  }

  /// A space like that of a GPU: every capability tinybox reads, and some it does not.
  static func rich(bridge: Bool = false) -> ConfigSpaceBuilder {
    var space = ConfigSpaceBuilder(bridge: bridge)
    space.standard(0x01, at: 0x40)  // Power management.
    space.standard(0x05, at: 0x50)  // MSI.
    space.put16(0x52, 0x3 << 1)  // 8 vectors.
    space.express(type: bridge ? 6 : 0, capability: (4, 16), status: (3, 8))
    space.standard(0x11, at: 0xa0)  // MSI-X.
    space.put16(0xa2, 0x3f)  // 64 vectors.
    space.extended(0x0001, at: 0x100)  // AER.
    space.extended(0x0003, at: 0x150)  // Serial number.
    space.put32(0x154, 0x1122_3344)
    space.put32(0x158, 0x5566_7788)
    space.extended(0x0015, at: 0x200)  // Resizable BAR, two registers.
    space.put32(0x204, 0x1f << 12)  // BAR 0: 2^(8..12 + 20), 256 MiB to 4 GiB.
    space.put32(0x208, 12 << 8 | 2 << 5 | 0)  // Set to 4 GiB; two entries; BAR 0.
    space.put32(0x20c, 0x3 << 5)  // BAR 2: 2 MiB and 4 MiB.
    space.put32(0x210, 1 << 8 | 2)  // Set to 2 MiB; BAR 2.
    space.extended(0x000d, at: 0x2a0)  // ACS.
    space.put16(0x2a4, 0x007f)
    space.put16(0x2a6, 0x001d)
    space.extended(0x0010, at: 0x300)  // SR-IOV.
    return space
  }
}
