package import Base
package import Inventory

/// Gathers what the looks at a machine show while it is loaded. A value that is missing at a look is no
/// value, never a zero.
package struct SoakWatch: Sendable {
  /// Devices that the soak loads.
  private let loaded: Set<PCIAddress>
  private var sensors = SoakSensors()
  private var errors = SoakErrors()
  private var links = SoakLinks()
  private var throttling: [String: (looks: Int, reasons: [String: Int])] = [:]
  private var present: [String: Bool] = [:]
  private var lost: [SoakLoss] = []
  private var gaps = SoakGaps()
  private var failedLooks: (count: Int, reason: String)?
  private var failedInARow = 0
  /// Looks so far.
  package private(set) var looks = 0

  /// A watch before its first look.
  /// - Parameter loaded: devices that the soak loads.
  package init(loaded: Set<PCIAddress> = []) { self.loaded = loaded }

  /// The parts of the inventory that a look reads.
  package static let parts: CollectionOptions.Parts = [
    .processors, .memory, .pci, .pciDetail, .gpus, .nvme,
  ]

  /// One look.
  /// - Parameter seconds: since the beginning.
  package mutating func look(_ inventory: Inventory, at seconds: Double) {
    looks += 1
    failedInARow = 0
    sensors.look(inventory)
    errors.look(inventory)
    links.look(inventory, loaded: loaded)
    gaps.look(inventory)
    for gpu in inventory.gpus {
      guard let reasons = gpu.throttleReasons else { continue }
      var seen = throttling["\(gpu.address)"] ?? (0, [:])
      seen.looks += 1
      for reason in Set(reasons) { seen.reasons[reason, default: 0] += 1 }
      throttling["\(gpu.address)"] = seen
    }
    miss(inventory, at: seconds)
  }

  /// A look that failed.
  package mutating func fail(_ reason: String) {
    failedInARow += 1
    failedLooks = ((failedLooks?.count ?? 0) + 1, reason)
  }

  /// Whether the last 10 looks failed: what becomes too hot, or is lost, would not be seen.
  package var isBlind: Bool { failedInARow >= 10 }

  /// What reached its critical limit at the last look, for people; nil when nothing did.
  package var critical: String? { sensors.critical }

  private mutating func miss(_ inventory: Inventory, at seconds: Double) {
    // Where the bus cannot be read, nothing is missed.
    let pci = inventory.collectors.first { $0.name == "PCI" }
    if pci?.outcome == .failed { return }
    var now = Set(inventory.pci.map { "\($0.address)" })
    for drive in inventory.nvme where drive.state != "dead" { now.insert(drive.name) }
    for name in now where present[name] == nil { present[name] = true }
    for name in present.keys.sorted() where present[name] == true && !now.contains(name) {
      present[name] = false
      lost.append(SoakLoss(subject: name, seconds: seconds))
    }
  }

  /// Puts what was seen into a report.
  package func fill(_ report: inout SoakReport) {
    report.readings = sensors.readings(lastLook: looks)
    report.counters = errors.grown
    report.links = links.changed
    report.lost = lost
    for (subject, seen) in throttling.sorted(by: { $0.key < $1.key }) {
      for (reason, count) in seen.reasons.sorted(by: { $0.key < $1.key }) {
        report.throttling.append(
          SoakThrottling(
            subject: subject, reason: reason, share: Double(count) / Double(seen.looks)))
      }
    }
    let counts = [
      ("temperature sensors", report.readings.count { $0.quantity == .temperature }),
      ("power readings", report.readings.count { $0.quantity == .power }),
      ("clock readings", report.readings.count { $0.quantity == .clock }),
      ("PCIe error counters", errors.count(.aerCorrectable)),
      ("memory and GPU ECC counters", errors.count(.eccCorrected)),
      ("drives with a count of media errors", errors.count(.mediaErrors)),
      ("GPUs with a count of PCIe replays", errors.count(.pcieReplays)),
      ("links", links.count), ("GPUs with throttle reasons", throttling.count),
    ]
    report.watched = counts.filter { $0.1 > 0 }.map { SoakWatched($0.0, $0.1) }
    report.unknown += gaps.unknown + errors.unknown
    if let failedLooks {
      report.unknown.append(
        SoakUnknown(
          Units.count(failedLooks.count, "look") + " at the machine", failedLooks.reason,
          isGap: true))
    }
  }
}
