internal import Base
package import Inventory

extension Profile {
  /// A profile of what a box has now. What is not known stays out of it. Whether it should be
  /// expected is another question: see `objections`.
  /// - Parameters:
  ///   - inventory: the box.
  ///   - name: name of the profile.
  ///   - time: now, UTC, ISO 8601.
  package static func learned(from inventory: Inventory, name: String, at time: String) -> Profile {
    let box = Box(inventory)
    var profile = Profile(name: name, origin: .learned)
    profile.title = inventory.machine.systemProduct ?? inventory.machine.boardName
    profile.learnedAt = time
    let learned = places(box)
    profile.places = learned.isEmpty ? nil : learned
    if isLooked(inventory, "GPU") { profile.gpus = gpus(box, learned) }
    if isLooked(inventory, "PCI") {
      if isLooked(inventory, "NVMe") { profile.nvme = count(.nvme, learned) }
      if isLooked(inventory, "NIC") { profile.nics = count(.nic, learned) }
    }
    learnProcessors(&profile, inventory)
    learnMemory(&profile, inventory)
    return profile
  }

  /// Whether a collector could look; only then did it find all there is.
  private static func isLooked(_ inventory: Inventory, _ collector: String) -> Bool {
    let outcome = inventory.collectors.first { $0.name == collector }?.outcome
    return outcome == .found || outcome == .nothing
  }

  /// Every device of data but those that fell off the bus: drives and interfaces are counted here.
  private static func places(_ box: Box) -> [Place] {
    box.dataDevices.filter { !$0.isLost }.map { function in
      let kind: Place.Kind =
        switch box.kind(of: function.address) {
        case .gpu: .gpu
        case .drive: .nvme
        case .accelerator: .accelerator
        default: .nic
        }
      return Place(
        address: function.address, kind: kind, pciID: function.identity.pciID,
        slot: function.slot, numaNode: function.locality.numaNode, link: slotLink(function),
        name: box.inventory.gpus.first { $0.address == function.address }?.name
          ?? function.identity.deviceName)
    }
  }

  /// The most the link at the slot could do, both ends taken together. What it runs at now may be
  /// an idle GPU's rate, and the GPU's own end may lie behind a switch on its card.
  private static func slotLink(_ function: PCIFunction) -> PCIeRate? {
    guard let path = function.path, let index = path.slotLink, path.hops.indices.contains(index)
    else { return nil }
    return path.hops[index].possible
  }

  private static func gpus(_ box: Box, _ places: [Place]) -> [ExpectedGPU]? {
    let living = box.inventory.gpus.filter { box.function($0.address)?.isLost != true }
    let ids = living.map { box.function($0.address)?.identity.pciID }
    // A kind without an id would be counted as something else.
    if ids.contains(nil) { return nil }
    let kinds = Dictionary(grouping: zip(ids, living), by: { $0.0 ?? "" })
    return kinds.sorted { $0.key < $1.key }.map { id, members in
      let cards = members.map(\.1)
      return ExpectedGPU(
        count: cards.count, pciID: id, name: same(cards.map(\.name)),
        link: same(cards.map { card in places.first { $0.address == card.address }?.link }),
        memoryBytes: least(cards.map(\.memoryTotalBytes)), powerCapWatts: cap(cards))
    }
  }

  /// A cap that all cards of a kind have and that is not their own default.
  private static func cap(_ cards: [GPU]) -> Double? {
    guard let watts = same(cards.map { $0.powerCap?.watts }),
      let normal = same(cards.map { $0.powerCap?.defaultWatts }), abs(watts - normal) > 1
    else { return nil }
    return watts
  }

  private static func count(_ kind: Place.Kind, _ places: [Place]) -> ExpectedCount {
    let own = places.filter { $0.kind == kind }
    return ExpectedCount(count: own.count, link: same(own.map(\.link)))
  }

  private static func learnProcessors(_ profile: inout Profile, _ inventory: Inventory) {
    let processors = inventory.processors
    if let nodes = processors.nodesPerSocket, nodes.confidence != .unknown {
      profile.nodesPerSocket = nodes.value
    }
    guard !processors.packages.isEmpty else { return }
    profile.packageCount = processors.packages.count
    // The cores of CPUs that do not run are not counted.
    if processors.offline?.isEmpty == true {
      profile.coreCount = CheckedNumbers.sum(processors.packages.map(\.coreCount))
    }
  }

  private static func learnMemory(_ profile: inout Profile, _ inventory: Inventory) {
    let modules = inventory.memory.mainModules
    guard !modules.isEmpty else { return }
    let sizes = modules.compactMap(\.sizeBytes)
    if sizes.count == modules.count { profile.memoryBytes = CheckedNumbers.sum(sizes) }
    profile.memoryChannels = MemoryChannels(inventory.memory.modules)?.populated.count
    profile.memoryMegatransfersPerSecond = same(modules.map(\.configuredMegatransfersPerSecond))
    if let channels = profile.memoryChannels, let speed = profile.memoryMegatransfersPerSecond {
      profile.memoryBytesPerSecond = memoryBytesPerSecond(
        channels: channels, megatransfers: speed)
    }
  }

  /// The value that all have; nil when they differ or one is not known.
  private static func same<Value: Hashable>(_ values: [Value?]) -> Value? {
    Set(values).count == 1 ? values.first ?? nil : nil
  }

  /// The least of values that are all known.
  private static func least(_ values: [Int?]) -> Int? {
    let known = values.compactMap { $0 }
    return known.count == values.count ? known.min() : nil
  }
}
