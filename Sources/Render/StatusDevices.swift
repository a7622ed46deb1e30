internal import Base
internal import Inventory

/// What is in the box: a small table for each kind of device.
enum StatusDevices {
  static func blocks(_ index: DeviceIndex, _ style: Style) -> [Block] {
    let inventory = index.inventory
    var blocks: [Block] = []
    if inventory.gpus.isEmpty {
      if let line = absent("GPU", inventory) { blocks.append(Block(only: line)) }
    } else {
      blocks.append(gpus(index, style))
    }
    if !inventory.accelerators.isEmpty { blocks.append(AcceleratorTable.block(index, style)) }
    if !inventory.nvme.isEmpty { blocks.append(nvme(index, style)) }
    if !inventory.nics.isEmpty { blocks.append(nics(index, style)) }
    if let runtimes = inventory.runtimes { blocks.append(StatusRuntimes.block(runtimes, index)) }
    if let line = unheld(inventory) { blocks.append(Block(only: line)) }
    return blocks
  }

  /// A box without GPUs says so, or why that is not known.
  private static func absent(_ name: String, _ inventory: Inventory) -> Line? {
    guard let report = inventory.collectors.first(where: { $0.name.lowercased() == "gpu" })
    else { return nil }
    var line = Labelled.start(name)
    switch report.outcome {
    case .nothing, .found: line.add("none found")
    case .failed:
      line.add("unknown", .warning)
      if let note = report.note { line.add(": " + note) }
    }
    return line
  }

  /// Drives, adapters and accelerators without a driver, which no table has.
  private static func unheld(_ inventory: Inventory) -> Line? {
    let found = inventory.unheldDevices
    if found.isEmpty { return nil }
    var line = Labelled.start("unused")
    for (position, device) in found.enumerated() {
      if position > 0 { line.add(", ") }
      line.add(
        device.name + (device.isDead ? " dead" : " without a driver"),
        device.isDead ? .bad : .warning)
    }
    return line
  }

  private static func gpus(_ index: DeviceIndex, _ style: Style) -> Block {
    var block = Block(
      name: "gpu",
      columns: [
        .init("GPU"), .init("address", drop: 1), .init("name", minimum: 8),
        .init("node", .right, drop: 4, isHidden: !index.hasNodes),
        .init("link", minimum: 14, drop: 6), .init("VRAM", .right), .init("temp", .right, drop: 3),
        .init("power/cap", .right, drop: 2), .init("busy", .right, drop: 5),
      ])
    for gpu in index.inventory.gpus {
      let function = index.function(gpu.address)
      let facts = FactText(gpu.unknown)
      let name = (gpu.name ?? function.flatMap(DeviceNames.name)).map(DeviceNames.short)
      let link = LinkText.cell(function, index, style)
      let isBusy = gpu.isIdle == false
      block.add(
        [
          Line(gpu.label, .strong), Line(gpu.address.short), facts.show(name, "name"),
          node(function?.locality.numaNode, function), link, vram(gpu, facts),
          temperature(gpu.temperatures, facts, style), power(gpu, facts),
          gpu.busyShare == nil && MIGText.short(gpu) != nil
            ? Line("MIG") : facts.show(gpu.busyShare, "busyShare") { Units.percent($0) },
        ],
        label: gpu.label,
        likeness:
          "\(name ?? "")|\(MIGText.short(gpu) ?? "")|\(link.plain)|\(gpu.driver ?? "")|\(isBusy ? gpu.address.short : "")"
      )
    }
    let parted = index.inventory.gpus.compactMap { gpu in
      MIGText.short(gpu).map { "\(gpu.address.short) \($0)" }
    }
    if !parted.isEmpty { block.tail = Line(parted.joined(separator: "; "), .dim) }
    return block
  }

  private static func nvme(_ index: DeviceIndex, _ style: Style) -> Block {
    var block = Block(
      name: "nvme",
      columns: [
        .init("NVMe", minimum: 7), .init("address", drop: 3), .init("model", minimum: 8),
        .init("node", .right, drop: 4, isHidden: !index.hasNodes),
        .init("link", minimum: 14, drop: 5), .init("size", .right),
        .init("temp", .right, drop: 2), .init("used for", minimum: 5, drop: 1),
      ])
    for drive in index.inventory.nvme {
      let function = index.function(drive.address)
      let facts = FactText(drive.unknown)
      let link = LinkText.cell(function, index, style)
      let use = use(drive)
      let isPath = drive.pathOf != nil
      let isLive = drive.state == nil || drive.state == "live"
      block.add(
        [
          Line(drive.name, .strong), Line(drive.address?.short ?? "-"),
          facts.show(drive.model, "model"), node(drive.numaNode, function), link,
          isPath
            ? Line("-", .dim)
            : facts.show(drive.capacityBytes, "capacityBytes", "namespaces") { Units.capacity($0) },
          temperature(drive, facts, style), isLive ? use : Line(drive.state ?? "", .bad),
        ],
        label: drive.name,
        likeness: "\(drive.model ?? "")|\(link.plain)|\(drive.state ?? "")|\(use.plain)|\(isPath)|"
          + "\(drive.capacityBytes ?? -1)")
    }
    return block
  }

