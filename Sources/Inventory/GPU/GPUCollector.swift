internal import Accelerators
internal import Base
internal import KernelTree

/// Finds the GPUs among the PCI functions and asks their driver, KFD, NVML and HSA about them.
enum GPUCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var sweep = GPUSweep(options: context.options)
    sweep.find(inventory.pci, context)
    if !sweep.cards.isEmpty {
      sweep.readDrivers(context.tree)
      sweep.readKFD(context.tree)
      // Before the libraries: they open device nodes and would list this process.
      sweep.readProcesses(&context)
      if context.options.useVendorLibraries {
        sweep.askNVML(context.tree)
        sweep.askHSA(context.tree)
      }
      sweep.finish(context.tree)
    }
    inventory.gpus = sweep.cards.map(\.gpu).sorted { $0.address < $1.address }
    // Without PCI functions, or with displays of unknown makers alone, "none" would be a guess.
    let pci = inventory.collectors.first { $0.name == "PCI" }
    if pci?.outcome == .failed { sweep.notes.append(pci?.note ?? "PCI functions unknown") }
    inventory.collectors.append(
      CollectorReport(
        name: "GPU",
        outcome: !sweep.cards.isEmpty ? .found : sweep.notes.isEmpty ? .nothing : .failed,
        note: sweep.notes.isEmpty ? nil : sweep.notes.joined(separator: "; ")))
  }
}

/// One pass over the GPUs of a machine.
struct GPUSweep {
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
    /// Why the links of those are not all known; nil when they are.
    var linkGap: String?
  }

  let options: CollectionOptions
  var cards: [Card] = []
  var notes: [String] = []
  /// Index in `cards` of each address.
  var indexes: [PCIAddress: Int] = [:]
  var processes = GPUProcesses(count: 0)

  init(options: CollectionOptions) { self.options = options }

  /// The GPUs among all functions, with their facts from PCI.
  mutating func find(_ functions: [PCIFunction], _ context: CollectionContext) {
    let kinds = FunctionKind.kinds(of: functions)
    for function in functions {
      switch kinds[function.address] ?? .other {
      case .gpu(let vendor):
        var gpu = GPU(address: function.address, vendor: vendor)
        gpu.driver = function.driver
        gpu.isBuiltIn = BuiltInGPU.verdict(vendor, function)
        indexes[function.address] = cards.count
        let base = "/sys/bus/pci/devices/\(function.address)"
        cards.append(Card(gpu: gpu, function: function, facts: context.reader(base)))
      case .unknownDisplay:
        notes.append("\(function.address) is a display of unknown vendor: GPU or BMC")
      case .display where function.driver == "dxgkrnl":
        // A share of a GPU of the Windows host, reached through /dev/dxg: neither its memory nor
        // its sensors are seen from here.
        notes.append(
          "\(function.address) is a paravirtual GPU of the Windows host, which cannot be read here")
      case .accelerator, .nic, .drive, .display, .other: break
      }
    }
  }

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
      card.gpu.peerAnswers.sort { ($0.peer, $0.source.rawValue) < ($1.peer, $1.source.rawValue) }
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

  /// Notes why the size of video memory is not there; every card but a processor's own has some.
  private func noteMemory(_ card: inout Card) {
    // amdgpu reports the memory that the firmware set aside for a built-in one; Intel's have none.
    let hasNone = card.gpu.vendor == .intel && card.gpu.isBuiltIn == true
    guard card.gpu.memoryTotalBytes == nil, card.gpu.vendor != .other, !hasNone,
      !(card.facts.unknown + card.gpu.unknown).contains(where: { $0.fact == "memoryTotalBytes" })
    else { return }
    let reason: String
    switch card.gpu.driver {
    case nil where card.function.unknown.contains { $0.fact == "driver" }:
      reason = "its driver is not known"
    case nil: reason = "no driver is bound"
    case "nvidia" where !options.useVendorLibraries: reason = "NVML was not asked"
    case let driver?: reason = "the driver \(driver) does not report it"
    }
    card.facts.note(
      "memoryTotalBytes", path: card.facts.path("driver"), unknown: reason)
  }
}
