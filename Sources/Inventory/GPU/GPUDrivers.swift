internal import KernelTree

/// What the kernel driver of each card reports.
extension GPUSweep {
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
        if let minor = facts.minor {
          card.gpu.mig = MIGCapabilities.read(minor: minor, card.facts.tree)
          if card.gpu.mig != nil {
            card.facts.note("mig", source: MIGCapabilities.folder(minor: minor))
          }
        }
        if options.includeSerials { card.gpu.uniqueID = facts.uuid }
      }
    }
    // A sleeping card would be woken by the question, a dead one would give a malformed answer.
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
      card.gpu.coreClockHertz = card.facts.reading(
        .clock, "coreClockHertz", "tile0/gt0/freq0/act_freq", per: 1e-6
      ).map { Int($0) }
    }
  }

  /// The BAR of video memory, of a card that is not built into Intel's processor.
  private func readMemoryBar(_ card: inout Card) {
    guard let index = GPU.memoryBar(of: card.gpu.vendor),
      card.gpu.vendor != .intel || card.gpu.isBuiltIn == false,
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
}
