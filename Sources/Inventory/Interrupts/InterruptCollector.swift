internal import Base
internal import KernelTree

/// Collects the numbered interrupts.
///
/// Per interrupt: its affinity, its effective affinity, and one `stat` for the mode. Its handlers
/// come from `/proc/interrupts` already; the folder is listed only when that text is not clear.
enum InterruptCollector {
  /// The largest `/proc/interrupts` that is read, bytes: 10,000 rows of 8,192 CPUs are 900 MB of
  /// blanks, and no machine is near that.
  static let limit = 512 << 20

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let tree = context.tree
    var failures: [String] = []
    var table: InterruptTable?
    do throws(ReadFailure) {
      table = InterruptTable(try tree.bytes("/proc/interrupts", limit: limit))
    } catch {
      failures.append(error.description)
    }
    var rows: [Int: InterruptTable.Row] = [:]
    for row in table?.rows ?? [] { rows[row.number] = row }
    if let table, table.cpus == nil { failures.append("/proc/interrupts: no header") }
    var numbers = Set(rows.keys)
    var hasFolders = false
    // Three files an interrupt: most of the cost of a box with thousands of them.
    let wantsFolders = context.options.parts.contains(.interruptDetail) || table == nil
    do throws(ReadFailure) {
      for name in wantsFolders ? try tree.source.entries("/proc/irq") : [] {
        if let number = Int(name), number >= 0, number <= NumberSet.highest {
          numbers.insert(number)
          hasFolders = true
        }
      }
    } catch {
      failures.append(error.description)
    }
    let sorted = numbers.sorted()
    var owners = InterruptOwners(inventory, context, rows: rows, numbers: sorted)
    var interrupts: [Interrupt] = []
    interrupts.reserveCapacity(sorted.count)
    var modes: [UInt16?] = []
    var interfaces: [PCIAddress: [String]] = [:]
    for number in sorted {
      var interrupt = read(number, rows[number], hasTable: table != nil, hasFolders, context)
      own(&interrupt, &owners, inventory, &interfaces)
      interrupts.append(interrupt)
      modes.append(hasFolders ? mode(number, tree) : nil)
    }
    judge(&interrupts, modes, &owners, inventory, context)
    PlainVectors.assign(&interrupts, interfaces, inventory.nics)
    inventory.interrupts = interrupts
    inventory.collectors.append(
      CollectorReport(
        name: "Interrupts",
        outcome: !interrupts.isEmpty ? .found : failures.isEmpty ? .nothing : .failed,
        note: failures.isEmpty ? nil : failures.joined(separator: "; ")))
  }

  /// Facts of one interrupt that come from its row and its folder.
  private static func read(
    _ number: Int, _ row: InterruptTable.Row?, hasTable: Bool, _ hasFolders: Bool,
    _ context: CollectionContext
  ) -> Interrupt {
    var interrupt = Interrupt(number: number)
    var reader = FactReader(context.tree, base: "/proc/irq/\(number)")
    if let row {
      interrupt.counts = row.counts
      interrupt.chip = row.chip
      interrupt.actions = row.actions
      if let failure = row.countFailure {
        reader.note("counts", path: "/proc/interrupts", unknown: failure)
      }
    } else if !hasTable {
      reader.note("counts", path: "/proc/interrupts", unknown: "the table could not be read")
    }
    if hasFolders {
      if row?.isAmbiguous ?? true, let handlers = handlers(&reader) {
        // The text keeps the order of registration, the folders show where a name ends.
        if Set(handlers) != Set(interrupt.actions) { interrupt.actions = handlers }
      }
      interrupt.affinity = reader.list("affinity", "smp_affinity_list")
      interrupt.effectiveAffinity = reader.list("effectiveAffinity", "effective_affinity_list")
    }
    interrupt.unknown = reader.unknown
    return interrupt
  }

  /// Files of `/proc/irq/N` that are no handlers.
  private static let attributes: Set<String> = [
    "affinity_hint", "effective_affinity", "effective_affinity_list", "node", "smp_affinity",
    "smp_affinity_list", "spurious",
  ]

  /// The sub-folders of `/proc/irq/N`; nil when it could not be listed.
  private static func handlers(_ reader: inout FactReader) -> [String]? {
    do throws(ReadFailure) {
      var found: [String] = []
      for name in try reader.tree.names(reader.base) where !attributes.contains(name) {
        // A later kernel may have other files.
        if (try? reader.tree.status(reader.base + "/" + name))?.kind == .directory {
          found.append(name)
        }
      }
      return found
    } catch {
      reader.note("actions", error)
      return nil
    }
  }

  /// Permission bits of the affinity file.
  private static func mode(_ number: Int, _ tree: KernelTree) -> UInt16? {
    let base = "/proc/irq/\(number)/smp_affinity"
    let status = (try? tree.status(base + "_list")) ?? (try? tree.status(base))
    // A file that could not be read when it was recorded has no bits at all.
    return status.flatMap { $0.kind == .file && $0.permissions != 0 ? $0.permissions : nil }
  }

  /// Fills in the device an interrupt belongs to, and what its handler's name shows.
  private static func own(
    _ interrupt: inout Interrupt, _ owners: inout InterruptOwners, _ inventory: Inventory,
    _ interfaces: inout [PCIAddress: [String]]
  ) {
    var names = InterruptOwners.Names()
    var driver: String?
    if let index = owners.function(
      of: interrupt.number, actions: interrupt.actions, in: inventory.pci)
    {
      let function = inventory.pci[index]
      names = owners.names(of: index, in: inventory.pci)
      driver = function.driver
      interrupt.device = function.address
      interrupt.numaNode = function.locality.numaNode
      interrupt.deviceName = names.device
      if !names.interfaces.isEmpty { interfaces[function.address] = names.interfaces }
      // One port of several, when the handler's name shows which.
      if names.interfaces.count > 1 {
        interrupt.deviceName =
          names.interfaces.first { NICVectors.serves($0, interrupt.actions) } ?? names.device
      }
    }
    guard let action = interrupt.actions.first else { return }
    let name = VectorName(action, interfaces: names.interfaces, driver: driver)
    interrupt.role = name.role
    interrupt.queue = name.queue
  }

  /// Fills in which may be moved.
  private static func judge(
    _ interrupts: inout [Interrupt], _ modes: [UInt16?], _ owners: inout InterruptOwners,
    _ inventory: Inventory, _ context: CollectionContext
  ) {
    let tree = context.tree
    let hasModes = FunctionVectors.isComplete(tree)
    let modesTell =
      modes.contains { $0.map { $0 & 0o222 == 0 } ?? false }
      || KernelRelease.is(
        inventory.machine.kernel.release ?? tree.textIfPresent("/proc/sys/kernel/osrelease"),
        atLeast: 6, 12)
    let hasDebug = tree.exists("/sys/kernel/debug/irq/irqs")
    for index in interrupts.indices {
      let interrupt = interrupts[index]
      var evidence = InterruptMobility.Evidence(
        permissions: modes[index], hasModes: hasModes, modesTell: modesTell,
        number: interrupt.number, chip: interrupt.chip, actions: interrupt.actions)
      evidence.isManagedByName = interrupt.actions.contains { VectorName($0).isManaged }
      if let device = interrupt.device, let function = context.functionIndex[device],
        inventory.pci.indices.contains(function)
      {
        evidence.isStorage = owners.names(of: function, in: inventory.pci).isStorage
      }
      // Ten thousand of these files cost more than all the rest: only where they decide.
      let verdict = InterruptMobility.decide(evidence)
      if hasDebug, verdict.mobility != .movable {
        evidence.isProvenManaged = isManaged(interrupt.number, tree)
      }
      let final = evidence.isProvenManaged == nil ? verdict : InterruptMobility.decide(evidence)
      interrupts[index].mobility = final.mobility
      interrupts[index].mobilityReason = final.reason
    }
  }

  /// The flag in debugfs; nil when the file cannot be read or lists no state.
  private static func isManaged(_ number: Int, _ tree: KernelTree) -> Bool? {
    guard let text = try? tree.text("/sys/kernel/debug/irq/irqs/\(number)"),
      text.contains("dstate:")
    else { return nil }
    return text.contains("IRQD_AFFINITY_MANAGED")
  }
}
