import Base
import Inventory
import TestMachines
import Testing

@testable import Render

@Suite struct DeviceTableTests {
  @Test func listsDrives() {
    #expect(
      Array(DeviceTables.render(.nvme, MadeUp.server, Style()).prefix(3)) == [
        "name   address  model           node  link               size  state  used for",
        "nvme0  c5:00.0  Samsung SSD 9…     0  PCIe 4.0 x4    1.82 TiB  live   /boot/efi…",
        "nvme1  85:00.0  Samsung SSD 9…     1  PCIe 4.0 x4    1.82 TiB  live   md0",
      ])
  }

  @Test func showsMoreWhereThereIsRoom() {
    let lines = DeviceTables.render(.gpu, MadeUp.server, Style(width: 200))
    #expect(
      lines[2].split(separator: "  ", omittingEmptySubsequences: true)
        .map { $0.drop { $0 == " " } } == [
          "GPU1", "51:00.0", "RX 7900 XTX", "amdgpu", "2", "PCIe 1.0 x16 ↓", "22.1/24 GiB", "all",
          "gfx1100",
          "71 °C", "285/327 W", "97 %", "PCIE2", "renderD129", "113-D70201-X",
        ])
  }

  @Test func `a link whose ends disagree is unknown, not what one of them says`() {
    var box = MadeUp.server
    let index = box.pci.firstIndex { $0.address == box.gpus[1].address } ?? 0
    let slot = box.pci[index].path?.slotLink ?? 0
    box.pci[index].path?.hops[slot].current = nil
    box.pci[index].path?.hops[slot].verdict = .unknown
    box.pci[index].path?.isDegraded = nil
    let line = DeviceTables.render(.gpu, box, Style(width: 200))[2]
    #expect(line.hasPrefix("GPU1") && line.contains("  unknown  ") && !line.contains("PCIe 1.0"))
    // A function that has no link has none.
    box.pci[index].path = nil
    box.pci[index].link = nil
    box.pci[index].express = nil
    #expect(!DeviceTables.render(.gpu, box, Style(width: 200))[2].contains("unknown"))
  }

  @Test func groupsVirtualFunctions() {
    var box = Inventory(origin: "live")
    let root = MadeUp.port("00:01.0", bus: "pci0000:00", node: 0)
    let physical = MadeUp.endpoint(
      "01:00.0", below: root, code: 0x020000, name: "E810", driver: "ice",
      now: MadeUp.rate(16, 8), possible: MadeUp.rate(16, 8))
    box.pci = [root, physical]
    for number in 0..<64 {
      var function = PCIFunction(
        address: PCIAddress(
          domain: 0, bus: 1, device: UInt8(1 + number / 8), function: UInt8(number % 8)))
      function.physicalFunction = physical.address
      function.driver = number < 10 ? "iavf" : nil
      box.pci.append(function)
    }
    var orphan = PCIFunction(address: MadeUp.at("05:00.1"))
    orphan.physicalFunction = MadeUp.at("05:00.0")
    box.pci.append(orphan)
    let lines = DeviceTables.render(.all, box, Style())
    #expect(lines.count == 5)
    #expect(lines[3] == "  + 64 virtual functions 01:01.0 to 01:08.7, driver iavf on 10")
    #expect(lines[4].hasPrefix("05:00.1"))
  }

  @Test func saysWhyATableIsEmpty() {
    var box = Inventory(origin: "live")
    #expect(DeviceTables.render(.gpu, box, Style()) == ["no GPUs known"])
    box.collectors = [.init(name: "GPU", outcome: .nothing)]
    #expect(DeviceTables.render(.gpu, box, Style()) == ["no GPUs found"])
    box.collectors = [.init(name: "GPU", outcome: .failed, note: "no /sys")]
    #expect(DeviceTables.render(.gpu, box, Style()) == ["GPUs unknown: no /sys"])
  }

  @Test func tellsUnknownFromAbsent() {
    var box = Inventory(origin: "live")
    var gpu = GPU(address: MadeUp.at("01:00.0"), vendor: .amd)
    gpu.unknown = [UnknownFact(fact: "powerWatts", path: "power1_average", reason: "gone")]
    box.gpus = [gpu]
    let row = DeviceTables.render(.gpu, box, Style(width: 200))[1].split(separator: " ")
    #expect(row.filter { $0 == "unknown" }.count == 1)
    #expect(row.contains("-"))
  }
}

