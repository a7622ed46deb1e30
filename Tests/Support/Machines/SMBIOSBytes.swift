/// SMBIOS structures for tests.
package enum SMBIOSBytes {
  /// A structure: header, formatted area behind it, strings.
  package static func structure(
    _ type: UInt8, handle: UInt16, _ fields: [UInt8], _ strings: [String]
  ) -> [UInt8] {
    var bytes = [
      type, UInt8(4 + fields.count), UInt8(handle & 0xff), UInt8(handle >> 8),
    ]
    bytes += fields
    for string in strings { bytes += Array(string.utf8) + [0] }
    return bytes + (strings.isEmpty ? [0, 0] : [0])
  }

  /// A memory device of SMBIOS 3.3; the strings are locator, bank, manufacturer, serial, asset
  /// tag, part number.
  package static func memoryDevice(
    handle: UInt16 = 0x1100, array: UInt16 = 0x1000, size: UInt16 = 0x7fff,
    extendedSize: UInt32 = 65536, type: UInt8 = 0x1a, speed: UInt16 = 3200,
    configured: UInt16 = 2933, extendedSpeed: UInt32 = 0, extendedConfigured: UInt32 = 0,
    strings: [String] = ["DIMMA1", "P0_Node0_Channel0", "Samsung", "H0KE0002", "AT1", "M393A8G40"]
  ) -> [UInt8] {
    var formatted = [UInt8](repeating: 0, count: 0x5c)
    func put(_ value: UInt32, _ width: Int, at offset: Int) {
      for index in 0..<width { formatted[offset + index] = UInt8(value >> (8 * index) & 0xff) }
    }
    put(UInt32(array), 2, at: 0x04)
    put(UInt32(size), 2, at: 0x0c)
    formatted[0x10] = 1
    formatted[0x11] = 2
    formatted[0x12] = type
    put(UInt32(speed), 2, at: 0x15)
    formatted[0x17] = 3
    formatted[0x18] = 4
    formatted[0x19] = 5
    formatted[0x1a] = 6
    put(extendedSize, 4, at: 0x1c)
    put(UInt32(configured), 2, at: 0x20)
    put(extendedSpeed, 4, at: 0x54)
    put(extendedConfigured, 4, at: 0x58)
    return structure(17, handle: handle, Array(formatted[4...]), strings)
  }

  package static let system = structure(
    1, handle: 1, [1, 2, 0, 3] + [UInt8](0x10..<0x20) + [6], ["Maker", "Box", "SN-1"])
  package static let array = structure(16, handle: 0x1000, [3, 3, 6, 0, 0, 0, 0, 0, 0, 2, 0], [])
  package static let end = structure(127, handle: 0xfeff, [], [])

  package static let emptySocket = memoryDevice(
    handle: 0x1101, size: 0, type: 2, speed: 0, configured: 0,
    strings: ["DIMMA2", "P0_Node0_Channel0", "Unknown", "Unknown", "Unknown", "Unknown"])

  package static let table = system + array + memoryDevice() + emptySocket + end
}
