internal import KernelTree
internal import Vendor

/// Finds the GPUs among the PCI functions and asks their driver, KFD, NVML and HSA about them.
enum GPUCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var sweep = GPUSweep(options: context.options)
    sweep.find(inventory.pci, context)
    if !sweep.cards.isEmpty {
      sweep.readDrivers(context.tree)
      sweep.readKFD(context.tree)
      // Before the libraries: they open device nodes and would list us.
      sweep.readProcesses(&context)
      if context.options.useVendorLibraries {
        sweep.askNVML(context.tree)
        sweep.askHSA(context.tree)
      }
      sweep.finish(context.tree)
    }
    inventory.gpus = sweep.cards.map(\.gpu).sorted { $0.address < $1.address }
    inventory.collectors.append(
      CollectorReport(
        name: "GPU", outcome: sweep.cards.isEmpty ? .nothing : .found,
        note: sweep.notes.isEmpty ? nil : sweep.notes.joined(separator: "; ")))
  }
}

/// One pass over the GPUs of a machine.
private struct GPUSweep {
  /// A GPU and what is needed while its facts come together.
  struct Card {
    var gpu: GPU
    var function: PCIFunction
    var facts: FactReader
    /// Names in the device's folder.
    var names: Set<String> = []
    /// Number of `/dev/nvidiaN`.
    var minor: Int?
    /// KFD nodes on this card, by number: several with partitions.
    var kfd: [KFDNode] = []
  }

  let options: CollectionOptions
  var cards: [Card] = []
  var notes: [String] = []
  /// Index in `cards` of each address.
  var indexes: [PCIAddress: Int] = [:]
  var processes = GPUProcesses(count: 0)

  init(options: CollectionOptions) { self.options = options }

  /// The GPUs among all functions, with what PCI tells of them.
  mutating func find(_ functions: [PCIFunction], _ context: CollectionContext) {
    for function in functions {
      switch GPUKind.verdict(function) {
      case .gpu(let vendor):
        var gpu = GPU(address: function.address, vendor: vendor)
        gpu.driver = function.driver
        indexes[function.address] = cards.count
        let base = "/sys/bus/pci/devices/\(function.address)"
        cards.append(Card(gpu: gpu, function: function, facts: context.reader(base)))
      case .unknownDisplay:
        notes.append("\(function.address) is a display of unknown vendor: GPU or BMC")
      case .display, .other: break
      }
    }
  }

  // MARK: Drivers

  mutating func readDrivers(_ tree: KernelTree) {
    let versions = driverVersions(tree)
    for index in cards.indices {
      cards[index].gpu.driverVersion = cards[index].gpu.driver.flatMap { versions[$0] }
      readMemoryBar(&cards[index])
      readDevice(&cards[index])
    }
  }

  /// Versions of the drivers that have one of their own; in-tree drivers have the kernel's.
  private func driverVersions(_ tree: KernelTree) -> [String: String] {
    let drivers = Set(cards.compactMap(\.gpu.driver))
    var versions: [String: String] = [:]
    for driver in ["amdgpu", "i915", "xe"] where drivers.contains(driver) {
      versions[driver] = tree.textIfPresent("/sys/module/\(driver)/version")
    }
    if drivers.contains("nvidia") {
      let text = try? tree.bytes("/proc/driver/nvidia/version")
      versions["nvidia"] =
        text.flatMap { NVIDIAFacts.driverVersion($0[...]) }
        ?? tree.textIfPresent("/sys/module/nvidia/version")
    }
    return versions
  }

