import Base
import KernelTree
import TestSupport
import Testing

@testable import Inventory

private func text(_ string: String) -> ArraySlice<UInt8> { Array(string.utf8)[...] }

@Suite struct PCITextTests {
  @Test func resourceLines() throws {
    let bars = try #require(
      PCIResources.bars(
        text(
          """
          0x000003e000000000 0x000003efffffffff 0x000000000014220c
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x0000000000000000 0x00000000001fffff 0x0000000020142204
          0x0000000000000000 0x0000000000000000 0x0000000000000000
          0x000000000000f000 0x000000000000f0ff 0x0000000000040101
          0x00000000fb800000 0x00000000fb8fffff 0x0000000000040200
          0x00000000fb900000 0x00000000fb91ffff 0x0000000000046200
          0x0000000000001000 0x0000000000001fff 0x0000000000000200

          """)))
    // The window in line 7 is no register of this function.
    #expect(bars.map(\.index) == [0, 2, 4, 5, 6])
    #expect(bars.map(\.sizeBytes) == [64 << 30, 2 << 20, 256, 1 << 20, 128 << 10])
    #expect(bars.map(\.kind) == [.memory, .memory, .io, .memory, .memory])
    #expect(bars.map(\.isPrefetchable) == [true, true, false, false, true])
    #expect(bars.map(\.is64Bit) == [true, true, false, false, false])
    // 0x20000000 is UNSET: there is no room for it.
    #expect(bars.map(\.isAssigned) == [true, false, true, true, true])
  }

  @Test(arguments: [
    "0x10 0x20", "a b z", "0x20 0x10 0x200", "0x0 0xffffffffffffffff 0x200",
    "0x0 0x1ffffffffffffffff 0x200", "0x0 0xff 0x200 0x0",
  ])
  func damagedResourceIsUnknown(line: String) {
    #expect(PCIResources.bars(text(line)) == nil)
  }

  @Test func emptyResourceHasNoBars() { #expect(PCIResources.bars(text("")) == []) }

  @Test func errorCounters() throws {
    let counts = try #require(
      PCIeErrorFiles.parse(
        text("RxErr 0\nBadTLP 7\ndev_cor_errors_bit[9] 2\nTOTAL_ERR_COR 8\n")))
    #expect(counts.byName == ["BadTLP": 7, "dev_cor_errors_bit[9]": 2])
    // Messages, not the sum of the names.
    #expect(counts.total == 8)
    #expect(PCIeErrorFiles.parse(text("RxErr 0\n"))?.total == nil)
  }

  @Test(arguments: ["RxErr", "RxErr x", "RxErr -1", "RxErr 99999999999999999999", "7"])
  func damagedCountersAreUnknown(line: String) {
    #expect(PCIeErrorFiles.parse(text(line)) == nil)
  }

  @Test(arguments: [
    ("16.0 GT/s PCIe", 16.0 as Double?), ("2.5 GT/s PCIe", 2.5), ("2.5 GT/s", 2.5), ("8 GT/s", 8),
    ("64.0 GT/s PCIe", 64), ("Unknown", nil), ("Unknown speed", nil),
  ])
  func speeds(string: String, speed: Double?) {
    #expect(PCILinkText.speed(text(string)) == .some(speed))
  }

  @Test(arguments: [
    "", "25 GT/s", "GT/s", "3 GT/s", "0 GT/s", "8", "8 MT/s", "2.5.5 GT/s", "-8 GT/s",
  ])
  func damagedSpeedsAreUnknown(string: String) { #expect(PCILinkText.speed(text(string)) == nil) }

  @Test(arguments: [
    ("16", 16 as Int?), ("1", 1), ("32", 32), ("0", nil), ("63", nil), ("255", nil),
  ])
  func widths(string: String, width: Int?) {
    #expect(PCILinkText.width(text(string)) == .some(width))
  }

  @Test(arguments: ["", "x16", "3", "-1", "64"])
  func damagedWidthsAreUnknown(string: String) { #expect(PCILinkText.width(text(string)) == nil) }

  @Test func uevent() {
    let event = PCIUevent(
      text(
        """
        DRIVER=nvme
        PCI_CLASS=10802
        PCI_ID=144D:A80A
        PCI_SUBSYS_ID=144D:A801
        PCI_SLOT_NAME=0000:41:00.0
        MODALIAS=pci:v0000144Dd0000A80Asv0000144Dsd0000A801bc01sc08i02

        """))
    #expect(event.driver == "nvme")
    #expect(event.classCode == 0x010802)
    #expect(event.ids == .init(vendor: 0x144d, device: 0xa80a))
    #expect(event.subsystem == .init(vendor: 0x144d, device: 0xa801))
    let damaged = PCIUevent(text("PCI_CLASS=1010802\nPCI_ID=144D\nPCI_SUBSYS_ID=:\nDRIVER=\n=\n"))
    #expect(damaged == PCIUevent(text("")))
  }

  @Test func devicePath() throws {
    let address = try #require(PCIAddress("0000:61:00.0"))
    let path = try #require(
      PCIDevicePath(
        "../../../devices/pci0000:40/0000:40:03.1/0000:60:00.0/0000:61:00.0", to: address)
    )
    #expect(path.rootBus == "pci0000:40")
    #expect(path.bridges.map(\.description) == ["0000:40:03.1", "0000:60:00.0"])
    #expect(path.outer.isEmpty)
  }

  @Test func devicePathBehindVolumeManagementDevice() throws {
    let address = try #require(PCIAddress("10000:e1:00.0"))
    let path = try #require(
      PCIDevicePath(
        "/sys/devices/pci0000:e0/0000:e0:05.5/pci10000:e0/10000:e0:02.0/10000:e1:00.0", to: address
      ))
    #expect(path.rootBus == "pci10000:e0")
    #expect(path.bridges.map(\.description) == ["10000:e0:02.0"])
    #expect(path.outer.map(\.description) == ["0000:e0:05.5"])
  }

  @Test(arguments: [
    "", "/sys/devices/pci0000:00", "/sys/devices/pci0000:00/0000:00:02.0",
    "/sys/bus/pci/devices/0000:00:01.0", "/sys/devices/pci0000:00/0000:00:01.0/net/eth0/../x",
  ])
  func pathsThatLeadElsewhere(path: String) throws {
    let address = try #require(PCIAddress("0000:00:01.0"))
    let place = PCIDevicePath(path, to: address)
    // A component behind the function is no other function: only those are looked at.
    #expect((place == nil) == !path.contains("/net/"))
  }

  @Test(arguments: [
    ("0000:41:00.0", "0000:41:00.0"), ("10000:e1:00.0", "10000:e1:00.0"),
    ("ffffffff:ff:1f.7", "ffffffff:ff:1f.7"), ("41:00.1", "0000:41:00.1"),
  ])
  func addresses(text: String, canonical: String) throws {
    #expect(try #require(PCIAddress(text)).description == canonical)
  }

  @Test(arguments: [
    "", "0000:41:00", "0000:41:20.0", "0000:41:00.8", "1ffffffff:00:00.0", "0000:41:00.0x",
  ])
  func damagedAddresses(text: String) { #expect(PCIAddress(text) == nil) }

  @Test func slots() throws {
    var builder = MemoryTreeBuilder()
    builder.file("/sys/bus/pci/slots/PCIe 3/address", "0000:41:00")
    builder.file("/sys/bus/pci/slots/PCIe 3-1/address", "0000:41:00")
    builder.file("/sys/bus/pci/slots/wide/address", "10000:e1:02")
    // A placeholder: bus 2 without a device, which must not read as device 2 of bus 0.
    builder.file("/sys/bus/pci/slots/7/address", "0000:02")
    builder.file("/sys/bus/pci/slots/8/address", "garbage")
    builder.directory("/sys/bus/pci/slots/9")
    let slots = PCISlots(builder.tree())
    #expect(slots[try #require(PCIAddress("0000:41:00.3"))] == "PCIe 3")
    #expect(slots[try #require(PCIAddress("10000:e1:02.0"))] == "wide")
    #expect(slots[try #require(PCIAddress("0000:00:02.0"))] == nil)
    #expect(slots[try #require(PCIAddress("0000:41:01.0"))] == nil)
  }

  @Test(.seeded) func parsersSurviveRandomBytes() {
    var random = SeededGenerator()
    let alphabet = Array("0x19af :.\n\t-=,[]GTs/UnkowRE_\u{0}".utf8) + [0xff, 0x80]
    for _ in 0..<3000 {
      let bytes = (0..<random.pick(0...60)).map { _ in random.pick(alphabet) }[...]
      for bar in PCIResources.bars(bytes) ?? [] { #expect(bar.sizeBytes > 0) }
      for (_, count) in PCIeErrorFiles.parse(bytes)?.byName ?? [:] { #expect(count > 0) }
      if let speed = PCILinkText.speed(bytes) ?? nil { #expect(speed >= 2.5 && speed <= 64) }
      if let width = PCILinkText.width(bytes) ?? nil { #expect(width >= 1 && width <= 32) }
      _ = PCIUevent(bytes)
    }
  }
}
