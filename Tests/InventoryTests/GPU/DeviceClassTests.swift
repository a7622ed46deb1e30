import Base
import KernelTree
import Testing

@testable import Inventory

/// What functions are that stand beside others: second heads, cards of two functions, accelerators.
@Suite struct DeviceClassTests {
  static func function(
    _ address: String, _ vendor: UInt16?, _ device: UInt16, _ code: UInt32, driver: String? = nil
  ) -> PCIFunction {
    var function = PCIFunction(
      address: PCIAddress(address) ?? PCIAddress(domain: 0, bus: 0, device: 0, function: 0))
    function.identity.vendorID = vendor
    function.identity.deviceID = device
    function.identity.classCode = code
    function.driver = driver
    return function
  }

  private func kinds(_ functions: [PCIFunction]) -> [FunctionKind?] {
    let kinds = FunctionKind.kinds(of: functions)
    return functions.map { kinds[$0.address] }
  }

  @Test(
    arguments: [
      // ES1000 and Rage XL on server boards; displays of EC2, bhyve and Parallels.
      (0x1002, 0x515e), (0x1002, 0x5969), (0x1002, 0x4752), (0x1d0f, 0x1111), (0xfb5d, 0x40fb),
      (0x1ab8, 0x4005), (0x19e5, 0x1711),
    ] as [(UInt16, UInt16)])
  func `a display of a BMC or a guest is no GPU`(vendor: UInt16, device: UInt16) {
    #expect(kinds([Self.function("01:00.0", vendor, device, 0x030000)]) == [.display])
  }

