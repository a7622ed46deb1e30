internal import Base
internal import Inventory

/// What the machine has, and shows nothing of.
struct SoakGaps: Sendable {
  /// Whether something was seen at any look, by its name.
  private var seen: [String: Bool] = [:]
  private var reasons: [String: String] = [:]

  mutating func look(_ inventory: Inventory) {
    let processors = inventory.processors
    note(
      "temperature of the processors", !processors.temperatures.isEmpty,
      processors.unknown.first { $0.fact == "temperatures" }?.reason ?? "no sensor")
    note(
      "errors of the main memory", !inventory.memory.controllers.isEmpty,
      "no EDAC driver counts them")
    note(
      "errors of PCIe links", inventory.pci.contains { $0.aer != nil },
      "no function has AER counters")
    note(
      "rates of PCIe links",
      inventory.pci.contains { $0.path?.wires.contains { $0.current != nil } == true },
      "no link shows its rate")
    for gpu in inventory.gpus {
      let facts: [(String, String, Bool)] = [
        ("temperatures", "temperatures", !gpu.temperatures.isEmpty),
        ("powerWatts", "power", gpu.powerWatts != nil),
        ("throttleReasons", "throttle reasons", gpu.throttleReasons != nil),
      ]
      for (fact, name, isKnown) in facts {
        let gap = gpu.unknown.first { $0.fact == fact }?.reason
        note("\(name) of \(gpu.address)", isKnown, gap ?? "its driver reports none")
      }
    }
    for drive in inventory.nvme {
      let gap = drive.unknown.first { $0.fact == "health" }?.reason
      note("media errors of \(drive.name)", drive.health != nil, gap ?? "no SMART log")
      note("temperature of \(drive.name)", !drive.temperatures.isEmpty, "no sensor")
    }
  }

  /// What no look showed. Neither RAPL nor the throttle counters of processors are read: the compute rate
  /// shows what they would explain.
  var unknown: [SoakUnknown] {
    let missing = seen.filter { !$0.value }.keys.sorted().map { SoakUnknown($0, reasons[$0] ?? "") }
    return missing + [SoakUnknown("power and throttle reasons of the processors", "not read")]
  }

  private mutating func note(_ name: String, _ isKnown: Bool, _ reason: String) {
    seen[name] = isKnown || seen[name] == true
    reasons[name] = reason
  }
}
