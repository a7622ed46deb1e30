import Base
import KernelTree
import Testing

@testable import Inventory

@Suite struct NICCollectorTests {
  static let device = "/sys/devices/pci0000:20/0000:20:01.0/0000:21:00.0"

  /// A PCI interface that is up, a virtio one that is down, a USB one, and virtual ones.
  static func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    tree.file("/tinybox-recording.json", "{}")
    func interface(_ name: String, on device: String, _ files: [String: String]) {
      let folder = "\(device)/net/\(name)"
      for (file, text) in files { tree.file("\(folder)/\(file)", text) }
      tree.directory(folder)
      tree.link("\(folder)/device", to: "../..")
      tree.link("/sys/class/net/\(name)", to: "../..\(folder.dropFirst(4))")
    }
    interface(
      "eth10", on: device,
      [
        "speed": "100000", "duplex": "full", "carrier": "1", "operstate": "up", "mtu": "9000",
        "carrier_changes": "3", "dev_port": "0", "address": "02:00:00:00:00:01",
        "statistics/rx_errors": "0", "statistics/rx_dropped": "12",
        "statistics/tx_errors": "18446744073709551615", "queues/rx-0/rps_cpus": "0000000f",
        "queues/rx-0/rps_flow_cnt": "2048", "queues/rx-1/rps_cpus": "00000000",
        "queues/rx-1/rps_flow_cnt": "0", "queues/tx-0/xps_cpus": "1,00000000",
      ])
    tree.link("\(device)/driver", to: "../../../../bus/pci/drivers/mlx5_core")
    tree.file("/sys/bus/pci/devices/0000:21:00.0/msi_irqs/60", "msix")
    tree.file("/sys/bus/pci/devices/0000:21:00.0/msi_irqs/61", "msix")
    tree.file("/sys/bus/pci/devices/0000:21:00.0/numa_node", "2")
    tree.probe(
      "ethtool/eth10",
      .success(
        Array(
          """
          driver mlx5_core
          version 6.12.48+deb13-amd64
          firmware 22.36.1010 (MT_0000000359)
          channels rx=0 tx=0 other=0 combined=32
          channels-maximum rx=0 tx=0 other=0 combined=63

          """.utf8)))
    let infiniband = "\(device)/infiniband/mlx5_0"
    tree.file("\(infiniband)/ports/1/state", "4: ACTIVE")
    tree.file("\(infiniband)/ports/1/rate", "100 Gb/sec (4X EDR)")
    tree.link("\(infiniband)/device", to: "../..")
    tree.link("/sys/class/infiniband/mlx5_0", to: "../..\(infiniband.dropFirst(4))")

    let virtio = "/sys/devices/pci0000:00/0000:00:03.0/virtio2"
    interface(
      "eth0", on: virtio,
      ["operstate": "down", "mtu": "1500", "dev_port": "0", "queues/tx-0/tx_maxrate": "0"])
    for file in ["speed", "duplex", "carrier"] {
      tree.set("\(virtio)/net/eth0/\(file)", .failing(.system(Errno(22)), kind: .file))
    }
    tree.file("/sys/bus/pci/devices/0000:00:03.0/irq", "11")

    let usb = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0"
    interface("enx1", on: usb, ["operstate": "unknown", "speed": "-1", "carrier": "0"])
    tree.link("\(usb)/subsystem", to: "../../../../../../bus/usb")