  /// Everything below `/sys/bus/pci/devices/ADDRESS` that is not PCI's.
  private func readDevice(_ card: inout Card) {
    do throws(ReadFailure) {
      card.names = Set(try card.facts.tree.source.entries(card.facts.base))
    } catch {
      return card.facts.note("driverFacts", error)
    }
    if card.names.contains("drm") {
      let nodes = card.facts.tree.namesIfPresent(card.facts.path("drm"))
      card.gpu.drmCard = nodes.first { $0.hasPrefix("card") && Int($0.dropFirst(4)) != nil }
      card.gpu.renderNode = nodes.first { $0.hasPrefix("renderD") }
      card.facts.note("drmCard", source: card.facts.path("drm"))
    }
    AMDFacts.readIdentity(&card.gpu, &card.facts, card.names, serials: options.includeSerials)
    if card.gpu.driver == "nvidia" {
      if let facts = NVIDIAFacts.read(card.gpu.address, &card.facts) {
        card.gpu.name = facts.model
        card.gpu.vbios = facts.vbios
        card.minor = facts.minor
        if options.includeSerials { card.gpu.uniqueID = facts.uuid }
      }
    }
    // A sleeping card would be woken by the question, a dead one would answer with nonsense.
    if card.function.isDead == true {
      return card.facts.note(
        "powerWatts", path: card.facts.path("config"), unknown: "the card answers no longer")
    }
    if let state = card.function.powerState, state.hasPrefix("D3") {
      return card.facts.note(
        "powerWatts", path: card.facts.path("power_state"),
        unknown: "asleep (\(state)), and reading would wake it")
    }
    AMDFacts.readActivity(&card.gpu, &card.facts, card.names)
    if card.names.contains("hwmon") { HwmonFacts.read(&card.gpu, &card.facts) }
    if card.gpu.driver == "xe", card.names.contains("tile0") {
      // MHz, 0 while the GT sleeps.
      let megahertz = card.facts.decimal("coreClockHertz", "tile0/gt0/freq0/act_freq")
      card.gpu.coreClockHertz = megahertz.flatMap {
        let (hertz, overflow) = $0.multipliedReportingOverflow(by: 1_000_000)
        return overflow || hertz < 0 ? nil : hertz
      }
    }
  }

  /// The BAR of video memory: 0 of an AMD card, 1 of an NVIDIA card, 2 of an Intel card that is
  /// not built into the processor.
  private func readMemoryBar(_ card: inout Card) {
    let index: Int
    switch card.gpu.vendor {
    case .amd: index = 0
    case .nvidia: index = 1
    case .intel where card.function.parent != nil: index = 2
    case .intel, .other: return
    }
    guard
      let bar = card.function.bars.first(where: {
        $0.index == index && $0.kind == .memory && $0.isPrefetchable
      })
    else { return }
    if bar.isAssigned {
      card.gpu.memoryBarBytes = bar.sizeBytes
      card.facts.note("memoryBarBytes", source: card.facts.path("resource"))
    } else {
      card.facts.note(
        "memoryBarBytes", path: card.facts.path("resource"),
        unknown: "BAR \(index) has no address: the host sees no video memory")
    }
  }

  // MARK: KFD

  mutating func readKFD(_ tree: KernelTree) {
    guard cards.contains(where: { $0.gpu.vendor == .amd }),
      let topology = KFDTopology.read(tree)
    else { return }
    notes += topology.notes
    let renderNodes = Dictionary(
      cards.indices.compactMap { index in
        cards[index].gpu.renderNode.map { ($0, index) }
      }, uniquingKeysWith: { first, _ in first })
    let addresses = indexes.filter { cards[$0.value].gpu.vendor == .amd }
    for node in topology.gpus {
      guard
        let index = KFDTopology.match(node, addresses: addresses, renderNodes: renderNodes)
      else {
        notes.append("KFD node \(node.node.node) belongs to no PCI function that is a GPU")
        continue
      }
      cards[index].kfd.append(node.node)
    }
    for index in cards.indices {
      guard let first = cards[index].kfd.first else { continue }
      cards[index].gpu.kfd = first
      cards[index].gpu.target = first.target
      if cards[index].kfd.count > 1 { cards[index].gpu.partitions = cards[index].kfd.count }
      cards[index].facts.note("kfd", source: "\(KFDTopology.base)/nodes/\(first.node)")
    }
  }

  // MARK: Processes

