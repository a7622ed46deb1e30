package import Base
internal import Inventory

/// The facts under which a figure was measured. Where one of them changes, the figure may change with it,
/// and that is no decline.
package enum BenchmarkContext {
  /// Facts of the machine as a whole. A fact that is not known is absent.
  package static func machine(_ box: BenchmarkBox) -> [String: String] {
    let inventory = box.inventory
    let frequency = inventory.processors.frequency
    var facts: [String: String] = [:]
    facts["board"] = inventory.machine.boardName
    facts["bios"] = inventory.machine.biosVersion
    facts["kernel"] = inventory.machine.kernel.release
    facts["kernel.commandLine"] = inventory.machine.kernel.commandLine
    facts["iommu"] = inventory.machine.iommu.mode?.rawValue
    facts["processor"] = inventory.processors.model
    facts["processor.microcode"] = inventory.processors.microcode
    facts["processor.smt"] = inventory.processors.smtActive.map { $0 ? "on" : "off" }
    facts["processor.governor"] = frequency.flatMap { text($0.governors) }
    facts["processor.energyPreference"] = frequency.flatMap { text($0.energyPreferences) }
    facts["processor.boost"] = frequency?.boost.map { $0 ? "on" : "off" }
    facts["processor.cpus"] = inventory.processors.online?.description
    facts["memory.bytes"] = inventory.memory.totalBytes.map { "\($0)" }
    facts["memory.modules"] = modules(inventory.memory)
    facts["memory.transparentHugePages"] = inventory.memory.transparentHugePages
    facts["memory.numaBalancing"] = inventory.memory.numaBalancing.map { "\($0)" }
    return facts
  }

  /// Facts of the devices of a measurement; each name begins with the device's address. Which devices they
  /// are is a fact too: a drive that was moved has another address, and with it other names.
  package static func devices(_ addresses: [PCIAddress], _ box: BenchmarkBox) -> [String: String] {
    if addresses.isEmpty { return [:] }
    var facts = ["devices": addresses.map(\.short).joined(separator: ", ")]
    for address in addresses {
      for (name, value) in device(address, box) { facts["\(address.short) \(name)"] = value }
    }
    return facts
  }

  private static func device(_ address: PCIAddress, _ box: BenchmarkBox) -> [String: String] {
    let index = box.index
    var facts: [String: String] = [:]
    if let function = index.function(address) {
      facts["driver"] = function.driver
      facts["slot"] = function.slot
      facts["numaNode"] = function.locality.numaNode.map { "\($0)" }
      facts["mps"] = function.express.map { "\($0.maxPayloadBytes)" }
      facts["aspm"] = function.aspm.map { $0.isEmpty ? "off" : $0.joined(separator: "+") }
      // What the slot and card could do, not what an idle card does at this moment.
      facts["link"] = index.link(address).flatMap { link in
        (link.isResting ? link.possible : link.shown)?.name
      }
    }
    if let gpu = index.gpu(address) {
      facts["driverVersion"] = gpu.driverVersion
      facts["powerCapWatts"] = gpu.powerCap.map { Units.decimal($0.watts, places: 1) }
      facts["vbios"] = gpu.vbios
    }
    if let drive = index.nvme(address) {
      facts["firmware"] = drive.firmware
      facts["model"] = drive.model
    }
    for nic in index.nics(address) {
      facts["firmware"] = nic.firmwareVersion
      facts["driverVersion"] = nic.driverVersion
      facts["\(nic.name) speedBitsPerSecond"] = nic.speedBitsPerSecond.map { "\($0)" }
      facts["\(nic.name) mtuBytes"] = nic.mtuBytes.map { "\($0)" }
    }
    return facts
  }

  /// Readings at the moment of a measurement. They explain a figure and change with every run, so they
  /// are no part of what is compared.
  package static func readings(_ addresses: [PCIAddress], _ box: BenchmarkBox) -> [String: String] {
    var facts: [String: String] = [:]
    if let hottest = box.inventory.processors.temperatures.map(\.celsius).max() {
      facts["processor.temperatureCelsius"] = Units.decimal(hottest, places: 1)
    }
    for address in addresses {
      let gpu = box.index.gpu(address)
      let drive = box.index.nvme(address)
      let temperatures = gpu?.temperatures ?? drive?.temperatures ?? []
      let values: [(String, Double?)] = [
        ("temperatureCelsius", temperatures.map(\.celsius).max()), ("powerWatts", gpu?.powerWatts),
        ("coreClockHertz", gpu?.coreClockHertz.map(Double.init)),
        ("memoryClockHertz", gpu?.memoryClockHertz.map(Double.init)),
      ]
      for case (let name, let value?) in values {
        facts["\(address.short) \(name)"] = Units.decimal(value, places: 1)
      }
    }
    return facts
  }

  /// `performance`, or `performance 0-3 powersave 4-7` where CPUs differ.
  private static func text(_ sets: [String: NumberSet]) -> String? {
    if sets.count == 1 { return sets.keys.first }
    let parts = sets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  private static func modules(_ memory: Memory) -> String? {
    var counts: [String: Int] = [:]
    for module in memory.mainModules {
      let speed = module.configuredMegatransfersPerSecond.map { "\($0) MT/s" } ?? "unknown speed"
      counts["\(module.type ?? "module") \(speed)", default: 0] += 1
    }
    let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// One fact that changed between two runs.
package struct ContextChange: Hashable, Sendable {
  /// Its name.
  package var fact: String
  /// Its value before, the last that was known.
  package var before: String
  /// Its value now.
  package var now: String

  /// What changed with each run, by name, in the order of the runs. A fact that could not be read in a run
  /// did not change: it is compared with its last known value.
  package static func changes(in runs: [[String: String]]) -> [[ContextChange]] {
    var known: [String: String] = [:]
    return runs.map { now in
      let changes = now.keys.sorted().compactMap { fact -> ContextChange? in
        guard let before = known[fact], let value = now[fact], before != value else { return nil }
        return ContextChange(fact: fact, before: before, now: value)
      }
      known.merge(now) { _, now in now }
      return changes
    }
  }
}
