import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// What the links of a device let through.
struct PCIeCeilingTests {
  static let drive = MadeUp.at("01:00.0")
  static let port = MadeUp.at("00:01.1")

  /// A drive for PCIe 4.0 x4 below one port.
  static func box(mps: Int? = 256, portMPS: Int? = 256) -> Inventory {
    var inventory = Inventory(origin: "test")
    inventory.machine.virtualization = Virtualization(kind: .none, name: nil, evidence: "test")
    var root = MadeUp.port("00:01.1", bus: "pci0000:00", node: 0)
    root.express = portMPS.map(express)
    var function = MadeUp.endpoint(
      "01:00.0", below: root, code: 0x010802, name: "drive", driver: "nvme",
      now: MadeUp.rate(16, 4), possible: MadeUp.rate(16, 4))
    function.express = mps.map(express)
    inventory.pci = [root, function]
    return inventory
  }

  static func express(_ payload: Int) -> PCIeCapability {
    PCIeCapability(
      portType: .endpoint, maxPayloadSupportedBytes: 512, maxPayloadBytes: payload,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
  }

  private func limit(
    _ inventory: Inventory, _ transfer: PCIeCeiling.Transfer = .toMemory,
    _ address: PCIAddress? = drive
  ) -> BenchmarkCeiling.Limit {
    PCIeCeiling.limit(address, transfer, DeviceIndex(inventory))
  }

  @Test func itIsTheRawRateWithoutHeaders() {
    // 16 GT/s x 4 lanes x 128/130 / 8.
    let raw = 16e9 * 4 * 128 / 130 / 8 as Double
    #expect(limit(Self.box(), .toMemory).value?.rounded() == (raw * (256.0 / 280)).rounded())
    #expect(limit(Self.box(), .fromMemory).value?.rounded() == (raw * (256.0 / 276)).rounded())
    #expect(
      limit(Self.box()).arithmetic
        == "PCIe 4.0 x4 7.88 GB/s x 256 / (256 + 24) payload of a packet")
  }

  @Test func theLowestPayloadOfThePathCounts() {
    #expect(limit(Self.box(portMPS: 128)) == limit(Self.box(mps: 128)))
    #expect(limit(Self.box(portMPS: 128)).arithmetic.contains("128 / (128 + 24)"))
  }

  @Test func theNarrowestLinkCountsAndNotWhatItRunsAtNow() {
    var inventory = Self.box()
    inventory.pci[1].path?.hops.append(
      MadeUp.hop(Self.port, Self.port, now: MadeUp.rate(8, 4), possible: MadeUp.rate(8, 4)))
    #expect(limit(inventory).arithmetic.hasPrefix("PCIe 3.0 x4 "))
    var degraded = Self.box()
    degraded.pci[1].path?.hops[0].current = MadeUp.rate(16, 2)
    #expect(limit(degraded) == limit(Self.box()))
  }

  @Test func whatIsMissingIsNamed() {
    #expect(limit(Self.box(), .toMemory, nil).value == nil)
    var payload = limit(Self.box(portMPS: nil))
    #expect(payload.value == nil)
    #expect(payload.arithmetic.contains("MPS"))
    payload = limit(Self.box(mps: nil))
    #expect(payload.value == nil)
    var unknown = Self.box()
    unknown.pci[1].path?.hops[0].possible = nil
    #expect(limit(unknown).value == nil)
    var virtual = Self.box()
    virtual.pci[1].path = nil
    virtual.pci[1].link = nil
    virtual.pci[1].express = nil
    #expect(limit(virtual).arithmetic.contains("no link"))
    var guest = Self.box()
    WellServer.makeGuest(&guest)
    #expect(limit(guest).value == nil)
    #expect(limit(guest).arithmetic.contains("guest"))
  }
}
