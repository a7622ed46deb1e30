internal import Accelerators
internal import Base
internal import Inventory

/// What the driver of a GPU reports.
enum GPUSection {
  static func write(_ gpu: GPU, _ indexes: LibraryIndexes, _ page: inout Page) {
    let facts = FactText(gpu.unknown)
    let style = page.style
    page.section("GPU")
    page.row("name", facts.show(gpu.name, "name"))
    page.row("driver", facts.show(gpu.driver, "driver").with(version(gpu.driverVersion)))
    page.row("target", facts.show(gpu.target, "target"))
    page.row("video memory", StatusDevices.vram(gpu, facts))
    page.row("visible to the host", visible(gpu, facts))
    page.row("busy", facts.show(gpu.busyShare, "busyShare") { Units.percent($0) })
    page.row(
      "memory busy", facts.show(gpu.memoryBusyShare, "memoryBusyShare") { Units.percent($0) })
    page.row("power", facts.show(gpu.powerWatts, "powerWatts") { Units.watts($0) })
    page.row("power cap", gpu.powerCap.map(cap) ?? facts.missing(["powerCap"]))
    if gpu.temperatures.isEmpty { page.row("temperature", facts.missing(["temperatures"])) }
    for reading in gpu.temperatures { page.row("temperature", temperature(reading, style)) }
    if gpu.fanRPM != nil || facts.isUnknown(["fanRPM"]) {
      page.row("fan", facts.show(gpu.fanRPM, "fanRPM") { "\($0) rpm" })
    }
    page.row("core clock", facts.show(gpu.coreClockHertz, "coreClockHertz") { Units.hertz($0) })
    page.row(
      "memory clock", facts.show(gpu.memoryClockHertz, "memoryClockHertz") { Units.hertz($0) })
    for line in MIGText.lines(gpu) { page.row("MIG", line) }
    page.row("VBIOS", facts.show(gpu.vbios, "vbios"))
    page.row("unique id", gpu.uniqueID)
    if gpu.pcieReplays != nil || facts.isUnknown(["pcieReplays"]) {
      page.row("PCIe replays", facts.show(gpu.pcieReplays, "pcieReplays") { Units.count($0) })
    }
    let names = [gpu.drmCard, gpu.renderNode].compactMap { $0 }
    page.row("DRM", names.isEmpty ? nil : names.joined(separator: ", "))
    page.row(
      "nvidia-smi index",
      indexes.nvidiaSMI.map { "\($0); CUDA's too with CUDA_DEVICE_ORDER=PCI_BUS_ID" })
    page.row(
      "HIP index",
      indexes.hip.map { index in
        gpu.partitions.map { "\(index), the first of \($0)" } ?? "\(index)"
      })
    page.row("partitions", gpu.partitions.map { "\($0)" })
    if let reasons = gpu.throttleReasons {
      page.row("throttled by", reasons.isEmpty ? "nothing" : reasons.joined(separator: ", "))
    }
    for (block, count) in (gpu.ecc ?? [:]).sorted(by: { $0.key < $1.key }) {
      let corrected = count.corrected.map { Units.count($0) } ?? "unknown"
      let uncorrected = count.uncorrected.map { Units.count($0) } ?? "unknown"
      page.row("ECC, \(block)", "corrected \(corrected), not corrected \(uncorrected)")
    }
    if let kfd = gpu.kfd { self.kfd(kfd, &page) }
    if let agent = gpu.hsa {
      let units = agent.computeUnits.map { ", \($0) compute units" } ?? ""
      page.row("HSA agent", "\(agent.name) \(agent.productName ?? "")\(units)")
    }
    for process in gpu.processes {
      let memory = process.memoryBytes.map { ", \(Units.capacity($0))" } ?? ""
      page.row(
        "held by",
        "\(process.name ?? "unknown name") (pid \(process.pid))\(memory), "
          + "reported by \(process.evidence)")
    }
  }

  private static func version(_ version: String?) -> Line {
    version.map { Line(" " + $0) } ?? Line()
  }

  private static func visible(_ gpu: GPU, _ facts: FactText) -> Line {
    var parts: [String] = []
    if let bytes = gpu.memoryVisibleBytes { parts.append(Units.capacity(bytes)) }
    if let bytes = gpu.memoryBarBytes { parts.append("BAR of \(Units.capacity(bytes))") }
    if let large = gpu.largeBar { parts.append(large ? "all of it" : "not all of it") }
    if parts.isEmpty { return facts.missing(["memoryVisibleBytes", "memoryBarBytes"]) }
    return Line(parts.joined(separator: ", "), gpu.largeBar == false ? .warning : .plain)
  }

