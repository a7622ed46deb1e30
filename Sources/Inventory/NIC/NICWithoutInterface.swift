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
    ports(&nic)
    nic.unknown = reader.unknown
    nic.sources = reader.sources
    return nic
  }

  /// State and speed: those of the best of its ports.
  private static func ports(_ nic: inout NIC) {
    let device = nic.rdmaDevices.first
    for (port, state) in (device?.portStates ?? [:]).sorted(by: { $0.key < $1.key }) {
      // `4: ACTIVE`, `1: DOWN`.
      let isActive = state.hasPrefix("4:")
      if isActive || nic.operationalState == nil {
        nic.operationalState = isActive ? "up" : "down"
        nic.carrier = isActive
      }
      if isActive, nic.speedBitsPerSecond == nil {
        nic.speedBitsPerSecond = device?.portRates[port].flatMap(rate)
      }
    }
  }

  /// `400 Gb/sec (4X NDR)`, `2.5 Gb/sec (1X SDR)`.
  static func rate(_ text: String) -> Int? {
    let words = text.split(separator: " ")
    guard words.count >= 2, words[1] == "Gb/sec", let gigabits = Double(words[0]),
      gigabits > 0, gigabits < 100_000
    else { return nil }
    return Int(gigabits * 1e9)
  }
}