@Suite struct DevicePageTests {
  @Test(arguments: [
    ("0000:51:00.0", "51:00.0"), ("51:00.0", "51:00.0"), ("nvme2", "45:00.0"),
    ("nvme2n1", "45:00.0"), ("enp72s0f1", "48:00.1"), ("card1", "51:00.0"),
    ("renderD129", "51:00.0"),
  ])
  func findsByAnyName(_ name: String, _ address: String) {
    #expect(DeviceSubject(name, in: MadeUp.server) == .function(MadeUp.at(address)))
  }

  @Test func findsNothingThatIsNotThere() {
    #expect(DeviceSubject("99:00.0", in: MadeUp.server) == nil)
    #expect(DeviceSubject("", in: MadeUp.server) == nil)
    #expect(DeviceSubject("enx00e04c68", in: MadeUp.laptop) == .nic("enx00e04c68"))
  }

  @Test func showsThePathHopByHop() {
    let lines = DevicePage.render(.function(MadeUp.at("51:00.0")), MadeUp.server, Style())
    guard let start = lines.firstIndex(of: "link, from the device up to its root port") else {
      Issue.record("no link section")
      return
    }
    #expect(
      Array(lines[(start + 1)..<(start + 5)]) == [
        "  hop  port     device   now             possible                        limit",
        "    1  49:00.0  51:00.0  PCIe 4.0 x16    PCIe 4.0 x16  on the card       both",
        "    2  40:02.1  41:00.0  PCIe 1.0 x16 ↓  PCIe 4.0 x16  slot, bottleneck  both",
        "  hop 2               below capability now (idle GPUs lower their link)",
      ])
  }

  @Test func namesWhatCouldNotBeToldAndWhy() {
    let lines = DevicePage.render(.function(MadeUp.at("c1:00.0")), MadeUp.laptop, Style())
    #expect(lines.contains("  acs                 permission denied (config)"))
    #expect(lines.contains("  ACS                 unknown"))
    #expect(lines.contains("  NUMA node           unknown"))
  }

  @Test func showsErrorsOfBothEnds() {
    var box = MadeUp.server
    for index in box.pci.indices where box.pci[index].address == MadeUp.at("00:03.4") {
      box.pci[index].aer = PCIeErrors()
      box.pci[index].aer?.correctableTotal = 0
      box.pci[index].aer?.nonFatalTotal = 0
      box.pci[index].aer?.fatalTotal = 0
    }
    for index in box.pci.indices where box.pci[index].address == MadeUp.at("05:00.0") {
      box.pci[index].aer = PCIeErrors(correctable: ["RxErr": 5])
      box.pci[index].aer?.correctableTotal = 5
    }
    let lines = DevicePage.render(.function(MadeUp.at("05:00.0")), box, Style())
    #expect(
      lines.contains(
        "  this end            corrected 5 (RxErr 5), non-fatal unknown, fatal unknown"))
    #expect(lines.contains("  port 00:03.4        corrected 0, non-fatal 0, fatal 0"))
  }

  @Test func `each port of an RDMA adapter tells what it knows`() {
    var box = MadeUp.laptop
    let index = box.nics.firstIndex { $0.name == "enx00e04c68" } ?? 0
    box.nics[index].rdmaDevices = [
      .init(
        name: "mlx5_0", portStates: [1: "1: DOWN", 2: "4: ACTIVE", 3: "4: ACTIVE"],
        portBitsPerSecond: [2: 100_000_000_000])
    ]
    box.nics[index].unknown += [
      UnknownFact(
        fact: "rdmaDevices.mlx5_0.portBitsPerSecond.3", path: "/x", reason: "cannot understand"),
      UnknownFact(fact: "rdmaDevices.mlx5_0.portStates.4", path: "/x", reason: "EIO"),
    ]
    let lines = DevicePage.render(.nic("enx00e04c68"), box, Style())
    #expect(
      lines.contains(
        "  RDMA                mlx5_0 port 1 1: DOWN; port 2 4: ACTIVE, 100 Gb/s; port 3"))
    #expect(lines.contains("                      4: ACTIVE, unknown; port 4 unknown"))
  }

  @Test func showsSourcesWhenThereAreSome() {
    var box = MadeUp.server
    let index = box.pci.firstIndex { $0.address == MadeUp.at("51:00.0") } ?? 0
    box.pci[index].sources = ["driver": "/sys/bus/pci/devices/0000:51:00.0/driver"]
    let lines = DevicePage.render(.function(MadeUp.at("51:00.0")), box, Style())
    #expect(lines.contains("sources, PCI"))
    #expect(lines.last == "  driver              /sys/bus/pci/devices/0000:51:00.0/driver")
  }
}