  mutating func readProcesses(_ context: inout CollectionContext) {
    processes = GPUProcesses(count: cards.count)
    var gpuIDs: [Int: Int] = [:]
    var devices: [String: [Int]] = [:]
    var locks: [Int: String] = [:]
    for (index, card) in cards.enumerated() {
      for node in card.kfd { if let id = node.gpuID { gpuIDs[id] = index } }
      if let node = card.gpu.renderNode { devices["/dev/dri/\(node)", default: []].append(index) }
      if let node = card.gpu.drmCard { devices["/dev/dri/\(node)", default: []].append(index) }
      if let minor = card.minor { devices["/dev/nvidia\(minor)", default: []].append(index) }
      if card.gpu.driver == "vfio-pci" {
        if let group = card.function.iommuGroup {
          devices["/dev/vfio/\(group)", default: []].append(index)
        }
        for name in context.tree.namesIfPresent(card.facts.path("vfio-dev")) {
          devices["/dev/vfio/devices/\(name)", default: []].append(index)
        }
      }
      // A userspace driver takes the card from its kernel driver and leaves a lock file behind.
      if card.gpu.driver == nil || card.gpu.driver == "vfio-pci" {
        for prefix in ["am", "nv"] {
          let path = "/tmp/\(prefix)_\(card.gpu.address).lock"
          if context.tree.exists(path) { locks[index] = path }
        }
      }
    }
    processes.addKFD(context.tree, gpuIDs: gpuIDs)
    let isUserspace = cards.contains { $0.gpu.driver == "vfio-pci" } || !locks.isEmpty
    context.gpuDeviceNodes = devices.mapValues { $0.map { cards[$0].gpu.address } }
    if devices.isEmpty && locks.isEmpty { return }
    let holders = context.deviceHolders(force: isUserspace)
    processes.addHolders(holders, devices: devices, addresses: indexes)
    if !holders.denied { return }
    let watched = Set(devices.values.flatMap { $0 }).union(locks.keys)
    for index in watched.sorted() {
      cards[index].facts.note(
        "processes", path: locks[index] ?? "/proc/PID/fd",
        unknown: "open files of other users' processes: permission denied")
    }
  }

  // MARK: Vendor libraries

  mutating func askNVML(_ tree: KernelTree) {
    let driven = cards.indices.filter { cards[$0].gpu.driver == "nvidia" }
    if driven.isEmpty { return }
    let uuids = options.includeSerials
    var known: [String: String] = [:]
    let report: NVMLReport
    do throws(ReadFailure) {
      let text = try tree.probe(NVMLReport.probe) { () throws(ReadFailure) in
        let answer = NVMLReport.ask(uuids: uuids)
        known = answer.uuids
        return answer.text
      }
      report = NVMLReport(parsing: text)
    } catch {
      return noteNVML(driven, error.reason)
    }
    if let failure = report.failure { return noteNVML(driven, failure) }
    notes += report.notes
    var answered: Set<Int> = []
    for card in report.cards {
      guard let address = card.address else { continue }
      guard let index = indexes[address] else {
        notes.append("NVML lists \(address), which PCI does not show as a GPU")
        continue
      }
      answered.insert(index)
      card.apply(to: &cards[index].gpu)
      cards[index].gpu.driverVersion = cards[index].gpu.driverVersion ?? report.driverVersion
      for process in card.processes {
        processes.add(process.pid, gpu: index, evidence: "nvml", memoryBytes: process.bytes)
      }
      if uuids {
        // One answer for each card, so that a recording can hide each.
        let uuid = try? tree.probe("\(NVMLReport.probe)/uuid/\(address)", sensitivity: .serial) {
          () throws(ReadFailure) in
          guard let uuid = known.first(where: { PCIAddress($0.key) == address }) else {
            throw ReadFailure(path: NVML.library, cause: .notFound)
          }
          return Array(uuid.value.utf8)
        }
        if let uuid { cards[index].gpu.uniqueID = String(decoding: uuid, as: UTF8.self) }
      }
    }
    noteNVML(driven.filter { !answered.contains($0) }, "NVML does not list this GPU")
  }

  /// One note for all that NVML alone could have told.
  private mutating func noteNVML(_ indexes: [Int], _ reason: String) {
    for index in indexes {
      cards[index].facts.note("memoryTotalBytes", path: NVML.library, unknown: reason)
    }
  }

