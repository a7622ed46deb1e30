internal import Base
internal import Inventory

/// Which machine this is.
enum StatusHeader {
  static func lines(_ inventory: Inventory, _ style: Style) -> [Line] {
    let title = title(inventory, style)
    let isBIOSInTitle = bios(inventory.machine).map { title.plain.contains($0) } ?? false
    return [title] + system(inventory, style, isBIOSInTitle: isBIOSInTitle)
      + Labelled.lines("CPU", processors(inventory), style, limit: 2)
      + Labelled.lines("memory", memory(inventory), style, limit: 2)
  }

  private static func title(_ inventory: Inventory, _ style: Style) -> Line {
    let machine = inventory.machine
    var line = Line(machine.hostName ?? "unknown host", .strong)
    var right = Line()
    if inventory.origin != "live" { right.add("recording \(inventory.origin)", .dim) }
    if let uptime = machine.uptimeSeconds {
      if !right.isEmpty { right.add("  ") }
      right.add("up \(Units.duration(uptime))")
    }
    right = right.cut(to: style.columns / 2)
    if line.width < Labelled.column - 1 { line.pad(to: Labelled.column) } else { line.add("  ") }
    if let product = product(machine) { line.add(product) }
    if let bios = bios(machine), fits(bios, line, right, style) { line.add(", \(bios)") }
    if right.isEmpty { return line }
    line = line.cut(to: max(8, style.columns - right.width - 2))
    line.add("  ")
    line.pad(to: style.columns - right.width)
    line.add(right)
    return line
  }

  private static func bios(_ machine: Machine) -> String? {
    DeviceNames.firmware(machine.biosVersion).map { version in
      "BIOS \(version)" + (DeviceNames.firmware(machine.biosDate).map { " (\($0))" } ?? "")
    }
  }

  /// Whether the firmware has room behind the product, where it belongs.
  private static func fits(_ bios: String, _ line: Line, _ right: Line, _ style: Style) -> Bool {
    line.width + 2 + Line(bios).width + 2 + right.width <= style.columns
  }

  /// `Supermicro AS-4124GS-TNR (board H12DSG-O-CPU)`.
  static func product(_ machine: Machine) -> String? {
    let system = join(
      DeviceNames.firmware(machine.systemVendor), DeviceNames.firmware(machine.systemProduct))
    let board = DeviceNames.firmware(machine.boardName)
    guard let system, DeviceNames.firmware(machine.systemProduct) != nil else {
      return join(DeviceNames.firmware(machine.boardVendor), board) ?? system
    }
    if let board, board != machine.systemProduct { return "\(system) (board \(board))" }
    return system
  }

  private static func join(_ vendor: String?, _ name: String?) -> String? {
    guard let vendor else { return name }
    guard let name else { return vendor }
    return name.hasPrefix(vendor) ? name : "\(vendor) \(name)"
  }

  private static func system(
    _ inventory: Inventory, _ style: Style, isBIOSInTitle: Bool
  ) -> [Line] {
    let machine = inventory.machine
    let boot: String? =
      switch machine.bootMode {
      case .uefi: "UEFI boot"
      case .bios: "legacy boot"
      case nil: nil
      }
    let around = machine.virtualization.flatMap(surroundings)
    return Labelled.lines(
      "system",
      [
        machine.operatingSystem, machine.kernel.release.map { "kernel \($0)" }, around, boot,
        isBIOSInTitle ? nil : bios(machine),
        DeviceNames.firmware(machine.bmcFirmwareVersion).map { "BMC \($0)" },
      ], style, limit: 2)
  }

  /// `in a kvm virtual machine`, `in an openstack virtual machine`, `Xen's dom0`.
  private static func surroundings(_ found: Virtualization) -> String? {
    let kind: String
    switch found.kind {
    case .none: return nil
    case .controlDomain: return "dom0" + (found.name.map { " of \($0)" } ?? "")
    case .vm: kind = "virtual machine"
    case .container: kind = "container"
    }
    let what = (found.name.map { "\($0) " } ?? "") + kind
    // The name of LXC is said letter by letter.
    let isVowel = what.hasPrefix("lxc") || what.first.map { "aeiou".contains($0) } ?? false
    return (isVowel ? "in an " : "in a ") + what
  }

  private static func processors(_ inventory: Inventory) -> [String?] {
    let processors = inventory.processors
    let online = processors.online?.count
    var threads = online.map { Units.count($0, "thread") }
    if let offline = processors.offline, !offline.isEmpty {
      threads = (threads.map { $0 + ", " } ?? "") + "\(offline.count) offline"
    }
    var nps: String?
    // The first EPYC and Threadripper have another option, and no name for what it makes.
    if let inferred = processors.nodesPerSocket, let value = inferred.value,
      processors.nodeOption != .memoryInterleaving || inferred.likelyL3AsNUMA
    {
      let isSNC = processors.nodeOption == .subNUMAClustering
      let name = isSNC ? (value == 1 ? "SNC off" : "SNC \(value)") : "NPS \(value)"
      switch inferred.confidence {
      case .certain: nps = name
      case .likely: nps = name + " (likely)"
      case .unknown: nps = nil
      }
      if inferred.likelyL3AsNUMA { nps = "L3 as NUMA (likely)" }
    }
    return [
      processors.model.map(DeviceNames.processor),
      processors.packages.isEmpty ? nil : Units.count(processors.packages.count, "socket"),
      processors.cores.isEmpty ? nil : Units.count(processors.cores.count, "core"),
      threads, isSMTOff(processors) ? "SMT off" : nil, nps,
    ]
  }

  /// Whether SMT could be on and is not. `notsupported` is a processor without, `notimplemented` an
  /// architecture whose kernel has no switch (kernel: Documentation/ABI/testing/
  /// sysfs-devices-system-cpu).
  private static func isSMTOff(_ processors: Processors) -> Bool {
    guard processors.smtActive == false else { return false }
    return ["off", "forceoff", "on", "1"].contains(processors.smtControl ?? "off")
  }

  private static func memory(_ inventory: Inventory) -> [String?] {
    let memory = inventory.memory
    let nodes = memory.nodes.count
    let memoryless = memory.nodes.filter { $0.kind == .memoryless || $0.kind == .empty }.count
    let cpuless = memory.nodes.filter { $0.kind == .cpuless }.count
    let populated = memory.mainModules
    var modules: String?
    if let type = populated.first?.type, populated.allSatisfy({ $0.type == type }) {
      let speeds = Set(populated.map(\.configuredMegatransfersPerSecond))
      let speed = speeds.count == 1 ? speeds.first.flatMap { $0 } : nil
      modules = "\(populated.count) x \(type)" + (speed.map { "-\($0)" } ?? "")
    }
    let iommu: String? =
      switch inventory.machine.iommu.mode {
      case .off: "IOMMU off"
      case .passthrough: "IOMMU passthrough"
      case .translated: "IOMMU translated"
      case .mixed: "IOMMU mixed"
      case nil: nil
      }
    return [
      memory.totalBytes.map { Units.capacity($0) }, modules,
      nodes == 0 ? nil : Units.count(nodes, "NUMA node"),
      memoryless == 0 ? nil : "\(memoryless) without memory",
      cpuless == 0 ? nil : "\(cpuless) without CPUs", iommu,
    ]
  }
}
