internal import Base
internal import Inventory

/// Sections of a device's page that any PCI function may have.
enum PCISections {
  static func identity(_ function: PCIFunction, _ index: DeviceIndex, _ page: inout Page) {
    let identity = function.identity
    let facts = FactText(function.unknown)
    page.section("identity")
    page.row("kind", function.kindText)
    if let code = identity.classCode {
      page.row(
        "class", (identity.className.map { $0 + " " } ?? "") + "0x\(DeviceNames.hex(code, 6))")
    } else {
      page.row("class", facts.missing(["identity", "classCode"]))
    }
    page.row("vendor", named(identity.vendorName, identity.vendorID, facts, "vendorID"))
    page.row("device", named(identity.deviceName, identity.deviceID, facts, "deviceID"))
    if let vendor = identity.subsystemVendorID, let id = identity.subsystemID {
      let name = identity.subsystemName.map { $0 + " " } ?? ""
      page.row(
        "subsystem",
        "\(name)[\(DeviceNames.hex(UInt32(vendor), 4)):\(DeviceNames.hex(UInt32(id), 4))]")
    }
    page.row("revision", identity.revision.map { "0x" + DeviceNames.hex(UInt32($0), 2) })
    page.row("driver", driver(function, facts))
    if function.isDead == true {
      page.row("config space", Line("answers all ones", .bad))
    }
    page.row("power state", function.powerState)
    page.row("physical function", function.physicalFunction?.description)
    if let possible = function.virtualFunctionsPossible, possible > 0 {
      page.row("virtual functions", "\(function.virtualFunctionsEnabled ?? 0) of \(possible)")
    }

    page.section("location")
    page.row("slot", function.slot)
    page.row("parent", function.parent.map { index.label($0) } ?? "none: on a root bus")
    page.row("host bridge", facts.show(function.rootBus, "rootBus"))
    page.row("NUMA node", node(function, facts))
    page.row("local CPUs", function.locality.localCPUs.map { InterruptTable.cpus($0) })
    page.row("IOMMU group", facts.show(function.iommuGroup, "iommuGroup"))
  }

  private static func named(
    _ name: String?, _ id: UInt16?, _ facts: FactText, _ fact: String
  ) -> Line {
    guard let id else { return facts.missing(["identity", fact]) }
    return Line((name.map { $0 + " " } ?? "") + "[\(DeviceNames.hex(UInt32(id), 4))]")
  }

  private static func driver(_ function: PCIFunction, _ facts: FactText) -> Line {
    var line = function.driver.map { Line($0) } ?? facts.missing(["driver"])
    if let only = function.driverOverride { line.add(" (only \(only) may bind)") }
    return line
  }

  private static func node(_ function: PCIFunction, _ facts: FactText) -> Line {
    let locality = function.locality
    guard let node = locality.numaNode else { return Line("unknown", .warning) }
    let evidence =
      switch locality.evidence {
      case .own: ""
      case .parentBridge:
        ", from its bridge" + (locality.toldBy.map { " " + $0.short } ?? " above")
      case .localCPUs: ", from its local CPUs"
      case .singleNode: ", the only one"
      case .unknown: ", source unknown"
      }
    return Line("\(node)\(evidence)")
  }

  // MARK: Link

  static func link(_ function: PCIFunction, _ index: DeviceIndex, _ page: inout Page) {
    let facts = FactText(function.unknown)
    if let path = function.path, !path.hops.isEmpty {
      page.section("link, from the device up to its root port")
      page.table(hops(path, page.style))
      for (position, hop) in path.hops.enumerated() {
        if let note = hop.note { page.row("hop \(position + 1)", note) }
        if hop.verdict == .below {
          let idle = index.isGPU(function.address) ? " now (idle GPUs lower their link)" : ""
          page.row("hop \(position + 1)", Line("below capability\(idle)", .warning))
        }
      }
    } else if function.link != nil || function.express?.linkStatus != nil {
      page.section("link")
    } else {
      if facts.isUnknown(LinkText.keys) {
        page.section("link")
        page.row("now", facts.missing(LinkText.keys))
      }
      return
    }
    let current = function.link?.current ?? function.express?.linkStatus
    let maximum = function.link?.maximum ?? function.express?.linkCapability
    page.row("power saving (ASPM)", function.path?.wires.first?.aspm.map(LinkText.aspm))
    page.row("this end now", facts.show(current, "link", "current") { LinkText.full($0) })
    page.row("this end at most", facts.show(maximum, "link", "maximum") { LinkText.full($0) })
    guard let express = function.express else { return }
    page.row(
      "speed capped at", express.targetGigatransfersPerSecond.map { Units.gigatransfers($0) })
    page.row("autonomous speed", express.hardwareAutonomousSpeedDisabled.map { $0 ? "off" : "on" })
    let sticky = [
      express.bandwidthManagementStatus == true ? "LBMS" : nil,
      express.autonomousBandwidthStatus == true ? "LABS" : nil,
    ].compactMap { $0 }
    if !sticky.isEmpty {
      page.row("has changed (sticky)", sticky.joined(separator: " "))
    }
    if express.linkTraining == true { page.row("training", Line("now", .warning)) }
  }

