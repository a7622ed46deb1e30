internal import Base
package import Inventory

/// Tables of devices, one line each.
package enum DeviceTables {
  /// The table of one kind.
  package static func render(
    _ kind: DeviceKind, _ inventory: Inventory, _ style: Style
  ) -> [String] {
    let index = DeviceIndex(inventory)
    let table: Table
    switch kind {
    case .all: table = functions(index, style)
    case .gpu: table = gpus(index, style)
    case .accelerator: table = AcceleratorTable.table(index, style)
    case .nic: table = nics(index, style)
    case .nvme: table = nvme(index, style)
    case .bridge: table = bridges(index, style)
    }
    if table.isEmpty { return [Line(nothing(kind, inventory)).text(style)] }
    return table.render(style)
  }

  /// That there is none, or why that is not known.
  private static func nothing(_ kind: DeviceKind, _ inventory: Inventory) -> String {
    let (what, collector) =
      switch kind {
      case .all: ("PCI functions", "pci")
      case .gpu: ("GPUs", "gpu")
      case .accelerator: ("accelerators", "pci")
      case .nic: ("network interfaces with hardware behind them", "nic")
      case .nvme: ("NVMe controllers", "nvme")
      case .bridge: ("PCI bridges", "pci")
      }
    let report = inventory.collectors.first { $0.name.lowercased() == collector }
    guard let report else { return "no \(what) known" }
    if report.outcome == .failed {
      return "\(what) unknown" + (report.note.map { ": " + $0 } ?? "")
    }
    return "no \(what) found"
  }

  private static func functions(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("address"), .init("kind", minimum: 8), .init("name", minimum: 18),
      .init("driver", minimum: 8, drop: 3), .init("node", .right, drop: 4),
      .init("link", drop: 5), .init("group", .right, drop: 1),
    ])
    var virtual: [PCIAddress: [PCIFunction]] = [:]
    for function in index.inventory.pci {
      // Only those that have a line to stand below.
      if let physical = function.physicalFunction, index.function(physical) != nil {
        virtual[physical, default: []].append(function)
      }
    }
    for function in index.inventory.pci {
      if let physical = function.physicalFunction, index.function(physical) != nil { continue }
      let facts = FactText(function.unknown)
      table.add([
        Line(function.address.short, .strong), kind(function, index),
        facts.show(DeviceNames.name(function), "identity", "deviceID", "vendorID"),
        facts.show(function.driver, "driver"), StatusDevices.node(nil, function),
        LinkText.cell(function, index, style), facts.show(function.iommuGroup, "iommuGroup"),
      ])
      if let below = virtual[function.address] { table.add(note: group(below)) }
    }
    return table
  }

  private static func kind(_ function: PCIFunction, _ index: DeviceIndex) -> Line {
    if function.isDead == true { return Line("dead", .bad) }
    if index.isGPU(function.address) { return "GPU" }
    if index.isAccelerator(function.address) { return "accelerator" }
    return Line(function.kindText)
  }

  /// `  + 64 virtual functions 81:02.0 to 81:09.7, driver iavf`.
  private static func group(_ functions: [PCIFunction]) -> Line {
    guard let first = functions.first, let last = functions.last else { return Line() }
    let drivers = Set(functions.compactMap(\.driver)).sorted()
    let bound = functions.count { $0.driver != nil }
    var text = "  + " + Units.count(functions.count, "virtual function") + " \(first.address.short)"
    if functions.count > 1 { text += " to \(last.address.short)" }
    if !drivers.isEmpty {
      text += ", driver \(drivers.prefix(3).joined(separator: " "))"
      if bound < functions.count { text += " on \(bound)" }
    }
    return Line(text, .dim)
  }

  private static func gpus(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("GPU"), .init("address"), .init("name", minimum: 11),
      .init("driver", minimum: 6, drop: 8),
      .init("node", .right, drop: 10), .init("link"), .init("VRAM", .right),
      .init("host sees", .right, drop: 6), .init("target", drop: 5), .init("temp", .right, drop: 4),
      .init("power/cap", .right, drop: 7), .init("busy", .right, drop: 9),
      .init("slot", minimum: 4, drop: 2), .init("render node", drop: 3),
      .init("VBIOS", minimum: 6, drop: 1),
    ])
    for gpu in index.inventory.gpus {
      let function = index.function(gpu.address)
      let facts = FactText(gpu.unknown)
      let name = gpu.name ?? function.flatMap(DeviceNames.name)
      table.add([
        Line(gpu.label, .strong), Line(gpu.address.short),
        facts.show(name.map(DeviceNames.short), "name"),
        facts.show(gpu.driver ?? function?.driver, "driver"), StatusDevices.node(nil, function),
        LinkText.cell(function, index, style), StatusDevices.vram(gpu, facts), visible(gpu, facts),
        facts.show(gpu.target, "target"),
        StatusDevices.temperature(gpu.temperatures, facts, style),
        StatusDevices.power(gpu, facts),
        facts.show(gpu.busyShare, "busyShare") { Units.percent($0) },
        facts.show(function?.slot, "slot"), facts.show(gpu.renderNode, "renderNode"),
        facts.show(gpu.vbios, "vbios"),
      ])
    }
    return table
  }

  private static func visible(_ gpu: GPU, _ facts: FactText) -> Line {
    if gpu.largeBar == true { return "all" }
    if let bytes = gpu.memoryVisibleBytes {
      return Line(Units.capacity(bytes), gpu.largeBar == false ? .warning : .plain)
    }
    if let bytes = gpu.memoryBarBytes {
      return Line(Units.capacity(bytes), gpu.largeBar == false ? .warning : .plain)
    }
    return facts.missing(["memoryVisibleBytes", "memoryBarBytes", "largeBar"])
  }

  private static func nics(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("name", minimum: 7), .init("address", drop: 9), .init("model", minimum: 10),
      .init("driver", minimum: 6, drop: 5), .init("node", .right, drop: 7), .init("link", drop: 8),
      .init("speed", .right), .init("state"), .init("MTU", .right, drop: 4),
      .init("queues", .right, drop: 6), .init("IRQs", .right, drop: 3), .init("RDMA", drop: 2),
      .init("firmware", minimum: 8, drop: 1),
    ])
    for nic in index.inventory.nics {
      let function = index.function(nic.address)
      let facts = FactText(nic.unknown)
      let rdma = nic.rdmaDevices.map(\.name).joined(separator: " ")
      table.add([
        Line(nic.name, .strong), Line(nic.address?.short ?? nic.bus ?? "-"),
        nic.isVirtualFunction
          ? Line("virtual function " + (nic.model ?? ""))
          : nic.isRepresentor == true
            ? Line("representor " + (nic.physicalPortName ?? ""))
            : facts.show(nic.model.map(DeviceNames.short), "model"),
        facts.show(nic.driver, "driver"), StatusDevices.node(nic.numaNode, function),
        LinkText.cell(function, index, style),
        facts.show(nic.speedBitsPerSecond, "speedBitsPerSecond") { Units.bitRate($0) },
        NICText.state(nic, facts), facts.show(nic.mtuBytes, "mtuBytes"),
        NICText.queues(nic, facts),
        nic.interrupts.isEmpty
          ? facts.missing(["interrupts"]) : Line("\(nic.interrupts.count)"),
        rdma.isEmpty ? facts.missing(["rdmaDevices"]) : Line(rdma),
        facts.show(nic.firmwareVersion, "firmwareVersion"),
      ])
    }
    return table
  }

  private static func nvme(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("name", minimum: 7), .init("address", drop: 9), .init("model", minimum: 14),
      .init("node", .right, drop: 7), .init("link", drop: 8), .init("size", .right),
      .init("temp", .right, drop: 5), .init("life used", .right, drop: 4), .init("state"),
      .init("used for", minimum: 9, drop: 6), .init("queues", .right, drop: 3),
      .init("firmware", minimum: 6, drop: 2), .init("boot", drop: 1),
    ])
    for drive in index.inventory.nvme {
      let function = index.function(drive.address)
      let facts = FactText(drive.unknown)
      table.add([
        Line(drive.name, .strong), Line(drive.address?.short ?? drive.transport ?? "-"),
        facts.show(drive.model, "model"), StatusDevices.node(drive.numaNode, function),
        LinkText.cell(function, index, style),
        drive.pathOf != nil
          ? Line("-", .dim)
          : facts.show(drive.capacityBytes, "capacityBytes", "namespaces") { Units.capacity($0) },
        StatusDevices.temperature(drive, facts, style),
        facts.show(drive.health?.lifeUsed, "health") { Units.percent($0) },
        drive.state.map { Line($0, $0 == "live" ? .plain : .bad) } ?? facts.missing(["state"]),
        StatusDevices.use(drive), facts.show(drive.queueCount, "queueCount"),
        facts.show(drive.firmware, "firmware"),
        facts.show(drive.isBootDisk, "isBootDisk") { $0 ? "yes" : "no" },
      ])
    }
    return table
  }

  private static func bridges(_ index: DeviceIndex, _ style: Style) -> Table {
    var table = Table([
      .init("address"), .init("kind", minimum: 11), .init("node", .right, drop: 5),
      .init("link now"), .init("at most", drop: 4), .init("below", minimum: 16),
      .init("MPS", .right, drop: 3), .init("ACS", minimum: 20, drop: 2),
      .init("name", minimum: 10, drop: 1),
    ])
    var below: [PCIAddress: [PCIAddress]] = [:]
    for function in index.inventory.pci {
      if let parent = function.parent { below[parent, default: []].append(function.address) }
    }
    for function in index.inventory.pci where function.isBridge {
      let facts = FactText(function.unknown)
      let devices = below[function.address] ?? []
      let now = function.link?.current ?? function.express?.linkStatus
      let most = function.link?.maximum ?? function.express?.linkCapability
      table.add([
        Line(function.address.short, .strong), Line(function.kindText),
        StatusDevices.node(nil, function),
        now.map { Line(LinkText.rate($0)) } ?? facts.missing(LinkText.keys),
        most.map { Line(LinkText.rate($0)) } ?? facts.missing(LinkText.keys),
        devices.first.map {
          Line(index.label($0) + (devices.count > 1 ? " +\(devices.count - 1)" : ""))
        } ?? Line("-", .dim),
        facts.show(function.express?.maxPayloadBytes, "express"),
        function.acs.map { Line(acs($0)) } ?? facts.missing(["acs"]),
        facts.show(DeviceNames.name(function), "identity", "deviceID"),
      ])
    }
    return table
  }

  static func acs(_ acs: PCIeACS) -> String {
    acs.enabled.isEmpty ? "all off" : acs.enabled.joined(separator: " ")
  }
}
