internal import Base
internal import KernelTree

/// Collects the NVMe controllers and what lies on them.
enum NVMeCollector {
  private static let folder = "/sys/class/nvme"

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let names: [String]
    do throws(ReadFailure) {
      names = try context.tree.names(folder)
    } catch {
      inventory.collectors.append(report(error, inventory))
      return
    }
    // Tables are read for the first drive only.
    var blocks: BlockUses?
    var controllers: [NVMeController] = []
    for name in names where isController(name) {
      var uses = blocks ?? BlockUses(context.tree)
      controllers.append(read(name, &uses, inventory, context))
      blocks = uses
    }
    controllers.sort(by: precedes)
    NVMeSubsystems.assign(&controllers, context.tree)
    inventory.nvme = controllers
    inventory.collectors.append(
      CollectorReport(name: "NVMe", outcome: controllers.isEmpty ? .nothing : .found))
  }

  /// No class folder: the driver is not loaded. That is "nothing" only when no function waits.
  private static func report(_ failure: ReadFailure, _ inventory: Inventory) -> CollectorReport {
    guard failure.cause == .notFound else {
      return CollectorReport(name: "NVMe", outcome: .failed, note: failure.description)
    }
    if let pci = inventory.collectors.first(where: { $0.name == "PCI" }), pci.outcome == .failed {
      return CollectorReport(name: "NVMe", outcome: .failed, note: pci.note)
    }
    let drives = inventory.pci.filter { ($0.identity.classCode ?? 0) >> 8 == 0x0108 }
    if drives.isEmpty { return CollectorReport(name: "NVMe", outcome: .nothing) }
    return CollectorReport(
      name: "NVMe", outcome: .failed,
      note: "no \(folder), and NVMe functions: \(drives.count)")
  }

  private static func isController(_ name: String) -> Bool {
    name.hasPrefix("nvme") && Int(name.dropFirst(4)) != nil
  }

  /// Everything about one controller.
  private static func read(
    _ name: String, _ blocks: inout BlockUses, _ inventory: Inventory,
    _ context: CollectionContext
  ) -> NVMeController {
    var reader = context.reader("\(folder)/\(name)")
    let isFull = context.options.parts.contains(.pciDetail)
    var controller = NVMeController(name: name)
    let entries: [String]
    do throws(ReadFailure) {
      entries = try context.tree.names(reader.base)
    } catch {
      reader.note("namespaces", error, expected: true)
      entries = []
    }
    controller.transport = reader.text("transport", "transport")
    controller.model = reader.text("model", "model")
    controller.firmware = reader.text("firmware", "firmware_rev")
    controller.state = reader.text("state", "state")
    controller.queueCount = reader.decimal("queueCount", "queue_count")
    if context.options.includeSerials {
      controller.serial = reader.text("serial", "serial", sensitivity: .serial)
    }
    controller.address = address(controller.transport, &reader)
    place(&controller, inventory, context, &reader)
    controller.controllerMemoryBytes = memoryBuffer(entries, &reader)
    controller.temperatures = NVMeSensors.read(&reader, names: entries, all: isFull)
    controller.namespaces = namespaces(entries, &blocks, &controller, &reader)
    if isFull { health(&controller, &reader) }
    controller.unknown = reader.unknown
    controller.sources = reader.sources
    return controller
  }

  /// The PCI address; for a drive over a network `address` holds something else.
  private static func address(_ transport: String?, _ reader: inout FactReader) -> PCIAddress? {
    if let transport, transport != "pcie" { return nil }
    if let own = reader.text("address", "address", sensitivity: .freeText) {
      if let address = PCIAddress(own) { return address }
      if transport == "pcie" {
        reader.note("address", path: reader.path("address"), unknown: "'\(own)' is no PCI address")
      }
      return nil
    }
    // Old kernels have no such file.
    return (try? reader.tree.realPath(reader.path("device")))?.split(separator: "/").last
      .flatMap { PCIAddress($0) }
  }

  /// Fills in the facts of the PCI function.
  private static func place(
    _ controller: inout NVMeController, _ inventory: Inventory, _ context: CollectionContext,
    _ reader: inout FactReader
  ) {
    guard let address = controller.address else { return }
    if let index = context.functionIndex[address], inventory.pci.indices.contains(index) {
      let function = inventory.pci[index]
      controller.numaNode = function.locality.numaNode
      controller.interrupts = FunctionVectors.numbers(of: function, context.tree)
    } else {
      if let node = reader.decimal("numaNode", "numa_node"), node >= 0 {
        controller.numaNode = node
      }
      controller.interrupts = FunctionVectors.numbers(
        of: PCIFunction(address: address), context.tree)
    }
  }

  /// Size of the controller memory buffer. Its files are hidden when there is none.
  private static func memoryBuffer(_ entries: [String], _ reader: inout FactReader) -> Int? {
    if entries.contains("cmbsz") {
      return reader.parsed("controllerMemoryBytes", "cmbsz") { text in
        ASCII.decimal(text).flatMap { UInt64(exactly: $0) }
          .flatMap { NVMeNames.memoryBufferBytes(register: $0) }
      }
    }
    guard entries.contains("cmb") else { return nil }
    return reader.parsed("controllerMemoryBytes", "cmb") { text in
      // `cmbloc : x00000002` and `cmbsz  : x00040013`.
      for line in ASCII.lines(Array(text)) where line.starts(with: Array("cmbsz".utf8)) {
        let digits = ASCII.fields(line).last?.drop { $0 == 0x78 } ?? []
        return ASCII.hexadecimal(digits).flatMap { NVMeNames.memoryBufferBytes(register: $0) }
      }
      return nil
    }
  }

  /// Namespaces with what lies on them; also finds whether this is the boot disk.
  private static func namespaces(
    _ entries: [String], _ blocks: inout BlockUses, _ controller: inout NVMeController,
    _ reader: inout FactReader
  ) -> [NVMeController.Namespace] {
    var found: [NVMeController.Namespace] = []
    var all = BlockUses.Found()
    all.isComplete = !entries.isEmpty
    for name in Set(entries.compactMap(NVMeNames.blockDevice)).sorted(by: NaturalOrder.precedes) {
      var namespace = NVMeController.Namespace(name: name)
      var block = FactReader(reader.tree, base: "/sys/block/" + name)
      namespace.id = block.decimal("namespaceID", "nsid")
      namespace.sizeBytes = BlockUses.size(&block)
      namespace.blockBytes = block.decimal("blockBytes", "queue/logical_block_size")
      let content = blocks.on(name)
      namespace.uses = content.uses
      all.points.formUnion(content.points)
      all.isComplete = all.isComplete && content.isComplete
      var noted: Set<UnknownFact> = []
      for fact in block.unknown + content.unknown where noted.insert(fact).inserted {
        reader.note("\(name).\(fact.fact)", path: fact.path, unknown: fact.reason)
      }
      found.append(namespace)
    }
    if !found.isEmpty {
      for fact in blocks.unknown { reader.note(fact.fact, path: fact.path, unknown: fact.reason) }
    }
    controller.capacityBytes = sum(found.map(\.sizeBytes))
    controller.isBootDisk = blocks.holdsSystem(all)
    if controller.isBootDisk == nil {
      reader.note(
        "isBootDisk", path: "/proc/mounts",
        unknown: blocks.canPlaceRoot
          ? "not all that is on the drive could be seen"
          : "the root file system cannot be followed to a drive")
    }
    return found
  }

  /// The sum, or nil when there are no sizes or one is not known.
  private static func sum(_ sizes: [Int?]) -> Int? {
    var total = 0
    for size in sizes {
      guard let size else { return nil }
      let (next, overflow) = total.addingReportingOverflow(size)
      if overflow { return nil }
      total = next
    }
    return sizes.isEmpty ? nil : total
  }

  /// The SMART log: an admin command, answered by the drive's firmware.
  private static func health(_ controller: inout NVMeController, _ reader: inout FactReader) {
    let probe = "nvme-smart/" + controller.name
    if let state = controller.state, state != "live" {
      // A command to a controller in reset waits until the reset ends, if ever.
      reader.note("health", path: probe, unknown: "the controller is \(state)")
      return
    }
    let device = "/dev/" + controller.name
    do throws(ReadFailure) {
      let text = try reader.tree.probe(probe) { () throws(ReadFailure) in
        try SMARTLog.ask(device)
      }
      switch SMARTLog.decode(text) {
      case .none(let reason): reader.note("health", path: probe, unknown: reason)
      case .log(let log):
        controller.health = SMARTLog.health(log)
        if controller.health == nil {
          reader.note("health", path: probe, unknown: "the log is short or empty")
        } else {
          reader.note("health", source: probe)
          SMARTLog.noteRefusals(log, &reader, path: probe)
        }
      }
    } catch {
      // A drive without its device node lacks no fact: the fact could not be determined.
      reader.note("health", error, expected: true)
    }
  }

  /// By address, then name; drives without an address last.
  private static func precedes(_ a: NVMeController, _ b: NVMeController) -> Bool {
    switch (a.address, b.address) {
    case (let x?, let y?) where x != y: x < y
    case (.some, nil): true
    case (nil, .some): false
    default: NaturalOrder.precedes(a.name, b.name)
    }
  }
}