    tree.file("/sys/devices/virtual/net/lo/operstate", "unknown")
    tree.link("/sys/class/net/lo", to: "../../devices/virtual/net/lo")
    tree.file("/sys/class/net/bonding_masters", "bond0")
    return tree
  }

  static func collect(
    _ tree: KernelTree, serials: Bool = false, parts: CollectionOptions.Parts = .all
  ) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(
      tree: tree,
      options: CollectionOptions(includeSerials: serials, recordSources: true, parts: parts))
    NICCollector.collect(into: &inventory, &context)
    return inventory
  }

  @Test func readsAnInterfaceThatIsUp() throws {
    let inventory = Self.collect(Self.builder().tree())
    #expect(inventory.nics.map(\.name) == ["eth0", "eth10", "enx1"])
    let nic = try #require(inventory.nics.first { $0.name == "eth10" })
    #expect(nic.address?.description == "0000:21:00.0")
    #expect(nic.bus == "pci")
    #expect(nic.driver == "mlx5_core")
    #expect(nic.driverVersion == "6.12.48+deb13-amd64")
    #expect(nic.firmwareVersion == "22.36.1010 (MT_0000000359)")
    #expect(nic.speedBitsPerSecond == 100_000_000_000)
    #expect(nic.carrier == true)
    #expect(nic.mtuBytes == 9000)
    #expect(nic.numaNode == 2)
    #expect(nic.interrupts.description == "60-61")
    #expect(nic.errors == ["rx_dropped": 12, "rx_errors": 0])
    #expect(nic.queues.receiveAllocated == 2)
    #expect(nic.queues.transmitAllocated == 1)
    #expect(nic.queues.channels?.combined == 32)
    #expect(nic.queues.channelsMaximum?.combined == 63)
    #expect(nic.queues.rps == [0: NumberSet(range: 0...3)])
    #expect(nic.queues.xps == [0: NumberSet([32])])
    #expect(nic.queues.rfsFlows == 2048)
    #expect(nic.rdmaDevices.first?.portBitsPerSecond == [1: 100_000_000_000])
    #expect(nic.hardwareAddress == nil)
    #expect(nic.unknown.map(\.fact) == ["tx_errors"])
    #expect(nic.sources?["mtuBytes"] == "/sys/class/net/eth10/mtu")
  }

  @Test func whatADownInterfaceCannotTellIsAbsent() throws {
    let inventory = Self.collect(Self.builder().tree())
    let nic = try #require(inventory.nics.first { $0.name == "eth0" })
    #expect(nic.bus == "virtio")
    #expect(nic.address?.description == "0000:00:03.0")
    #expect(nic.carrier == nil)
    #expect(nic.speedBitsPerSecond == nil)
    #expect(nic.duplex == nil)
    #expect(nic.queues.xps.isEmpty)
    #expect(nic.interrupts.description == "11")
    // Only the probe, which this tree lacks, is unknown.
    #expect(Set(nic.unknown.map(\.path)) == ["ethtool/eth0"])
    let usb = try #require(inventory.nics.first { $0.name == "enx1" })
    #expect(usb.bus == "usb")
    #expect(usb.address == nil)
    #expect(usb.speedBitsPerSecond == nil)
    #expect(usb.carrier == false)
    // No folders at all: an old kernel, not an interface without queues.
    #expect(usb.queues == NIC.Queues())
    #expect(nic.queues.receiveAllocated == nil)
    #expect(nic.queues.transmitAllocated == 1)
  }

  @Test func addressesOnlyWhenAskedFor() {
    let found = Self.collect(Self.builder().tree(), serials: true).nics
    #expect(found.first { $0.name == "eth10" }?.hardwareAddress == "02:00:00:00:00:01")
  }

  @Test func statusDoesNotAskDrivers() {
    let parts: CollectionOptions.Parts = [.pci, .nics]
    let nic = Self.collect(Self.builder().tree(), parts: parts).nics.first { $0.name == "eth10" }
    #expect(nic?.firmwareVersion == nil)
    #expect(nic?.queues.rps.isEmpty == true)
    #expect(nic?.queues.receiveAllocated == 2)
    #expect(nic?.unknown.contains { $0.path.hasPrefix("ethtool") } == false)
  }

  @Test func portsOfOneFunctionShareItsVectorsByName() {
    var tree = Self.builder()
    let folder = Self.device + "/net/eth11"
    tree.file(folder + "/dev_port", "1")
    tree.link("/sys/class/net/eth11", to: "../..\(folder.dropFirst(4))")
    tree.directory("/proc/irq/60/eth10-rx-0")
    tree.directory("/proc/irq/61/mlx4-async")
    tree.file("/sys/bus/pci/devices/0000:21:00.0/msi_irqs/62", "msix")
    tree.directory("/proc/irq/62/eth11-rx-0")
    let found = Self.collect(tree.tree()).nics
    #expect(found.first { $0.name == "eth10" }?.interrupts.description == "60-61")
    #expect(found.first { $0.name == "eth11" }?.interrupts.description == "61-62")
  }

  @Test func recordingsWithoutDeviceLinksStillTellTheFunction() {
    var tree = Self.builder()
    tree.remove(Self.device + "/net/eth10/device")
    #expect(
      Self.collect(tree.tree()).nics.first { $0.name == "eth10" }?.address?.description
        == "0000:21:00.0")
  }

  @Test func pinsOfForeignRecordingsProveNothing() {
    var tree = Self.builder()
    tree.remove("/tinybox-recording.json")
    let found = Self.collect(tree.tree()).nics
    #expect(found.first { $0.name == "eth0" }?.interrupts.isEmpty == true)
    #expect(found.first { $0.name == "eth10" }?.interrupts.description == "60-61")
  }

  @Test func virtualFunctionsAreTold() {
    var tree = Self.builder()
    tree.link("/sys/bus/pci/devices/0000:21:00.0/physfn", to: "../0000:20:00.0")
    let found = Self.collect(tree.tree()).nics
    #expect(found.first { $0.name == "eth10" }?.isVirtualFunction == true)
    #expect(found.first { $0.name == "eth0" }?.isVirtualFunction == false)
  }

  @Test(arguments: ["4294967295", "0", "-1", "9223372036854775807", "fast", ""])
  func speedsThatAreNoneAreAbsent(text: String) {
    var tree = Self.builder()
    tree.file(Self.device + "/net/eth10/speed", text)
    #expect(
      Self.collect(tree.tree()).nics.first { $0.name == "eth10" }?.speedBitsPerSecond == nil)
  }

  @Test(arguments: [
    "", "driver", "driver \n", "channels rx=1", "channels rx=a tx=0 other=0 combined=0",
    "channels rx=-1 tx=0 other=0 combined=0", "firmware N/A", "\u{0}\u{1}",
  ])
  func badEthtoolAnswersSayNothing(text: String) {
    let answer = EthtoolAnswer(Array(text.utf8))
    #expect(answer.driver == nil)
    #expect(answer.firmware == nil)
    #expect(answer.channels == nil)
  }

  @Test func damagedFilesNeverInventFacts() {
    for (path, tree) in Damage.trees(of: Self.builder()) {
      for nic in Self.collect(tree).nics {
        // The RDMA device of a function stands for it where its interface cannot be found.
        #expect(["eth10", "eth0", "enx1", "mlx5_0"].contains(nic.name), "\(path)")
        #expect([nil, 100_000_000_000].contains(nic.speedBitsPerSecond), "\(path)")
        #expect(nic.numaNode == nil || nic.numaNode == 2 || path.hasSuffix("numa_node"), "\(path)")
      }
    }
  }

  /// The kernel's interfaces on the machine the tests run on: sysfs and the ioctl agree.
  @Test func agreesWithThisMachine() {
    for nic in Self.collect(.live).nics {
      #expect(nic.operationalState != nil)
      #expect(nic.mtuBytes != nil)
      if let channels = nic.queues.channels, let allocated = nic.queues.receiveAllocated {
        #expect(channels.combined + channels.receive <= allocated)
      }
    }
  }
}
