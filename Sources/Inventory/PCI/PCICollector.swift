internal import Base
internal import KernelTree

/// Fills `Inventory.pci` from `/sys/bus/pci`.
enum PCICollector {
  /// Parts that look at PCI functions.
  private static let users: CollectionOptions.Parts = [
    .pci, .pciDetail, .gpus, .nics, .nvme, .interrupts, .workloads,
  ]

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let parts = context.options.parts
    if parts.isDisjoint(with: users) { return }
    let listed: [(address: PCIAddress, name: String)]
    do throws(ReadFailure) {
      // Sorted by address later: the order of names does not matter.
      listed = try context.tree.source.entries(PCIFunctionReader.folder).compactMap { name in
        PCIAddress(name).map { ($0, name) }
      }
    } catch {
      // A machine may have no PCI; a recording by another tool may just lack it, and without sysfs
      // (every sysfs has /sys/bus) nothing can be seen.
      let isNone =
        error.cause == .notFound && context.tree.keepsModes && context.tree.exists("/sys/bus")
      inventory.collectors.append(
        CollectorReport(
          name: "PCI", outcome: isNone ? .nothing : .failed, note: error.description))
      return
    }
    let isDetailed = parts.contains(.pciDetail)
    var readers: [PCIFunctionReader] = []
    var index: [PCIAddress: Int] = [:]
    func add(_ address: PCIAddress, _ folder: String) {
      var reader = PCIFunctionReader(address, folder: folder, context)
      if isDetailed { reader.listAttributes() }
      reader.readBasics()
      index[address] = readers.count
      readers.append(reader)
    }
    for (address, name) in listed where index[address] == nil {
      add(address, "\(PCIFunctionReader.folder)/\(name)")
    }
    // A recording may hold a bridge's folder and not list it. The bridges found here are read in
    // turn.
    var next = 0
    while next < readers.count {
      for ancestor in readers[next].ancestors where index[ancestor] == nil {
        if let folder = readers[next].folder(of: ancestor) { add(ancestor, folder) }
      }
      next += 1
    }
    readers.sort { $0.function.address < $1.function.address }
    for (position, reader) in readers.enumerated() { index[reader.function.address] = position }
    readDetail(&readers, index, isDetailed: isDetailed, &context)
    if isDetailed || parts.contains(.slots) {
      let slots = PCISlots(context.tree)
      for position in readers.indices {
        readers[position].readSlot(slots)
        if !isDetailed { readers[position].readPortType() }
      }
    }
    locate(&readers, index, inventory)
    var functions = readers.map { $0.finished() }
    fillPaths(&functions, &readers, index)
    name(&functions, context)
    noteUnrecordedDrivers(&functions, context.tree)
    KernelMessages.read(&functions, context.tree)
    inventory.collectors.append(report(functions))
    inventory.pci = functions
    context.functionIndex = index
  }

  /// All facts of all functions, or the links of those that carry data.
  private static func readDetail(
    _ readers: inout [PCIFunctionReader], _ index: [PCIAddress: Int], isDetailed: Bool,
    _ context: inout CollectionContext
  ) {
    if isDetailed {
      for position in readers.indices {
        readers[position].readDetail()
        readers[position].readGroupType(&context.iommuGroupTypes)
      }
      return
    }
    var ends: Set<Int> = []
    for position in readers.indices where FunctionKind.isDataClass(readers[position].function) {
      readers[position].readPhysicalFunction()
      // A virtual function has no link of its own.
      if readers[position].function.physicalFunction != nil { continue }
      // A function without a driver gets a look at the reason, however short the list of what is
      // read.
      if readers[position].function.driver == nil { readers[position].readUnheld() }
      ends.insert(position)
      for ancestor in readers[position].ancestors {
        if let bridge = index[ancestor] { ends.insert(bridge) }
      }
    }
    for position in ends.sorted() {
      readers[position].readPowerState()
      readers[position].readLink()
    }
  }

  /// The NUMA node of each function, from its own facts or from those of others.
  private static func locate(
    _ readers: inout [PCIFunctionReader], _ index: [PCIAddress: Int], _ inventory: Inventory
  ) {
    let rules = PCILocalityRules(
      nodes: inventory.memory.nodes, online: inventory.processors.online)
    for position in readers.indices {
      var nearest: (node: Int, bridge: PCIAddress)?
      if readers[position].ownNode == nil {
        for ancestor in readers[position].ancestors {
          guard let node = index[ancestor].flatMap({ readers[$0].ownNode }) else { continue }
          nearest = (node, ancestor)
          break
        }
        if nearest == nil, rules.asksLocalCPUs,
          readers[position].function.locality.localCPUs == nil
        {
          readers[position].readLocalCPUs()
        }
      }
      readers[position].function.locality = rules.locality(
        own: readers[position].ownNode, nearest: nearest,
        localCPUs: readers[position].function.locality.localCPUs)
    }
  }

  private static func fillPaths(
    _ functions: inout [PCIFunction], _ readers: inout [PCIFunctionReader],
    _ index: [PCIAddress: Int]
  ) {
    let disagreeing = LinkPaths.fill(&functions, index: index)
    // The ends are read one after the other, and a link may change in between: look once more.
    if !disagreeing.isEmpty {
      for end in Set(disagreeing.flatMap { [$0.port, $0.device] })
      where functions[end].link != nil {
        functions[end].link?.current = readers[end].readCurrentRate()
      }
      LinkPaths.fill(&functions, index: index)
    }
    // Without any link file or capability the kernel is too old, or the recording too small, to
    // distinguish a link from a conventional bus.
    if functions.contains(where: { $0.link != nil || $0.express != nil }) { return }
    for position in functions.indices
    where functions[position].parent != nil && !functions[position].isBridge
      && functions[position].configBytes.map({ $0 < ConfigSpace.standardSize }) ?? true
      && functions[position].physicalFunction == nil
      && FunctionKind.isDataClass(functions[position])
    {
      functions[position].unknown.append(
        UnknownFact(
          fact: "path", path: readers[position].reader.path("current_link_speed"),
          reason: "no link registers could be read"))
    }
  }

  /// Names: those a recording carries, else those of this machine.
  private static func name(_ functions: inout [PCIFunction], _ context: CollectionContext) {
    guard let names = context.options.pciNames, !functions.isEmpty else { return }
    let recorded = context.tree.isLive ? nil : PCINames.read(context.tree).map(PCINames.init(text:))
    // On a screen only devices that carry data are shown; the chipset's vendors have the longest
    // lists of all.
    let isComplete = !context.options.parts.isDisjoint(with: [.pciDetail, .slots])
    let resolved = (recorded ?? names).resolve(
      PCINames.Wanted(functions.filter { isComplete || FunctionKind.isDataClass($0) }))
    for position in functions.indices { resolved.apply(to: &functions[position].identity) }
  }

  /// A recording without a single driver has none recorded: a device without a driver would be an
  /// invention. Noted for the devices that should have a driver.
  private static func noteUnrecordedDrivers(
    _ functions: inout [PCIFunction], _ tree: KernelTree
  ) {
    if tree.keepsModes || functions.contains(where: { $0.driver != nil }) { return }
    for position in functions.indices where FunctionKind.isDataClass(functions[position]) {
      functions[position].unknown.append(
        UnknownFact(
          fact: "driver", path: "\(PCIFunctionReader.folder)/\(functions[position].address)/driver",
          reason: "the recording contains no drivers"))
    }
  }

  private static func report(_ functions: [PCIFunction]) -> CollectorReport {
    let cut = functions.count { $0.configBytes.map { $0 < ConfigSpace.standardSize } ?? false }
    let note =
      cut == 0
      ? nil
      : "configuration space of \(cut) functions ends after 64 bytes: the rest needs root"
    return CollectorReport(
      name: "PCI", outcome: functions.isEmpty ? .nothing : .found, note: note)
  }
}
