internal import Inventory
internal import KernelTree

/// Something the inventory by itself proves to be wrong, or worth a look.
struct Finding: Hashable {
  enum Severity: Int, Comparable {
    case bad, warning
    static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
  }
  var severity: Severity
  var text: String

  /// All findings, the worst first; within a severity in the order of the inventory.
  static func all(_ index: InventoryIndex) -> [Finding] {
    let inventory = index.inventory
    var found: [Finding] = []
    functions(index, &found)
    gpus(index, &found)
    nvme(inventory, &found)
    memory(inventory, &found)
    heat(inventory.processors.temperatures, of: "CPU", &found)
    links(index, &found)
    return found.filter { $0.severity == .bad } + found.filter { $0.severity == .warning }
  }

  // MARK: PCI functions

  private static func functions(_ index: InventoryIndex, _ found: inout [Finding]) {
    var reported: Set<String> = []
    for function in index.inventory.pci {
      if function.isDead == true, function.powerState?.hasPrefix("D3") != true {
        found.append(
          Finding(
            severity: .bad,
            text: "\(index.name(function.address)) answers all ones: it fell off the bus"))
      }
      if let errors = function.aer,
        append(counts(errors), index.name(function.address), &found)
      {
        reported.insert(function.rootBus ?? "")
      }
      if function.isBridge || function.physicalFunction != nil { continue }
      guard
        index.isGPU(function.address) || index.isNIC(function.address)
          || index.isNVMe(function.address)
      else { continue }
      for bar in function.bars where !bar.isAssigned && bar.kind == .memory && bar.index < 6 {
        found.append(
          Finding(
            severity: .warning,
            text: "\(index.name(function.address)) BAR \(bar.index) "
              + "(\(Units.capacity(bar.sizeBytes))) has no address"))
      }
    }
    // What a root port received from below counts the same messages again; it is news only when
    // no function below it keeps counters of its own.
    for function in index.inventory.pci {
      guard let total = function.aer?.rootPort, !reported.contains(function.rootBus ?? "")
      else { continue }
      let counts = Counts(
        fatal: total.fatal ?? 0, nonFatal: total.nonFatal ?? 0, corrected: total.correctable ?? 0)
      append(counts, "below \(index.name(function.address))", &found)
    }
  }

  private struct Counts {
    var fatal = 0
    var nonFatal = 0
    var corrected = 0
    var detail = ""
  }

  private static func counts(_ errors: PCIeErrors) -> Counts {
    func sum(_ total: Int?, _ kinds: [String: Int]) -> Int {
      max(total ?? 0, kinds.values.reduce(0, &+))
    }
    let kinds = [errors.fatal, errors.nonFatal, errors.correctable].flatMap { group in
      group.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    }
    return Counts(
      fatal: sum(errors.fatalTotal, errors.fatal),
      nonFatal: sum(errors.nonFatalTotal, errors.nonFatal),
      corrected: sum(errors.correctableTotal, errors.correctable),
      detail: kinds.prefix(3).map { "\($0.key) \(Units.count($0.value))" }.joined(separator: ", "))
  }

  @discardableResult
  private static func append(
    _ counts: Counts, _ label: String, _ found: inout [Finding]
  ) -> Bool {
    let parts = [
      (counts.fatal, "fatal"), (counts.nonFatal, "non-fatal"), (counts.corrected, "corrected"),
    ].filter { $0.0 > 0 }.map { "\(Units.count($0.0)) \($0.1)" }
    if parts.isEmpty { return false }
    let detail = counts.detail.isEmpty ? "" : " (\(counts.detail))"
    found.append(
      Finding(
        severity: counts.fatal > 0 ? .bad : .warning,
        text: "\(label) PCIe errors: \(parts.joined(separator: ", "))\(detail)"))
    return true
  }

  // MARK: GPUs, drives, memory

  /// Whether a GPU is known to have no driver; not that its driver is not known.
  private static func hasNoDriver(_ gpu: GPU, _ index: InventoryIndex) -> Bool {
    let function = index.function(gpu.address)
    return gpu.driver == nil && function?.driver == nil
      && !FactText(gpu.unknown + (function?.unknown ?? [])).isUnknown(["driver"])
  }

  private static func gpus(_ index: InventoryIndex, _ found: inout [Finding]) {
    let idle = index.inventory.gpus.filter { hasNoDriver($0, index) }.map(\.address.short)
    if idle.count == 1 {
      found.append(Finding(severity: .warning, text: "GPU \(idle[0]) has no kernel driver"))
    } else if !idle.isEmpty {
      let names = idle.joined(separator: " ")
      found.append(Finding(severity: .warning, text: "GPUs \(names) have no kernel driver"))
    }
    for gpu in index.inventory.gpus {
      let label = "GPU \(gpu.address.short)"
      for (block, count) in (gpu.ecc ?? [:]).sorted(by: { $0.key < $1.key }) {
        if let errors = count.uncorrected, errors > 0 {
          found.append(
            Finding(
              severity: .bad,
              text: "\(label) memory errors not corrected in \(block): \(Units.count(errors))"))
        }
        if let errors = count.corrected, errors > 0 {
          found.append(
            Finding(
              severity: .warning,
              text: "\(label) memory errors corrected in \(block): \(Units.count(errors))"))
        }
      }
      heat(gpu.temperatures, of: label, &found)
    }
  }