  private static func cap(_ cap: GPU.PowerCap) -> Line {
    var text = Units.watts(cap.watts)
    if let low = cap.minimumWatts, let high = cap.maximumWatts {
      text += ", \(Units.watts(low)) to \(Units.watts(high)) possible"
    }
    if let own = cap.defaultWatts { text += ", default \(Units.watts(own))" }
    return Line(text)
  }

  static func temperature(_ reading: Temperature, _ style: Style) -> Line {
    var text = "\(reading.label) \(Units.celsius(reading.celsius, isASCII: !style.unicode))"
    if let limit = reading.criticalCelsius {
      text += ", critical from \(Units.celsius(limit, isASCII: !style.unicode))"
    }
    let isCritical = reading.criticalCelsius.map { $0 > 0 && reading.celsius >= $0 } ?? false
    return Line(text, isCritical ? .bad : .plain)
  }

  private static func kfd(_ node: KFDNode, _ page: inout Page) {
    var parts = ["node \(node.node)"]
    if let id = node.gpuID { parts.append("GPU id \(id)") }
    if let target = node.target { parts.append(target) }
    if let units = node.computeUnits { parts.append("\(units) compute units") }
    page.row("KFD", parts.joined(separator: ", "))
    for link in node.links {
      let kind = link.type == 2 ? "PCIe" : link.type == 11 ? "XGMI" : "type \(link.type)"
      let weight = link.weight.map { ", weight \($0)" } ?? ""
      page.row("KFD link", "\(link.list) to node \(link.toNode), \(kind)\(weight)")
    }
  }
}

/// What the driver of a drive reports.
enum NVMeSection {
  /// The bits of an NVMe critical warning in words.
  static func warnings(_ bits: Int) -> [String] {
    let names = [
      "spare blocks below threshold", "temperature out of range", "reliability degraded",
      "read only", "volatile memory backup failed", "persistent memory unreliable",
    ]
    var found = names.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
    if bits & ~0x3f != 0 { found.append("reserved bits 0x" + String(bits & ~0x3f, radix: 16)) }
    return found
  }

  static func write(_ drive: NVMeController, _ page: inout Page) {
    let facts = FactText(drive.unknown)
    page.section("NVMe controller \(drive.name)")
    page.row("model", facts.show(drive.model, "model"))
    page.row("serial", drive.serial)
    page.row("firmware", facts.show(drive.firmware, "firmware"))
    page.row(
      "state",
      drive.state.map { Line($0, $0 == "live" ? .plain : .bad) } ?? facts.missing(["state"]))
    page.row("transport", facts.show(drive.transport, "transport"))
    page.row("NUMA node", facts.show(drive.numaNode, "numaNode"))
    page.row(
      "queues", facts.show(drive.queueCount, "queueCount") { "\($0), the admin queue included" })
    page.row("capacity", facts.show(drive.capacityBytes, "capacityBytes") { Units.capacity($0) })
    page.row(
      "controller memory",
      facts.show(drive.controllerMemoryBytes, "controllerMemoryBytes") { Units.capacity($0) })
    page.row("boot disk", facts.show(drive.isBootDisk, "isBootDisk") { $0 ? "yes" : "no" })
    for reading in drive.temperatures {
      page.row("temperature", GPUSection.temperature(reading, page.style))
    }
    health(drive, facts, &page)
    for namespace in drive.namespaces {
      let block = namespace.blockBytes.map { ", blocks of \($0) bytes" } ?? ""
      let size = namespace.sizeBytes.map { Units.capacity($0) } ?? "size unknown"
      page.row("namespace", "\(namespace.name), \(size)\(block)")
      for use in namespace.uses { page.row("  \(use.device)", self.use(use)) }
    }
  }

  private static func use(_ use: NVMeController.Use) -> Line {
    let kind =
      switch use.kind {
      case .mount: "mounted"
      case .swap: "swap"
      case .raid: "RAID member"
      case .deviceMapper: "device mapper"
      case .other: "in use"
      case .idle: "not used"
      }
    var text = kind
    if let target = use.target { text += (use.kind == .mount ? " at " : ": ") + target }
    if let detail = use.detail { text += " (\(detail))" }
    if let size = use.sizeBytes { text += ", \(Units.capacity(size))" }
    if let free = use.freeBytes { text += ", \(Units.capacity(free)) free" }
    return Line(text)
  }