  @Test func `the second head of a GPU is no further GPU`() {
    // Mobile GM965, and a Radeon X1300.
    #expect(
      kinds([
        Self.function("00:02.0", 0x8086, 0x2a02, 0x030000),
        Self.function("00:02.1", 0x8086, 0x2a03, 0x038000),
        Self.function("03:00.0", 0x1002, 0x7146, 0x030000, driver: "radeon"),
        Self.function("03:00.1", 0x1002, 0x7166, 0x038000),
      ]) == [.gpu(.intel), .display, .gpu(.amd), .display])
  }

  @Test func `two GPUs that a guest has on one device are two`() {
    #expect(
      kinds([
        Self.function("00:05.0", 0x1002, 0x74a1, 0x120000, driver: "amdgpu"),
        Self.function("00:05.1", 0x1002, 0x74a1, 0x120000, driver: "amdgpu"),
        Self.function("00:06.0", 0x10de, 0x2684, 0x030000),
        Self.function("00:06.1", 0x10de, 0x2684, 0x030000),
      ]) == [.gpu(.amd), .gpu(.amd), .gpu(.nvidia), .gpu(.nvidia)])
  }

  @Test func `accelerators are reported by class or by their driver`() {
    #expect(
      kinds([
        Self.function("01:00.0", 0x1da3, 0x1020, 0x120000, driver: "habanalabs"),
        Self.function("02:00.0", 0x1e52, 0x401e, 0x120000),
        // An NPU of another class, by its driver alone.
        Self.function("03:00.0", 0x1022, 0x1502, 0x118000, driver: "amdxdna"),
        Self.function("04:00.0", 0x1022, 0x1502, 0x118000),
        Self.function("05:00.0", nil, 0, 0x120000),
      ]) == [.accelerator, .accelerator, .accelerator, .other, .accelerator])
  }

  @Test func `an Alveo card with two functions is one accelerator`() {
    #expect(
      kinds([
        Self.function("01:00.0", 0x10ee, 0x5004, 0x120000, driver: "xclmgmt"),
        Self.function("01:00.1", 0x10ee, 0x5005, 0x120000, driver: "xocl"),
        Self.function("02:00.0", 0x10ee, 0x5004, 0x120000),
        Self.function("02:00.1", 0x10ee, 0x5005, 0x120000),
      ]) == [.other, .accelerator, .other, .accelerator])
  }

  @Test func `NICs and drives are reported by class without a driver`() {
    #expect(
      kinds([
        Self.function("01:00.0", 0x15b3, 0x1021, 0x020700),
        Self.function("02:00.0", 0x15b3, 0x1003, 0x028000),
        Self.function("03:00.0", 0x144d, 0xa80a, 0x010802),
        Self.function("04:00.0", 0x1022, 0x7901, 0x010601),
      ]) == [.nic, .nic, .drive, .other])
  }

  @Test func `what an accelerator's driver made is told`() throws {
    var tree = MemoryTreeBuilder()
    let folder = "/sys/bus/pci/devices/0000:01:00.0"
    tree.file("\(folder)/accel/accel0/dev", "261:0")
    tree.directory("/sys/bus/pci/devices/0000:02:00.0/tenstorrent/tenstorrent!1")
    tree.file("/sys/module/habanalabs/version", "1.16")
    var inventory = Inventory(origin: "test")
    inventory.pci = [
      Self.function("01:00.0", 0x1da3, 0x1020, 0x120000, driver: "habanalabs"),
      Self.function("02:00.0", 0x1e52, 0x401e, 0x120000, driver: "tenstorrent"),
    ]
    var context = CollectionContext(
      tree: tree.tree(), options: CollectionOptions(recordSources: true))
    AcceleratorCollector.collect(into: &inventory, &context)
    #expect(
      inventory.accelerators.map(\.deviceNodes) == [["/dev/accel/accel0"], ["/dev/tenstorrent/1"]])
    #expect(inventory.accelerators[0].driverVersion == "1.16")
    #expect(
      inventory.accelerators[0].sources == [
        "driverVersion": "/sys/module/habanalabs/version", "deviceNodes": "\(folder)/accel",
      ])
    #expect(inventory.accelerators[1].maker == "Tenstorrent")
    #expect(
      DeviceSubject("accel0", in: inventory) == .function(inventory.accelerators[0].address))
    #expect(inventory.limited(to: .accelerator).pci.count == 2)
    #expect(inventory.limited(to: .gpu).accelerators.isEmpty)
  }

  @Test func `what of an accelerator may not be read is unknown`() {
    var tree = MemoryTreeBuilder()
    let folder = "/sys/bus/pci/devices/0000:01:00.0"
    tree.set("\(folder)/accel", .failing(.permissionDenied, kind: .directory))
    tree.set("/sys/module/habanalabs/version", .failing(.permissionDenied, kind: .file))
    var inventory = Inventory(origin: "test")
    inventory.pci = [Self.function("01:00.0", 0x1da3, 0x1020, 0x120000, driver: "habanalabs")]
    var context = CollectionContext(tree: tree.tree(), options: CollectionOptions())
    AcceleratorCollector.collect(into: &inventory, &context)
    #expect(
      inventory.accelerators.first?.unknown.map(\.fact) == ["driverVersion", "deviceNodes"])
  }

  @Test func `devices that no driver holds are named`() {
    var inventory = Inventory(origin: "test")
    inventory.pci = [
      Self.function("01:00.0", 0x144d, 0xa80a, 0x010802),
      Self.function("02:00.0", 0x8086, 0x1563, 0x020000),
      Self.function("03:00.0", 0x8086, 0x1563, 0x020000, driver: "ixgbe"),
      Self.function("04:00.0", 0x8086, 0x1563, 0x020000),
      Self.function("05:00.0", 0x8086, 0x1563, 0x020000),
    ]
    inventory.pci[0].isDead = true
    // Kept for a guest; and a recording that holds no drivers.
    inventory.pci[3].driverOverride = "vfio-pci"
    inventory.pci[4].unknown = [UnknownFact(fact: "driver", path: "", reason: "")]
    #expect(inventory.unheldDevices.map(\.name) == ["drive 01:00.0", "NIC 02:00.0"])
    #expect(inventory.unheldDevices.map(\.isDead) == [true, false])
  }
}