  mutating func askHSA(_ tree: KernelTree) {
    let driven = cards.indices.filter { !cards[$0].kfd.isEmpty }
    if driven.isEmpty { return }
    let report: HSAReport
    do throws(ReadFailure) {
      report = HSAReport(
        parsing: try tree.probe(HSAReport.probe) { () throws(ReadFailure) in
          HSAReport.askIfAllowed()
        })
    } catch {
      // Nothing else of a GPU depends on it, and most recordings have no answer.
      if error.cause != .notRecorded { notes.append("HSA: \(error.reason)") }
      return
    }
    if let failure = report.failure {
      notes.append("HSA: \(failure)")
      return
    }
    var byNode: [Int: Int] = [:]
    for index in driven { for node in cards[index].kfd { byNode[node.node] = index } }
    for found in report.gpus {
      let index =
        found.agent.kfdNode.flatMap { byNode[$0] }
        ?? found.location.flatMap {
          KFDTopology.address(domain: found.domain ?? 0, location: $0)
        }.flatMap { indexes[$0] }
      guard let index else {
        notes.append("HSA lists \(found.agent.name), which PCI does not show as a GPU")
        continue
      }
      // The first of a card's partitions stands for it.
      if cards[index].gpu.hsa == nil { cards[index].gpu.hsa = found.agent }
    }
    for index in driven where cards[index].gpu.hsa == nil {
      let target = cards[index].gpu.target ?? "this GPU"
      cards[index].facts.note(
        "hsa", path: HSA.library, unknown: "the runtime does not list it: too old for \(target)?")
    }
  }

  // MARK: Conclusions

  mutating func finish(_ tree: KernelTree) {
    let named = processes.named(tree)
    for index in cards.indices {
      var card = cards[index]
      if named.indices.contains(index) { card.gpu.processes = named[index] }
      card.gpu.name =
        card.gpu.name ?? card.gpu.hsa?.productName ?? card.function.identity.deviceName
      useBanks(&card)
      card.gpu.largeBar = largeBar(card)
      noteMemory(&card)
      card.gpu.unknown += card.facts.unknown
      card.gpu.sources = card.facts.sources
      cards[index] = card
    }
  }

  /// Memory banks of KFD, of all partitions, where the driver's own files say nothing.
  private func useBanks(_ card: inout Card) {
    let isUnread = card.facts.unknown.contains { $0.fact == "memoryTotalBytes" }
    guard card.gpu.memoryTotalBytes == nil, !isUnread, !card.kfd.isEmpty else { return }
    var total = 0
    for bytes in card.kfd.flatMap({ [$0.publicMemoryBytes, $0.privateMemoryBytes] }) {
      let (sum, overflow) = total.addingReportingOverflow(bytes ?? 0)
      if overflow { return }
      total = sum
    }
    // An APU has no banks of its own.
    if total == 0 { return }
    card.gpu.memoryTotalBytes = total
    card.facts.note("memoryTotalBytes", source: KFDTopology.base)
  }

  /// Whether the host sees all video memory. BARs are powers of two, so a BAR may be larger than
  /// the memory behind it.
  private func largeBar(_ card: Card) -> Bool? {
    guard let total = card.gpu.memoryTotalBytes, total > 0 else { return nil }
    if let visible = card.gpu.memoryVisibleBytes { return visible >= total }
    if let node = card.gpu.kfd {
      // KFD counts what the host cannot see in private banks.
      if (node.privateMemoryBytes ?? 0) > 0 { return false }
      if (node.publicMemoryBytes ?? 0) > 0 { return true }
    }
    guard let bar = card.gpu.memoryBarBytes else { return nil }
    return bar >= UInt64(total)
  }

  /// Says why the size of video memory is not there; every card but a processor's own has some.
  private func noteMemory(_ card: inout Card) {
    let isBuiltIn = card.gpu.vendor == .intel && card.function.parent == nil
    guard card.gpu.memoryTotalBytes == nil, card.gpu.vendor != .other, !isBuiltIn,
      !(card.facts.unknown + card.gpu.unknown).contains(where: { $0.fact == "memoryTotalBytes" })
    else { return }
    let reason: String
    switch card.gpu.driver {
    case nil: reason = "no driver is bound"
    case "nvidia" where !options.useVendorLibraries: reason = "NVML was not asked"
    case let driver?: reason = "the driver \(driver) does not tell"
    }
    card.facts.note(
      "memoryTotalBytes", path: card.facts.path("driver"), unknown: reason)
  }
}
