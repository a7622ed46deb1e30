internal import Base
internal import KernelTree

/// An RDMA device whose function has no network interface: a host channel adapter where `ib_ipoib`
/// is not loaded, an EFA that offers nothing but RDMA. It moves data as any NIC does.
enum NICWithoutInterface {
  /// What is known of it.
  static func read(
    _ address: PCIAddress, _ devices: [(device: NIC.RDMADevice, unknown: [UnknownFact])],
    _ inventory: Inventory, _ context: CollectionContext
  ) -> NIC {
    let sorted = devices.sorted { NaturalOrder.precedes($0.device.name, $1.device.name) }
    var reader = context.reader("/sys/class/infiniband/\(sorted.first?.device.name ?? "")")
    var nic = NIC(name: sorted.first?.device.name ?? address.short)
    nic.isRDMAOnly = true
    nic.address = address
    nic.bus = "pci"
    nic.rdmaDevices = sorted.map(\.device)
    for fact in sorted.flatMap(\.unknown) {
      reader.note(fact.fact, path: fact.path, unknown: fact.reason)
    }
    NICCollector.place(&nic, address, inventory, context, &reader)
    if let index = context.functionIndex[address], inventory.pci.indices.contains(index) {
      nic.driver = inventory.pci[index].driver
    } else {
      nic.driver = reader.linkName("driver", "/sys/bus/pci/devices/\(address)/driver")
    }
    ports(&nic, &reader)
    nic.unknown = reader.unknown
    nic.sources = reader.sources
    return nic
  }

  /// State and speed: those of the fastest of its ports that move data.
  private static func ports(_ nic: inout NIC, _ reader: inout FactReader) {
    guard let device = nic.rdmaDevices.first else { return }
    for port in device.portStates.keys.sorted() {
      let isActive = device.isActive(port) == true
      if isActive || nic.operationalState == nil {
        nic.operationalState = isActive ? "up" : "down"
        nic.carrier = isActive
      }
      if isActive, let speed = device.portBitsPerSecond[port] {
        nic.speedBitsPerSecond = max(nic.speedBitsPerSecond ?? 0, speed)
      }
    }
    // What is not known of a port is not known of the adapter: a port that is down does not answer
    // for one that was not read.
    if nic.speedBitsPerSecond == nil {
      hand("portBitsPerSecond", on: ["speedBitsPerSecond"], device, &reader)
    }
    if nic.operationalState != "up",
      hand(
        "portStates", on: ["operationalState", "carrier"], device, &reader)
    {
      nic.operationalState = nil
      nic.carrier = nil
    }
  }

  /// Notes facts of the adapter as unknown, with the reason of its first port without the fact.
  @discardableResult private static func hand(
    _ key: String, on facts: [String], _ device: NIC.RDMADevice, _ reader: inout FactReader
  ) -> Bool {
    let start = "rdmaDevices.\(device.name).\(key)."
    guard let gap = reader.unknown.first(where: { $0.fact.hasPrefix(start) }) else { return false }
    for fact in facts { reader.note(fact, path: gap.path, unknown: gap.reason) }
    return true
  }
}