  private static func nics(_ index: DeviceIndex, _ style: Style) -> Block {
    var block = Block(
      name: "nic",
      columns: [
        .init("NIC", minimum: 7), .init("address", drop: 3), .init("model", minimum: 8),
        .init("node", .right, drop: 4, isHidden: !index.hasNodes),
        .init("link", minimum: 14, drop: 5), .init("speed", .right),
        .init("queues", .right, drop: 1), .init("state", minimum: 5),
      ])
    for nic in index.inventory.nics where nic.isPort {
      let function = index.function(nic.address)
      let facts = FactText(nic.unknown)
      let link = LinkText.cell(function, index, style)
      let model = nic.model.map(DeviceNames.short)
      block.add(
        [
          Line(nic.name, .strong), Line(nic.address?.short ?? nic.bus ?? "-"),
          facts.show(model, "model"), node(nic.numaNode, function), link,
          facts.show(nic.speedBitsPerSecond, "speedBitsPerSecond") { Units.bitRate($0) },
          NICText.queues(nic, facts), NICText.state(nic, facts),
        ],
        label: nic.name,
        likeness: "\(model ?? "")|\(link.plain)|\(nic.speedBitsPerSecond ?? -1)|"
          + "\(nic.carrier == true ? nic.name : "")")
    }
    let others = [
      (index.inventory.nics.count { $0.isVirtualFunction }, "virtual function"),
      (index.inventory.nics.count { $0.isRepresentor == true }, "representor"),
    ].filter { $0.0 > 0 }
    if !others.isEmpty {
      let text = others.map { Units.count($0.0, $0.1) }.joined(separator: ", ")
      block.tail = Line("+\(text)", .dim)
    }
    return block
  }

  // MARK: Cells

  static func node(_ known: Int?, _ function: PCIFunction?) -> Line {
    if let node = known ?? function?.locality.numaNode { return Line("\(node)") }
    return function == nil ? Line("-", .dim) : Line("?", .warning)
  }

  static func vram(_ gpu: GPU, _ facts: FactText) -> Line {
    guard let total = gpu.memoryTotalBytes else { return facts.missing(["memoryTotalBytes"]) }
    if let used = gpu.memoryUsedBytes, used >= 0 { return Line(Units.capacity(used, of: total)) }
    return Line(Units.capacity(total))
  }

  /// The hottest sensor.
  static func temperature(
    _ readings: [Temperature], _ facts: FactText, _ style: Style
  ) -> Line {
    guard let hottest = readings.max(by: { $0.celsius < $1.celsius }) else {
      return facts.missing(["temperatures"])
    }
    let isCritical = hottest.criticalCelsius.map { $0 > 0 && hottest.celsius >= $0 } ?? false
    return Line(Units.celsius(hottest.celsius, isASCII: !style.unicode), isCritical ? .bad : .plain)
  }

  /// The composite temperature, from the sensor or from the health log.
  static func temperature(_ drive: NVMeController, _ facts: FactText, _ style: Style) -> Line {
    if let composite = drive.temperatures.first(where: { $0.label == "Composite" }) {
      return temperature([composite], facts, style)
    }
    if drive.temperatures.isEmpty, let celsius = drive.health?.temperatureCelsius {
      return Line(Units.celsius(celsius, isASCII: !style.unicode))
    }
    return temperature(drive.temperatures, facts, style)
  }

  static func power(_ gpu: GPU, _ facts: FactText) -> Line {
    let drawn = gpu.powerWatts.map { Units.decimal($0, places: 0) }
    let cap = gpu.powerCap.map { Units.decimal($0.watts, places: 0) }
    if drawn == nil && cap == nil { return facts.missing(["powerWatts", "powerCap"]) }
    let shown = drawn ?? (facts.isUnknown(["powerWatts"]) ? "unknown" : "-")
    return Line(cap.map { "\(shown)/\($0) W" } ?? "\(shown) W")
  }

  /// What lies on a drive, in a few words: where it is mounted, else what holds it.
  static func use(_ drive: NVMeController) -> Line {
    if let main = drive.pathOf { return Line("path to \(main)", .dim) }
    var words: [String] = []
    let uses = drive.namespaces.flatMap(\.uses)
    for use in uses {
      let word: String? =
        switch use.kind {
        case .mount: use.target
        case .swap: "swap"
        case .raid: use.target ?? "RAID"
        case .deviceMapper: use.target ?? "LVM"
        case .other: use.target ?? "in use"
        case .idle: nil
        }
      if let word, !words.contains(word) { words.append(word) }
      if words.count == 4 { break }
    }
    if words.isEmpty {
      return drive.isBootDisk == true ? Line("boot disk") : Line("-", .dim)
    }
    return Line(words.joined(separator: " "))
  }
}

/// Cells of network interfaces.
enum NICText {
  /// Channels in use, or queues allocated where ethtool reports no channels.
  static func queues(_ nic: NIC, _ facts: FactText) -> Line {
    if nic.isRepresentor == true || !nic.hasInterface { return Line("-", .dim) }
    if let channels = nic.queues.channels {
      let now = max(channels.combined &+ channels.receive, channels.combined &+ channels.transmit)
      guard let most = nic.queues.channelsMaximum else { return Line("\(now)") }
      let limit = max(most.combined &+ most.receive, most.combined &+ most.transmit)
      return Line(limit > 0 ? "\(now)/\(limit)" : "\(now)")
    }
    if let receive = nic.queues.receiveAllocated { return Line("\(receive)") }
    return facts.missing(["queues", "channels", "receiveAllocated"])
  }

  static func state(_ nic: NIC, _ facts: FactText) -> Line {
    if nic.carrier == false, nic.operationalState != "down" { return Line("no carrier") }
    return facts.show(nic.operationalState, "operationalState")
  }
}