  private static func hops(_ path: PCIePath, _ style: Style) -> Table {
    var table = Table([
      .init("hop", .right), .init("port"), .init("device"), .init("now"), .init("possible"),
      .init("", minimum: 16), .init("one way", .right, drop: 1), .init("limit", drop: 2),
    ])
    let unknown = Line("unknown", .warning)
    for (position, hop) in path.hops.enumerated() {
      var remarks: [String] = []
      if hop.isInsideChip == true { remarks.append("inside a chip") }
      if hop.isInsideCard { remarks.append("on the card") }
      if position == path.slotLink, path.hops.count > 1 { remarks.append("slot") }
      // Of a single link, or of links that are all alike, none is the narrow one.
      if position == path.bottleneck, Set(path.hops.map(\.current)).count > 1 {
        remarks.append("bottleneck")
      }
      let isBelow = hop.verdict == .below
      var now = hop.current.map { Line(LinkText.rate($0), isBelow ? .warning : .plain) } ?? unknown
      if isBelow { now.add(style.unicode ? " ↓" : " !", .warning) }
      table.add([
        Line("\(position + 1)"), Line(hop.port.short), Line(hop.device.short), now,
        hop.possible.map { Line(LinkText.rate($0)) } ?? unknown,
        Line(remarks.joined(separator: ", "), position == path.bottleneck ? .strong : .plain),
        hop.current.map { Line(Units.rate($0.bytesPerSecond)) } ?? unknown,
        Line(hop.limitedBy.map { $0.rawValue } ?? "-"),
      ])
    }
    return table
  }

  // MARK: Capabilities

  static func capabilities(_ function: PCIFunction, _ page: inout Page) {
    let facts = FactText(function.unknown)
    page.section("memory and capabilities")
    for bar in function.bars {
      page.row(bar.index == 6 ? "ROM" : "BAR \(bar.index)", self.bar(bar))
    }
    if function.bars.isEmpty { page.row("BARs", facts.missing(["bars"])) }
    if let vectors = function.vectors {
      let kind = vectors.kind == "msix" ? "MSI-X" : vectors.kind == "msi" ? "MSI" : "legacy pin"
      let of = vectors.possible.map { " of \($0)" } ?? ""
      page.row("vectors", "\(kind), \(vectors.allocated.count)\(of) allocated")
    } else {
      page.row("vectors", facts.missing(["vectors"]))
    }
    if let express = function.express {
      page.row(
        "payload (MPS)",
        "\(express.maxPayloadBytes) bytes, supports \(express.maxPayloadSupportedBytes)")
      page.row("read request (MRRS)", "\(express.maxReadRequestBytes) bytes")
      page.row("relaxed ordering", express.relaxedOrdering ? "on" : "off")
      page.row("extended tags", express.extendedTag ? "on" : "off")
      let atomics = [
        express.atomicRouting.map { $0 ? "routes" : "does not route" },
        express.atomicRequester.map { $0 ? "may request" : "may not request" },
        express.atomicEgressBlocked == true ? "blocks egress" : nil,
      ].compactMap { $0 }
      page.row("atomics", atomics.isEmpty ? nil : atomics.joined(separator: ", "))
    } else {
      page.row("PCI Express", facts.missing(["express"]))
    }
    if let acs = function.acs {
      page.row("ACS", DeviceTables.acs(acs))
    } else {
      page.row("ACS", facts.missing(["acs"]))
    }
    page.row("config space read", function.configBytes.map { "\($0) bytes" })
    page.row("memory for peers", function.peerMemoryBytes.map { Units.capacity($0) })
  }

  private static func bar(_ bar: PCIBar) -> Line {
    var parts = [Units.capacity(bar.sizeBytes)]
    if bar.kind == .io {
      parts.append("I/O")
    } else {
      parts.append(bar.is64Bit ? "64-bit" : "32-bit")
      if bar.isPrefetchable { parts.append("prefetchable") }
    }
    var line = Line(parts.joined(separator: ", "))
    if !bar.isAssigned { line.add(", no address", .warning) }
    if let set = bar.setSizeBytes, set != bar.sizeBytes {
      line.add(", set to \(Units.capacity(set))")
    }
    if let sizes = bar.possibleSizesBytes, let most = sizes.max(), sizes.count > 1 {
      line.add(
        ", resizable up to \(Units.capacity(most))", most > bar.sizeBytes ? .warning : .plain)
    }
    return line
  }

  // MARK: Errors

  static func errors(_ function: PCIFunction, _ index: DeviceIndex, _ page: inout Page) {
    let port = index.function(function.path?.hops.first?.port ?? function.parent)
    if function.aer == nil, port?.aer == nil, !FactText(function.unknown).isUnknown(["aer"]) {
      return
    }
    page.section("PCIe errors since boot (AER)")
    page.row("this end", errors(function))
    if let port { page.row("port \(port.address.short)", errors(port)) }
    if let total = function.aer?.rootPort ?? port?.aer?.rootPort {
      let parts = [
        ("corrected", total.correctable), ("non-fatal", total.nonFatal), ("fatal", total.fatal),
      ].map { "\($0.0) \($0.1.map { Units.count($0) } ?? "unknown")" }
      page.row("root port received", parts.joined(separator: ", "))
    }
  }

  private static func errors(_ function: PCIFunction) -> Line {
    guard let errors = function.aer else { return FactText(function.unknown).missing(["aer"]) }
    let groups: [(String, Int?, [String: Int])] = [
      ("corrected", errors.correctableTotal, errors.correctable),
      ("non-fatal", errors.nonFatalTotal, errors.nonFatal),
      ("fatal", errors.fatalTotal, errors.fatal),
    ]
    var line = Line()
    for (name, total, kinds) in groups {
      if !line.isEmpty { line.add(", ") }
      let known = total ?? (kinds.isEmpty ? nil : kinds.values.reduce(0, &+))
      guard let count = known else {
        line.add("\(name) unknown", .warning)
        continue
      }
      line.add("\(name) \(Units.count(count))", count > 0 ? .warning : .plain)
      if kinds.isEmpty { continue }
      let detail = kinds.sorted { $0.key < $1.key }.map { "\($0.key) \(Units.count($0.value))" }
      line.add(" (\(detail.joined(separator: ", ")))")
    }
    return line
  }
}
