internal import Base
internal import KernelTree

/// Collects the network interfaces that have hardware behind them.
enum NICCollector {
  private static let folder = "/sys/class/net"

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var names: [String] = []
    var failure: String?
    do throws(ReadFailure) {
      names = try context.tree.names(folder)
    } catch {
      failure = error.description
    }
    let rdma = RDMA.devices(context)
    var nics: [NIC] = []
    for name in names {
      guard let device = device(of: name, context.tree) else { continue }
      nics.append(read(name, device, inventory, context, rdma))
    }
    let taken = Set(nics.compactMap(\.address))
    for (address, devices) in rdma where !taken.contains(address) {
      nics.append(NICWithoutInterface.read(address, devices, inventory, context))
    }
    shareVectors(&nics, context.tree)
    nics.sort(by: precedes)
    inventory.nics = nics
    inventory.collectors.append(
      CollectorReport(
        name: "NIC", outcome: failure != nil ? .failed : nics.isEmpty ? .nothing : .found,
        note: failure))
  }

  /// The device behind an interface; nil for a virtual one.
  private static func device(of name: String, _ tree: KernelTree) -> NICDevice? {
    let path = "\(folder)/\(name)"
    // The interface lies in its device's folder: one call finds both, and some recordings hold no
    // `device` link.
    if let real = try? tree.realPath(path), real != path {
      return NICDevice(interfacePath: real)
    }
    return (try? tree.realPath(path + "/device")).flatMap { NICDevice(devicePath: $0) }
  }

  /// Everything about one interface.
  private static func read(
    _ name: String, _ device: NICDevice, _ inventory: Inventory, _ context: CollectionContext,
    _ rdma: [PCIAddress: [(device: NIC.RDMADevice, unknown: [UnknownFact])]]
  ) -> NIC {
    var reader = context.reader("\(folder)/\(name)")
    let isFull = context.options.parts.contains(.pciDetail)
    var nic = NIC(name: name)
    nic.bus = device.bus ?? reader.linkName("bus", device.folder + "/subsystem")
    nic.address = device.address
    nic.driver = reader.linkName("driver", device.folder + "/driver")
    nic.port = reader.decimal("port", "dev_port")
    representation(&nic, &reader)
    nic.operationalState = reader.text("operationalState", "operstate")
    nic.mtuBytes = reader.decimal("mtuBytes", "mtu")
    nic.carrierChanges = reader.decimal("carrierChanges", "carrier_changes")
    link(&nic, &reader)
    if context.options.includeSerials {
      nic.hardwareAddress = reader.text(
        "hardwareAddress", "address", sensitivity: .hardwareAddress)
    }
    for file in errorFiles {
      if let count = reader.decimal(file, "statistics/" + file), count >= 0 {
        nic.errors[file] = count
      }
    }
    nic.queues = NICQueues.read(&reader, steering: isFull)
    if isFull { ethtool(&nic, &reader) }
    if let address = nic.address {
      for entry in rdma[address] ?? [] {
        nic.rdmaDevices.append(entry.device)
        for fact in entry.unknown {
          reader.note(fact.fact, path: fact.path, unknown: fact.reason)
        }
      }
      place(&nic, address, inventory, context, &reader)
    } else if let node = reader.decimal("numaNode", device.folder + "/numa_node"), node >= 0 {
      nic.numaNode = node
    }
    nic.unknown = reader.unknown
    nic.sources = reader.sources
    return nic
  }

  /// What the interface stands for, and what it is part of.
  private static func representation(_ nic: inout NIC, _ reader: inout FactReader) {
    // EOPNOTSUPP where the driver names no ports.
    nic.physicalPortName = reader.tree.textIfPresent(reader.path("phys_port_name"))
    if nic.physicalPortName?.isEmpty == true { nic.physicalPortName = nil }
    if nic.physicalPortName.map(RepresentorName.isRepresentor) == true { nic.isRepresentor = true }
    nic.controller = try? reader.tree.linkName(reader.path("master"))
  }

  /// Counters that show trouble; the other fifteen are never shown.
  private static let errorFiles = [
    "rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "rx_crc_errors", "rx_missed_errors",
  ]

  /// Speed, duplex and carrier: the kernel answers EINVAL while the interface is down.
  private static func link(_ nic: inout NIC, _ reader: inout FactReader) {
    if let text = whenUp("carrier", "carrier", &reader) {
      switch text {
      case "0": nic.carrier = false
      case "1": nic.carrier = true
      default:
        reader.note("carrier", path: reader.path("carrier"), unknown: "cannot understand '\(text)'")
      }
    }
    if let text = whenUp("duplex", "duplex", &reader), text != "unknown" { nic.duplex = text }
    guard let text = whenUp("speedBitsPerSecond", "speed", &reader) else { return }
    guard let megabits = Int(text) else {
      reader.note(
        "speedBitsPerSecond", path: reader.path("speed"), unknown: "cannot understand '\(text)'")
      return
    }
    // SPEED_UNKNOWN: -1, on older kernels all ones of 32 bits, on the oldest of 16.
    if megabits <= 0 || [Int(UInt16.max), Int(UInt32.max)].contains(megabits) { return }
    nic.speedBitsPerSecond = reader.accept(
      .bitRate, Double(megabits), raw: text, "speedBitsPerSecond", path: reader.path("speed")
    ).map { Int($0) * 1_000_000 }
  }

  /// A text that is absent while the interface is down.
  private static func whenUp(
    _ fact: String, _ file: String, _ reader: inout FactReader
  ) -> String? {
    do throws(ReadFailure) {
      let text = try reader.tree.text(reader.path(file))
      reader.note(fact, source: reader.path(file))
      return text.isEmpty ? nil : String(text.prefix(40))
    } catch {
      if error.cause != .system(.EINVAL) { reader.note(fact, error) }
      return nil
    }
  }

  /// What the driver reports through ethtool.
  private static func ethtool(_ nic: inout NIC, _ reader: inout FactReader) {
    let probe = "ethtool/" + nic.name
    do throws(ReadFailure) {
      let name = nic.name
      let answer = EthtoolAnswer(
        try reader.tree.probe(probe) { () throws(ReadFailure) in try EthtoolAnswer.ask(name) })
      nic.driver = nic.driver ?? answer.driver
      // `mlx5e_rep`: a driver of representors alone, where the kernel names no port.
      if answer.driver?.hasSuffix("_rep") == true { nic.isRepresentor = true }
      nic.driverVersion = answer.version
      nic.firmwareVersion = answer.firmware
      nic.queues.channels = answer.channels
      nic.queues.channelsMaximum = answer.maximum
      for fact in ["driverVersion", "firmwareVersion", "channels"] {
        reader.note(fact, source: probe)
      }
    } catch {
      for fact in ["driverVersion", "firmwareVersion", "channels"] {
        reader.note(fact, path: probe, unknown: error.reason)
      }
    }
  }

  /// Fills in the facts of the PCI function behind it.
  static func place(
    _ nic: inout NIC, _ address: PCIAddress, _ inventory: Inventory,
    _ context: CollectionContext, _ reader: inout FactReader
  ) {
    let folder = "/sys/bus/pci/devices/\(address)"
    if let index = context.functionIndex[address], inventory.pci.indices.contains(index) {
      let function = inventory.pci[index]
      nic.numaNode = function.locality.numaNode
      nic.model = model(function.identity)
      nic.isVirtualFunction = function.physicalFunction != nil
      nic.interrupts = FunctionVectors.numbers(of: function, context.tree)
    } else {
      if let node = reader.decimal("numaNode", folder + "/numa_node"), node >= 0 {
        nic.numaNode = node
      }
      nic.interrupts = FunctionVectors.numbers(of: PCIFunction(address: address), context.tree)
    }
    if !nic.isVirtualFunction { nic.isVirtualFunction = context.tree.exists(folder + "/physfn") }
  }

  /// Vendor and device name.
  static func model(_ identity: PCIIdentity) -> String? {
    let parts = [identity.vendorName, identity.deviceName].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// Several interfaces of one function: each gets the vectors named after it. Vectors that name
  /// none stay with all.
  private static func shareVectors(_ nics: inout [NIC], _ tree: KernelTree) {
    var ports: [PCIAddress: [Int]] = [:]
    for (index, nic) in nics.enumerated() {
      // The traffic of a representor comes through the queues of the adapter's own port.
      if nic.isRepresentor == true {
        nics[index].interrupts = NumberSet()
        continue
      }
      if let address = nic.address { ports[address, default: []].append(index) }
    }
    for indices in ports.values where indices.count > 1 {
      guard let first = indices.first else { continue }
      let names = indices.map { nics[$0].name }
      var own: [String: [Int]] = [:]
      var common: [Int] = []
      for number in nics[first].interrupts.numbers {
        let handlers = tree.namesIfPresent("/proc/irq/\(number)")
        if let name = names.first(where: { NICVectors.serves($0, handlers) }) {
          own[name, default: []].append(number)
        } else {
          common.append(number)
        }
      }
      for index in indices {
        nics[index].interrupts = NumberSet((own[nics[index].name] ?? []) + common)
      }
    }
  }

  /// By address, then port, then name; interfaces without an address last.
  private static func precedes(_ a: NIC, _ b: NIC) -> Bool {
    switch (a.address, b.address) {
    case (let x?, let y?) where x != y: return x < y
    case (.some, nil): return true
    case (nil, .some): return false
    default: break
    }
    if (a.port ?? 0) != (b.port ?? 0) { return (a.port ?? 0) < (b.port ?? 0) }
    return NaturalOrder.precedes(a.name, b.name)
  }
}