  private static func nvme(_ inventory: Inventory, _ found: inout [Finding]) {
    for drive in inventory.nvme {
      if let state = drive.state, state != "live" {
        found.append(
          Finding(
            severity: state == "dead" ? .bad : .warning,
            text: "\(drive.name) controller is \(state)"))
      }
      if let health = drive.health {
        if health.criticalWarning != 0 {
          let names = warnings(health.criticalWarning).joined(separator: ", ")
          found.append(Finding(severity: .bad, text: "\(drive.name) warns: \(names)"))
        }
        if health.mediaErrors > 0 {
          let count = Units.decimal(health.mediaErrors, places: 0)
          found.append(
            Finding(
              severity: .warning, text: "\(drive.name) unrecovered data errors: \(count)"))
        }
        if health.lifeUsed >= 1 {
          found.append(
            Finding(
              severity: .warning,
              text: "\(drive.name) has used \(Units.percent(health.lifeUsed)) of its rated life"))
        }
      }
      heat(drive.temperatures, of: drive.name, &found)
    }
  }

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

  private static func memory(_ inventory: Inventory, _ found: inout [Finding]) {
    for controller in inventory.memory.controllers {
      let modules = controller.modules.filter {
        ($0.correctedErrors ?? 0) > 0 || ($0.uncorrectedErrors ?? 0) > 0
      }.map { $0.label ?? $0.name }
      let place = modules.isEmpty ? "" : " (\(modules.prefix(3).joined(separator: ", ")))"
      if let errors = controller.uncorrectedErrors, errors > 0 {
        found.append(
          Finding(
            severity: .bad,
            text: "memory errors not corrected, \(controller.name): \(Units.count(errors))\(place)")
        )
      }
      if let errors = controller.correctedErrors, errors > 0 {
        found.append(
          Finding(
            severity: .warning,
            text: "memory errors corrected, \(controller.name): \(Units.count(errors))\(place)"))
      }
    }
  }

  private static func heat(
    _ temperatures: [Temperature], of label: String, _ found: inout [Finding]
  ) {
    for reading in temperatures {
      guard let limit = reading.criticalCelsius, limit > 0, reading.celsius >= limit
      else { continue }
      found.append(
        Finding(
          severity: .bad,
          text: "\(label) \(reading.label) at \(Units.decimal(reading.celsius, places: 0)) °C, "
            + "critical from \(Units.decimal(limit, places: 0)) °C"))
    }
  }

  // MARK: Links

  private struct Hop: Hashable {
    var port: PCIAddress
    var device: PCIAddress
  }

  /// Links below what both ends can do. GPUs that stand alike share a line, as idle ones do.
  private static func links(_ index: InventoryIndex, _ found: inout [Finding]) {
    var seen: Set<Hop> = []
    var order: [String] = []
    var alike: [String: [(gpu: PCIAddress, hop: PCIeHop)]] = [:]
    for function in index.inventory.pci {
      guard let path = function.path, function.physicalFunction == nil else { continue }
      for hop in path.hops where hop.verdict == .below {
        if !seen.insert(Hop(port: hop.port, device: hop.device)).inserted { continue }
        let isOwn = hop.device == function.address
        let place = "port \(hop.port.short)" + (isOwn ? "" : " to \(hop.device.short)")
        if index.isGPU(function.address) {
          let key = LinkText.rates(hop) + (hop.isInsideCard ? " inside the card" : "")
          if alike[key] == nil { order.append(key) }
          alike[key, default: []].append((function.address, hop))
        } else {
          found.append(
            Finding(
              severity: .warning,
              text: "\(index.name(function.address)) link below capability: "
                + "\(LinkText.rates(hop)) at \(place)\(note(hop))"))
        }
      }
    }
    let idle = "below capability now (idle GPUs lower their link)"
    for key in order {
      guard let members = alike[key], let first = members.first else { continue }
      let text: String
      if members.count == 1 {
        text =
          "GPU \(first.gpu.short) link \(idle): \(key) at port \(first.hop.port.short)"
          + note(first.hop)
      } else {
        let hops = members.prefix(4).map { $0.hop.port.short }.joined(separator: ", ")
        let more = members.count > 4 ? ", ..." : ""
        text = "\(members.count) GPU links \(idle): \(key) at ports \(hops)\(more)"
      }
      found.append(Finding(severity: .warning, text: text))
    }
  }

  private static func note(_ hop: PCIeHop) -> String { hop.note.map { "; \($0)" } ?? "" }
}

/// How many facts of an inventory could not be told.
struct UnknownCount {
  var facts = 0
  var denied = 0
  /// Parts of the machine that could not be looked at, such as a recording without interrupts:
  /// no fault of the machine, and never to be read as fine.
  var unseen: [String] = []

  init(_ inventory: Inventory) {
    unseen = inventory.collectors.filter { $0.outcome == .failed }.map { $0.name.lowercased() }
    add(inventory.machine.unknown)
    add(inventory.processors.unknown)
    add(inventory.memory.unknown)
    for node in inventory.memory.nodes { add(node.unknown) }
    for controller in inventory.memory.controllers { add(controller.unknown) }
    for function in inventory.pci { add(function.unknown) }
    for gpu in inventory.gpus { add(gpu.unknown) }
    for nic in inventory.nics { add(nic.unknown) }
    for drive in inventory.nvme { add(drive.unknown) }
    for interrupt in inventory.interrupts { add(interrupt.unknown) }
    add(inventory.workloads.unknown)
    for slice in inventory.workloads.slices { add(slice.unknown) }
    for container in inventory.workloads.containers { add(container.group.unknown) }
  }

  private mutating func add(_ unknown: [UnknownFact]) {
    facts += unknown.count
    for fact in unknown where fact.reason.hasPrefix("permission denied") { denied += 1 }
  }

  /// Both in words; nil without any.
  var text: String? {
    var parts: [String] = []
    if !unseen.isEmpty { parts.append("could not look at: \(unseen.joined(separator: ", "))") }
    if facts > 0 {
      let count = Units.count(facts, "fact") + " unknown"
      parts.append(denied > 0 ? "\(count) (run as root)" : count)
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
