package import Base
package import Inventory

/// Machines that are made up by hand, and their parts. None is a recording: real machines are
/// replayed from `Tests/Recordings`.
package enum MadeUp {
  /// Machines of every kind that is shown, by name.
  package static var all: [(name: String, inventory: Inventory)] {
    [
      ("server", server), ("laptop", laptop), ("empty", empty), ("unknown", unknown),
      ("hostile", hostile), ("large", large),
    ]
  }

  package static func named(_ name: String) -> Inventory {
    all.first { $0.name == name }?.inventory ?? Inventory(origin: "no machine \(name)")
  }

  // MARK: Parts

  /// An address; a mistake in a test shows as ffff:ff:1f.7.
  package static func at(_ text: String) -> PCIAddress {
    PCIAddress(text) ?? PCIAddress(domain: 0xffff, bus: 0xff, device: 0x1f, function: 7)
  }

  package static func rate(_ speed: Double, _ width: Int) -> PCIeRate {
    PCIeRate(gigatransfersPerSecond: speed, width: width)
  }

  /// The first BAR, of memory.
  package static func bar(_ bytes: UInt64, index: Int = 0, address: UInt64? = nil) -> PCIBar {
    PCIBar(
      index: index, sizeBytes: bytes, kind: .memory, isPrefetchable: true, is64Bit: true,
      isAssigned: true, address: address)
  }

  /// A link between a port and what is below it.
  package static func hop(
    _ port: PCIAddress, _ device: PCIAddress, now: PCIeRate?, possible: PCIeRate?,
    isInsideCard: Bool = false
  ) -> PCIeHop {
    PCIeHop(
      port: port, device: device, current: now, possible: possible, limitedBy: .both,
      isInsideCard: isInsideCard, verdict: now == nil ? .unknown : now == possible ? .full : .below)
  }

  /// A root port on bus `pci0000:BUS`.
  package static func port(
    _ address: String, bus: String, node: Int?, link: PCIeRate? = nil, slot: String? = nil
  ) -> PCIFunction {
    var port = PCIFunction(address: at(address))
    port.rootBus = bus
    port.identity.vendorID = 0x1022
    port.identity.deviceID = 0x1483
    port.identity.classCode = 0x060400
    port.identity.vendorName = "Advanced Micro Devices, Inc. [AMD]"
    port.identity.deviceName = "Starship/Matisse GPP Bridge"
    port.driver = "pcieport"
    port.locality.numaNode = node
    port.locality.evidence = node == nil ? .unknown : .own
    port.slot = slot
    port.iommuGroup = 12
    port.link = PCIeLinkState(current: link, maximum: rate(16, 16))
    port.express = PCIeCapability(
      portType: .rootPort, maxPayloadSupportedBytes: 512, maxPayloadBytes: 256,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    port.acs = PCIeACS(capability: 0x5f, control: 0x1d)
    return port
  }

  /// An endpoint below `parent` with one link.
  package static func endpoint(
    _ address: String, below parent: PCIFunction, code: UInt32, name: String, driver: String?,
    now: PCIeRate?, possible: PCIeRate?
  ) -> PCIFunction {
    var function = PCIFunction(address: at(address))
    function.parent = parent.address
    function.rootBus = parent.rootBus
    function.identity.vendorID = 0x1002
    function.identity.deviceID = 0x744c
    function.identity.classCode = code
    function.identity.deviceName = name
    function.driver = driver
    function.locality = parent.locality
    function.iommuGroup = 40
    function.link = PCIeLinkState(current: now, maximum: possible)
    function.path = PCIePath(
      hops: [hop(parent.address, function.address, now: now, possible: possible)],
      bottleneck: now == nil ? nil : 0, slotLink: 0, isDegraded: now.map { $0 != possible })
    function.bars = [bar(1 << 35)]
    function.vectors = PCIVectors(kind: "msix", allocated: NumberSet(range: 60...63), possible: 8)
    return function
  }

  package static func chipset(
    _ address: String, bus: String, node: Int?, code: UInt32
  ) -> PCIFunction {
    var function = PCIFunction(address: at(address))
    function.rootBus = bus
    function.identity.classCode = code
    function.identity.deviceName = "Starship/Matisse Root Complex"
    function.locality.numaNode = node
    return function
  }

  /// A node of the kind that its CPUs and its memory make.
  package static func node(
    _ id: Int, _ cpus: NumberSet, bytes: Int = 1 << 30, free: Int? = nil
  ) -> NUMANode {
    var node = NUMANode(id: id)
    node.cpus = cpus
    node.totalBytes = bytes
    node.freeBytes = free
    node.kind =
      cpus.isEmpty ? (bytes > 0 ? .cpuless : .empty) : bytes > 0 ? .regular : .memoryless
    return node
  }

  package static func node(
    _ id: Int, _ cpus: ClosedRange<Int>?, bytes: Int = 1 << 30
  ) -> NUMANode {
    node(id, cpus.map { NumberSet(range: $0) } ?? NumberSet(), bytes: bytes)
  }

  /// An interrupt of a device, as the kernel lists it.
  package static func interrupt(
    _ number: Int, _ action: String, of name: String, at device: PCIAddress?, node: Int? = nil,
    _ role: Interrupt.Role, queue: Int? = nil, _ mobility: Interrupt.Mobility = .movable,
    affinity: NumberSet?
  ) -> Interrupt {
    var interrupt = Interrupt(number: number)
    interrupt.actions = [action]
    interrupt.device = device
    interrupt.deviceName = name
    interrupt.numaNode = node
    interrupt.role = role
    interrupt.queue = queue
    interrupt.affinity = affinity
    interrupt.mobility = mobility
    return interrupt
  }
}
