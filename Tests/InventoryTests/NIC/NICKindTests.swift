import Base
import KernelTree
import Testing

@testable import Inventory

/// RDMA devices without an interface, and representors.
@Suite struct NICKindTests {
  private static let device = "/sys/devices/pci0000:20/0000:20:01.0/0000:21:00.0"

  private func collect(_ tree: MemoryTreeBuilder) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(tree: tree.tree(), options: CollectionOptions())
    NICCollector.collect(into: &inventory, &context)
    return inventory
  }

  @Test(arguments: [true, false])
  func `an RDMA device without an interface is a NIC`(hasDeviceLink: Bool) throws {
    var tree = MemoryTreeBuilder()
    tree.directory("/sys/class/net")
    let folder = "\(Self.device)/infiniband/rdmap21s0"
    tree.file("\(folder)/ports/1/state", "4: ACTIVE")
    tree.file("\(folder)/ports/1/rate", "100 Gb/sec (4X EDR)")
    if hasDeviceLink { tree.link("\(folder)/device", to: "../..") }
    tree.link("/sys/class/infiniband/rdmap21s0", to: "../..\(folder.dropFirst(4))")
    tree.link("\(Self.device)/driver", to: "../../../../bus/pci/drivers/efa")
    tree.link("/sys/bus/pci/devices/0000:21:00.0", to: "../../..\(Self.device.dropFirst(4))")
    // A device in software is on no bus.
    tree.file("/sys/devices/virtual/infiniband/rxe0/ports/1/state", "4: ACTIVE")
    tree.link("/sys/class/infiniband/rxe0", to: "../../devices/virtual/infiniband/rxe0")
    let inventory = collect(tree)
    #expect(inventory.nics.count == 1)
    let nic = try #require(inventory.nics.first)
    #expect(nic.name == "rdmap21s0")
    #expect(nic.address?.description == "0000:21:00.0")
    #expect(nic.isRDMAOnly == true)
    #expect(!nic.hasInterface)
    #expect(nic.isPort)
    #expect(nic.driver == "efa")
    #expect(nic.speedBitsPerSecond == 100_000_000_000)
    #expect(nic.carrier == true)
    #expect(inventory.collectors.first?.outcome == .found)
  }

  /// An adapter without an interface, its ports by state and rate.
  private func adapter(_ ports: [(state: String?, rate: String)]) throws -> NIC {
    var tree = MemoryTreeBuilder()
    tree.directory("/sys/class/net")
    let folder = "\(Self.device)/infiniband/mlx5_0"
    for (index, port) in ports.enumerated() {
      let place = "\(folder)/ports/\(index + 1)"
      if let state = port.state {
        tree.file("\(place)/state", state)
      } else {
        tree.set("\(place)/state", .failing(.system(Errno(5)), kind: .file))
      }
      tree.file("\(place)/rate", port.rate)
    }
    tree.link("\(folder)/device", to: "../..")
    tree.link("/sys/class/infiniband/mlx5_0", to: "../..\(folder.dropFirst(4))")
    tree.link("/sys/bus/pci/devices/0000:21:00.0", to: "../../..\(Self.device.dropFirst(4))")
    return try #require(collect(tree).nics.first)
  }

  @Test func `only a port that is active has a rate`() throws {
    let nic = try adapter([
      ("1: DOWN", "0 GB/sec"), ("4: ACTIVE", "2.5 Gb/sec (1X SDR)"), ("2: INIT", "10 Gb/sec (4X)"),
    ])
    #expect(nic.rdmaDevices.first?.portBitsPerSecond == [2: 2_500_000_000])
    #expect(nic.speedBitsPerSecond == 2_500_000_000)
    #expect(!nic.unknown.contains { $0.fact.contains("BitsPerSecond") })
  }

  @Test func `the speed is that of the fastest port`() throws {
    let nic = try adapter([
      ("4: ACTIVE", "25 Gb/sec (1X EDR)"), ("4: ACTIVE", "100 Gb/sec (4X EDR)"),
    ])
    #expect(nic.speedBitsPerSecond == 100_000_000_000)
    #expect(nic.operationalState == "up")
  }

  @Test(arguments: [
    "0 Gb/sec (4X EDR)", "100 GB/sec", "-5 Gb/sec", "nan Gb/sec", "1e9 Gb/sec", "fast",
  ])
  func `a rate that is none is unknown`(rate: String) throws {
    let nic = try adapter([("4: ACTIVE", rate)])
    #expect(nic.rdmaDevices.first?.portBitsPerSecond == [:])
    #expect(nic.speedBitsPerSecond == nil)
    let facts = ["rdmaDevices.mlx5_0.portBitsPerSecond.1", "speedBitsPerSecond"]
    for fact in facts {
      let gap = try #require(nic.unknown.first { $0.fact == fact })
      #expect(gap.reason.contains("'\(rate)'"))
      #expect(gap.path.hasSuffix("ports/1/rate"))
    }
  }

  @Test func `a port whose state was not read answers for nothing`() throws {
    let nic = try adapter([("1: DOWN", "0 Gb/sec"), (nil, "100 Gb/sec (4X EDR)")])
    #expect(nic.operationalState == nil)
    #expect(nic.carrier == nil)
    #expect(nic.speedBitsPerSecond == nil)
    let facts = Set(nic.unknown.map(\.fact))
    #expect(facts.isSuperset(of: ["operationalState", "carrier", "speedBitsPerSecond"]))
  }

  /// Soft-RoCE names the interface it uses.
  @Test func `an RDMA device in software belongs to its interface`() throws {
    let plain = NICCollectorTests.collect(NICCollectorTests.builder().tree())
    let name = try #require(plain.nics.first { $0.rdmaDevices.isEmpty && $0.address != nil }).name
    var tree = NICCollectorTests.builder()
    let folder = "/sys/devices/virtual/infiniband/rxe0"
    tree.file("\(folder)/parent", name)
    tree.file("\(folder)/ports/1/state", "4: ACTIVE")
    tree.file("\(folder)/ports/1/rate", "2.5 Gb/sec (1X SDR)")
    tree.link("/sys/class/infiniband/rxe0", to: "../..\(folder.dropFirst(4))")
    let nic = NICCollectorTests.collect(tree.tree()).nics.first { $0.name == name }
    #expect(nic?.rdmaDevices.map(\.name) == ["rxe0"])
    #expect(nic?.speedBitsPerSecond == plain.nics.first { $0.name == name }?.speedBitsPerSecond)
  }

  @Test func `a function with an interface has no second row`() {
    let inventory = NICCollectorTests.collect(NICCollectorTests.builder().tree())
    #expect(inventory.nics.filter { $0.isRDMAOnly == true }.isEmpty)
  }

  @Test func `representors are reported by their port or by their driver`() throws {
    var tree = MemoryTreeBuilder()
    func interface(_ name: String, port: String?, driver: String) {
      let folder = "\(Self.device)/net/\(name)"
      if let port { tree.file("\(folder)/phys_port_name", port) }
      tree.file("\(folder)/operstate", "up")
      tree.link("\(folder)/device", to: "../..")
      tree.link("/sys/class/net/\(name)", to: "../..\(folder.dropFirst(4))")
      tree.probe("ethtool/\(name)", .success(Array("driver \(driver)\n".utf8)))
    }
    interface("eth0", port: "p0", driver: "mlx5_core")
    interface("eth0pf0vf0", port: "pf0vf0", driver: "mlx5e_rep")
    interface("eth1", port: nil, driver: "mlx5e_rep")
    tree.link("\(Self.device)/net/eth0/master", to: "../../../../../virtual/net/bond0")
    tree.file("/sys/bus/pci/devices/0000:21:00.0/msi_irqs/60", "msix")
    let nics = collect(tree).nics
    #expect(nics.map(\.name) == ["eth0", "eth0pf0vf0", "eth1"])
    #expect(nics.map(\.isRepresentor) == [nil, true, true])
    #expect(nics.map(\.isPort) == [true, false, false])
    #expect(nics[0].controller == "bond0")
    // The adapter's own port has the vectors.
    #expect(nics.map(\.interrupts.count) == [1, 0, 0])
  }
}
