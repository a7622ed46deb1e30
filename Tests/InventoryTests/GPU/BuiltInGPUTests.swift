import Base
import Testing

@testable import Inventory

@Suite struct BuiltInGPUTests {
  private func verdict(_ vendor: GPU.Vendor, _ device: UInt16?, behindBridge: Bool) -> Bool? {
    var function = PCIFunction(address: PCIAddress(domain: 0, bus: 3, device: 0, function: 0))
    function.identity.deviceID = device
    if behindBridge {
      function.parent = PCIAddress(domain: 0, bus: 0, device: 1, function: 0)
    }
    return BuiltInGPU.verdict(vendor, function)
  }

  /// Kaveri, Raven, Renoir, Raphael, Phoenix, Strix Halo, Kabini, RS780: behind a bridge of the
  /// processor, or on the root bus of a guest.
  @Test(
    arguments: [
      0x1304, 0x15dd, 0x1636, 0x164e, 0x15bf, 0x1586, 0x9830, 0x9610,
    ] as [UInt16])
  func `AMD's processors`(device: UInt16) {
    #expect(verdict(.amd, device, behindBridge: true) == true)
    #expect(verdict(.amd, device, behindBridge: false) == true)
  }

  /// Hawaii, Polaris, Vega 20, Navi 31, Navi 48, MI210, MI300X, MI300A, R600.
  @Test(
    arguments: [
      0x67b0, 0x67df, 0x66a1, 0x744c, 0x7550, 0x740f, 0x74a1, 0x74a0, 0x9400,
    ] as [UInt16])
  func `AMD's cards`(device: UInt16) {
    #expect(verdict(.amd, device, behindBridge: true) == false)
    #expect(verdict(.amd, device, behindBridge: false) == false)
  }

  @Test func `Intel's processors and cards`() {
    // UHD 770, Xe of Meteor Lake.
    for device: UInt16 in [0xa780, 0x7d55] {
      #expect(verdict(.intel, device, behindBridge: false) == true)
    }
    // A770, Flex 170, Ponte Vecchio, B580, DG1: as a guest has them too.
    for device: UInt16 in [0x56a0, 0x56c0, 0x0bda, 0xe20b, 0x4905] {
      #expect(verdict(.intel, device, behindBridge: true) == false)
      #expect(verdict(.intel, device, behindBridge: false) == false)
    }
    // A card that nobody knew when this was written.
    #expect(verdict(.intel, 0x674c, behindBridge: true) == false)
  }

  @Test func `others, and ids that could not be read`() {
    // GB10 is part of a processor, and computes.
    #expect(verdict(.nvidia, 0x2e12, behindBridge: true) == false)
    #expect(verdict(.other, 0x3d00, behindBridge: false) == nil)
    #expect(verdict(.amd, nil, behindBridge: true) == nil)
  }
}