  private static func health(
    _ drive: NVMeController, _ facts: FactText, _ page: inout Page
  ) {
    guard let health = drive.health else {
      page.row("health", facts.missing(["health"]))
      return
    }
    if health.criticalWarning != 0 {
      let names = warnings(health.criticalWarning).joined(separator: ", ")
      page.row("critical warning", Line(names, .bad))
    } else {
      page.row("critical warning", "none")
    }
    let number = { (value: Double) in Units.decimal(value, places: 0) }
    if let spare = health.availableSpare {
      let threshold = health.spareThreshold.map { ", warns below \(Units.percent($0))" } ?? ""
      page.row("spare", Units.percent(spare) + threshold)
    } else {
      page.row("spare", facts.missing(["health.availableSpare"]))
    }
    page.row("life used", "\(Units.percent(health.lifeUsed)) by the maker's estimate")
    if drive.temperatures.isEmpty, let celsius = health.temperatureCelsius {
      page.row("temperature", Units.celsius(celsius, isASCII: !page.style.unicode))
    }
    page.row(
      "read, written", "\(Units.capacity(health.bytesRead)), \(Units.capacity(health.bytesWritten))"
    )
    page.row(
      "power on",
      "\(number(health.powerOnHours)) h, \(number(health.powerCycles)) cycles, "
        + "\(number(health.unsafeShutdowns)) unsafe shutdowns")
    page.row(
      "errors",
      "\(number(health.mediaErrors)) data integrity, \(number(health.errorLogEntries)) log entries")
  }
}

/// What the driver of a network interface reports.
enum NICSection {
  static func write(_ nic: NIC, _ page: inout Page) {
    let facts = FactText(nic.unknown)
    page.section("interface \(nic.name)")
    page.row("model", facts.show(nic.model, "model"))
    page.row("port", nic.port.map { "\($0)" })
    page.row("bus", nic.bus)
    let version = nic.driverVersion.map { Line(" " + $0) } ?? Line()
    page.row("driver", facts.show(nic.driver, "driver").with(version))
    page.row("firmware", facts.show(nic.firmwareVersion, "firmwareVersion"))
    page.row("hardware address", nic.hardwareAddress)
    page.row("state", NICText.state(nic, facts))
    page.row(
      "carrier", facts.show(nic.carrier, "carrier") { $0 ? "yes" : "no" })
    page.row("carrier changes", nic.carrierChanges.map { Units.count($0) })
    page.row(
      "speed",
      facts.show(nic.speedBitsPerSecond, "speedBitsPerSecond") { Units.bitRate($0) }
        .with(nic.duplex.map { Line(", \($0) duplex") } ?? Line()))
    page.row("MTU", facts.show(nic.mtuBytes, "mtuBytes") { "\($0) bytes" })
    page.row("NUMA node", facts.show(nic.numaNode, "numaNode"))
    queues(nic, facts, &page)
    for device in nic.rdmaDevices {
      // A port that could not be read is a port.
      let unread = nic.unknown.map(\.fact).filter { $0.hasPrefix("rdmaDevices.\(device.name).") }
        .compactMap { $0.split(separator: ".").last.flatMap { Int($0) } }
      var line = Line(device.name)
      for (index, port) in Set(device.portStates.keys).union(unread).sorted().enumerated() {
        line = line.with(Line("\(index == 0 ? "" : ";") port \(port) "))
          .with(facts.show(device.portStates[port], device.stateFact(port)))
        let rate = device.rateFact(port)
        if device.portBitsPerSecond[port] != nil || facts.isUnknown([rate]) {
          line = line.with(Line(", ")).with(
            facts.show(device.portBitsPerSecond[port], rate) { Units.bitRate($0) })
        }
      }
      page.row("RDMA", line)
    }
    for (name, count) in nic.errors.sorted(by: { $0.key < $1.key }) where count > 0 {
      page.row(name, Line(Units.count(count), .warning))
    }
  }

  private static func queues(_ nic: NIC, _ facts: FactText, _ page: inout Page) {
    let queues = nic.queues
    if queues.receiveAllocated != nil || queues.transmitAllocated != nil {
      let receive = queues.receiveAllocated.map { "\($0)" } ?? "unknown"
      let transmit = queues.transmitAllocated.map { "\($0)" } ?? "unknown"
      page.row("queues allocated", "\(receive) receive, \(transmit) transmit")
    }
    page.row(
      "channels",
      queues.channels.map { Line(channels($0)) } ?? facts.missing(["channels", "queues"]))
    page.row("channels at most", queues.channelsMaximum.map(channels))
    if !queues.rps.isEmpty { page.row("RPS", Line(sets(queues.rps))) }
    if !queues.xps.isEmpty { page.row("XPS", Line(sets(queues.xps))) }
    page.row("RFS flows", queues.rfsFlows.map { Units.count($0) })
  }

  private static func channels(_ channels: NIC.Channels) -> String {
    let parts = [
      (channels.combined, "combined"), (channels.receive, "receive"),
      (channels.transmit, "transmit"), (channels.other, "other"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  private static func sets(_ sets: [Int: NumberSet]) -> String {
    sets.sorted { $0.key < $1.key }.map { "queue \($0.key) CPUs \(InterruptTable.cpus($0.value))" }
      .joined(separator: "; ")
  }
}
