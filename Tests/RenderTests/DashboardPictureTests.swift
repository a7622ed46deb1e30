import Base
import Foundation
import Inventory
import Render
import TestMachines
import Testing

/// The picture that the tests of the dashboard show, `Tests/Dashboard/topology.svg`: drawn by the
/// program, so that the page is tried on what it gets.
@Suite struct DashboardPictureTests {
  @Test func `the picture in the dashboard's tests is what the program draws`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Dashboard/topology.svg")
    let drawn = TopologySVG.render(DashboardPictureTests.box)
    if ProcessInfo.processInfo.environment["TINYBOX_GOLDEN"] == "rewrite" {
      try drawn.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == drawn)
  }

  @Test func `every device and its link can be found by address`() {
    let drawn = TopologySVG.render(DashboardPictureTests.box)
    let box = DashboardPictureTests.box
    let devices =
      box.gpus.map(\.address) + box.nvme.compactMap(\.address) + box.nics.compactMap(\.address)
    #expect(devices.count == 14)
    for address in devices {
      #expect(drawn.contains("<g data-device=\"\(address)\">"))
      #expect(drawn.contains("data-link=\"\(address)\""))
      #expect(drawn.contains("data-rate=\"\(address)\""))
    }
  }

  /// A box of 4 nodes with 8 GPUs, 4 drives and 2 NICs; one drive has a hostile name.
  private static var box: Inventory {
    var box = Inventory(origin: "live")
    box.machine.hostName = "box1"
    box.machine.boardVendor = "ASRockRack"
    box.machine.boardName = "ROMED8-2T"
    box.processors.model = "AMD EPYC 7532 32-Core Processor"
    box.processors.packages = [.init(id: 0, cpus: NumberSet(range: 0...63), coreCount: 32)]
    box.memory.totalBytes = 503 << 30
    box.memory.nodes = MadeUp.fourNodes
    for node in 0..<4 { devices(&box, node) }
    box.pci.sort { $0.address < $1.address }
    return box
  }

  private static func devices(_ box: inout Inventory, _ node: Int) {
    for card in 1...2 {
      let isSlow = node == 1 && card == 2
      let address = attach(
        &box, node, card, code: 0x030000, name: "Navi 31 [Radeon RX 7900 XTX]", driver: "amdgpu",
        now: isSlow ? MadeUp.rate(16, 8) : MadeUp.rate(16, 16), possible: MadeUp.rate(16, 16))
      var gpu = GPU(address: address, vendor: .amd)
      gpu.name = "AMD Radeon RX 7900 XTX"
      gpu.memoryTotalBytes = 24 << 30
      box.gpus.append(gpu)
    }
    let drive = attach(
      &box, node, 3, code: 0x010802, name: "NVMe SSD Controller", driver: "nvme",
      now: MadeUp.rate(16, 4), possible: MadeUp.rate(16, 4))
    var nvme = NVMeController(name: "nvme\(node)")
    nvme.address = drive
    nvme.model = node == 3 ? "<img src=x onerror=alert(1)>" : "Samsung SSD 990 PRO 2TB"
    nvme.capacityBytes = 2_000_398_934_016
    box.nvme.append(nvme)
    if node < 2 { return }
    let port = attach(
      &box, node, 4, code: 0x020000, name: "MT2892 Family [ConnectX-6 Dx]", driver: "mlx5_core",
      now: MadeUp.rate(16, 16), possible: MadeUp.rate(16, 16))
    var nic = NIC(name: "eth\(node - 2)")
    nic.address = port
    nic.speedBitsPerSecond = 100_000_000_000
    box.nics.append(nic)
  }

  private static func attach(
    _ box: inout Inventory, _ node: Int, _ slot: Int, code: UInt32, name: String, driver: String,
    now: PCIeRate, possible: PCIeRate
  ) -> PCIAddress {
    let bus = node * 2
    let root = MadeUp.port(
      "\(bus)0:0\(slot).1", bus: "pci0000:\(bus)0", node: node, link: now, slot: "PCIE\(slot)")
    let device = MadeUp.endpoint(
      "\(bus)\(slot):00.0", below: root, code: code, name: name, driver: driver, now: now,
      possible: possible)
    box.pci += [root, device]
    return device.address
  }
}
