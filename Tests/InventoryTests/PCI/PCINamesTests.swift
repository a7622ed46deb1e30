import KernelTree
import TestSupport
import Testing

@testable import Inventory

@Suite struct PCINamesTests {
  static let file = """
    # List of PCI ID's
    # Date:    2026-01-01 03:15:02

    1000  Broadcom / LSI
    \t0014  MegaRAID Tri-Mode SAS3516
    1002  Advanced Micro Devices, Inc. [AMD/ATI]
    \t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX]
    \t\t1002 0e3b  Radeon RX 7900 GRE
    # A comment between the lines of a vendor
    \t\t1da2 e471  NITRO+ RX 7900 XTX Vapor-X
    \t7450  Navi 31 USB
    144d  Samsung Electronics Co Ltd
    \ta80a  NVMe SSD Controller PM9A1/PM9A3/980PRO
    \t\t144d a801  SSD 980 PRO
    1da2  Sapphire Technology Limited
    C 01  Mass storage controller
    \t08  Non-Volatile memory controller
    \t\t01  NVMHCI
    \t\t02  NVM Express
    C 03  Display controller
    \t00  VGA compatible controller
    \t\t00  VGA controller
    \t\t01  8514 controller

    """

  private static func identity(
    _ vendor: UInt16, _ device: UInt16, _ board: (UInt16, UInt16)? = nil, code: UInt32
  ) -> PCIIdentity {
    var identity = PCIIdentity()
    identity.vendorID = vendor
    identity.deviceID = device
    identity.subsystemVendorID = board?.0
    identity.subsystemID = board?.1
    identity.classCode = code
    return identity
  }

  private static func named(_ identity: PCIIdentity, text: [UInt8] = Array(file.utf8))
    -> PCIIdentity
  {
    var wanted = PCINames.Wanted()
    wanted.insert(identity)
    var identity = identity
    PCINames(text: text).resolve(wanted).apply(to: &identity)
    return identity
  }

  @Test func namesOfAFunction() {
    let gpu = Self.named(Self.identity(0x1002, 0x744c, (0x1da2, 0xe471), code: 0x030000))
    #expect(gpu.vendorName == "Advanced Micro Devices, Inc. [AMD/ATI]")
    #expect(gpu.deviceName == "Navi 31 [Radeon RX 7900 XT/7900 XTX]")
    #expect(gpu.subsystemName == "NITRO+ RX 7900 XTX Vapor-X")
    #expect(gpu.subsystemVendorName == "Sapphire Technology Limited")
    #expect(gpu.className == "VGA compatible controller")
    #expect(gpu.programmingInterfaceName == "VGA controller")
    let drive = Self.named(Self.identity(0x144d, 0xa80a, (0x144d, 0xa801), code: 0x010802))
    #expect(drive.deviceName == "NVMe SSD Controller PM9A1/PM9A3/980PRO")
    #expect(drive.subsystemName == "SSD 980 PRO")
    #expect(drive.programmingInterfaceName == "NVM Express")
  }

  @Test func whatTheFileDoesNotKnowHasNoName() {
    let other = Self.named(Self.identity(0x1002, 0x0001, (0x1002, 0x0e3b), code: 0x034200))
    #expect(other.vendorName != nil && other.deviceName == nil && other.subsystemName == nil)
    // The class itself is known.
    #expect(other.className == "Display controller")
    #expect(other.programmingInterfaceName == nil)
    let stranger = Self.named(Self.identity(0xdead, 0x744c, code: 0xff0000))
    #expect(stranger == Self.identity(0xdead, 0x744c, code: 0xff0000))
    // The subsystem of one device is not that of another.
    let usb = Self.named(Self.identity(0x1002, 0x7450, (0x1da2, 0xe471), code: 0x0c0330))
    #expect(usb.deviceName == "Navi 31 USB" && usb.subsystemName == nil)
  }

  @Test func subsetNamesTheSameAndNothingElse() {
    let gpu = Self.identity(0x1002, 0x744c, (0x1da2, 0xe471), code: 0x030000)
    var wanted = PCINames.Wanted()
    wanted.insert(gpu)
    let subset = PCINames.subset(text: Array(Self.file.utf8), wanted: wanted)
    #expect(
      String(decoding: subset, as: UTF8.self) == """
        1002  Advanced Micro Devices, Inc. [AMD/ATI]
        \t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX]
        \t\t1da2 e471  NITRO+ RX 7900 XTX Vapor-X
        1da2  Sapphire Technology Limited
        C 03  Display controller
        \t00  VGA compatible controller
        \t\t00  VGA controller

        """)
    #expect(Self.named(gpu, text: subset) == Self.named(gpu))
  }

  @Test func firstFileOfATreeIsRead() {
    var builder = MemoryTreeBuilder()
    builder.file("/usr/share/hwdata/pci.ids", bytes: Array(Self.file.utf8))
    #expect(PCINames(tree: builder.tree()).text == Array(Self.file.utf8))
    #expect(PCINames(tree: MemoryTreeBuilder().tree()).text.isEmpty)
    #expect(PCINames().resolve(PCINames.Wanted()).byKey.isEmpty)
  }

  @Test(.seeded) func damagedTextsAreSurvived() {
    var wanted = PCINames.Wanted()
    wanted.insert(Self.identity(0x1002, 0x744c, (0x1da2, 0xe471), code: 0x030000))
    var random = SeededGenerator()
    let original = Array(Self.file.utf8)
    for _ in 0..<400 {
      var text = original
      for _ in 0..<8 {
        guard let place = text.indices.randomElement(using: &random) else { break }
        switch random.pick(0..<3) {
        case 0: text.remove(at: place)
        case 1: text[place] = random.pick([0x09, 0x0a, 0x00, 0xff, 0x20, 0x43])
        default: text.removeSubrange(place..<min(place + 40, text.count))
        }
      }
      let names = PCINames.resolve(text: text, wanted: wanted)
      #expect(names.byKey.count <= 10)
      // A subset of a subset is itself.
      let subset = PCINames.subset(text: text, wanted: wanted)
      #expect(PCINames.resolve(text: subset, wanted: wanted).byKey == names.byKey)
    }
  }
}
