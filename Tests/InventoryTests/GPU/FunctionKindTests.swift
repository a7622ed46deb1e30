import Base
import TestMachines
import Testing

@testable import Inventory

@Suite struct FunctionKindTests {
  struct Case: Sendable {
    var vendor: UInt16?
    var device: UInt16
    var classCode: UInt32
    var verdict: FunctionKind
  }

  @Test(arguments: [
    Case(vendor: 0x1002, device: 0x744c, classCode: 0x030000, verdict: .gpu(.amd)),
    Case(vendor: 0x1002, device: 0x74a1, classCode: 0x120000, verdict: .gpu(.amd)),
    Case(vendor: 0x1002, device: 0x5046, classCode: 0x030000, verdict: .gpu(.amd)),
    Case(vendor: 0x1002, device: 0x7550, classCode: 0x038000, verdict: .gpu(.amd)),
    Case(vendor: 0x10de, device: 0x2684, classCode: 0x030000, verdict: .gpu(.nvidia)),
    Case(vendor: 0x10de, device: 0x2330, classCode: 0x030200, verdict: .gpu(.nvidia)),
    // NVSwitch is a bridge; the card's own audio function is audio.
    Case(vendor: 0x10de, device: 0x22a3, classCode: 0x068000, verdict: .other),
    Case(vendor: 0x1002, device: 0xab30, classCode: 0x040300, verdict: .other),
    Case(vendor: 0x8086, device: 0x56a0, classCode: 0x030000, verdict: .gpu(.intel)),
    Case(vendor: 0x8086, device: 0x0b25, classCode: 0x120000, verdict: .accelerator),
    Case(vendor: 0x1bcf, device: 0x001c, classCode: 0x120000, verdict: .accelerator),
    Case(vendor: 0x1a03, device: 0x2000, classCode: 0x030000, verdict: .display),
    Case(vendor: 0x102b, device: 0x0536, classCode: 0x030000, verdict: .display),
    Case(vendor: 0x1234, device: 0x1111, classCode: 0x030000, verdict: .display),
    Case(vendor: 0x1af4, device: 0x1050, classCode: 0x038000, verdict: .display),
    Case(vendor: 0x15ad, device: 0x0405, classCode: 0x030000, verdict: .display),
    Case(vendor: 0x1013, device: 0x00b8, classCode: 0x030000, verdict: .display),
    Case(vendor: 0x1b36, device: 0x0100, classCode: 0x030000, verdict: .display),
    Case(vendor: nil, device: 0, classCode: 0x030000, verdict: .unknownDisplay),
    Case(vendor: 0x1002, device: 0x1478, classCode: 0x060400, verdict: .other),
  ])
  func `class and vendor decide`(_ example: Case) {
    var function = PCIFunction(
      address: PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0))
    function.identity.vendorID = example.vendor
    function.identity.deviceID = example.device
    function.identity.classCode = example.classCode
    #expect(FunctionKind(function) == example.verdict)
  }

  @Test func `a virtual function of a card on its host is no further GPU`() {
    var function = PCIFunction(
      address: PCIAddress(domain: 0, bus: 0x21, device: 2, function: 0))
    function.identity.vendorID = 0x1002
    function.identity.classCode = 0x120000
    #expect(FunctionKind(function) == .gpu(.amd))
    function.physicalFunction = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
    #expect(FunctionKind(function) == .other)
  }

  @Test func `a machine without GPUs says so, and names what it unknown`() {
    var fixture = GPUTree()
    fixture.add("0000:03:00.0", vendor: 0x1a03)
    #expect(fixture.collect().collectors.first?.outcome == .nothing)
    // With a display that may be one, "none" would be a guess.
    fixture.add("0004:05:00.0", vendor: nil)
    let inventory = fixture.collect()
    #expect(inventory.gpus.isEmpty)
    #expect(inventory.collectors.first?.outcome == .failed)
    #expect(inventory.collectors.first?.note?.contains("0004:05:00.0") == true)
  }
}
