import Base
import Documents
import Events
import Foundation
import Health
import Inventory
import KernelTree
import Placement
import Recordings
import TestSupport
import Testing

/// Documents of the interface, made from recordings.
enum Documents {
  /// A recording of the project by the start of its name.
  static func recording(_ name: String) throws -> URL {
    try #require(Project.ownRecordings.first { $0.lastPathComponent.hasPrefix(name) })
  }

  /// The inventory of a recording.
  static func inventory(_ recording: URL) throws -> Inventory {
    InventoryReader.read(
      try RecordingLoader.open(recording.path), options: CollectionOptions())
  }

  /// The status of an inventory with nothing placed.
  static func status(_ inventory: Inventory) -> StatusDocument {
    let placement = PlacementStatus(
      ledger: nil, bootID: nil, plan: Plan(origin: inventory.origin), inventory, ServiceState(),
      MemoryTreeBuilder().tree())
    return StatusDocument(
      inventory, HealthReport(Box(inventory)), placement: placement, mode: .observe,
      time: "2026-11-24T10:01:02Z", lastEvent: 3)
  }

  /// An event of each kind, the first with everything that an event can have.
  static var events: EventsDocument {
    var events = EventKind.all.map { kind in
      Event(kind, time: "2026-11-24T10:01:02.345Z", "it happened")
    }
    for index in events.indices { events[index].id = index + 1 }
    events[0].subject = "eth0"
    events[0].address = PCIAddress(domain: 0x10000, bus: 0x21, device: 0, function: 1)
    events[0].cause = "irqbalance (process 812)"
    events[0].count = 4
    return EventsDocument(last: events.count, events: events)
  }

  /// A daemon with something of everything.
  static var daemon: DaemonDocument {
    var daemon = DaemonDocument(
      version: "1.2.3", pid: 42, started: "2026-11-24T10:01:02Z", checkIntervalSeconds: 300)
    daemon.watches = [.init(name: "units", isActive: false, note: "no bus")]
    daemon.contested = [.init(setting: "/proc/irq/9/smp_affinity", secondsLeft: 60, cause: nil)]
    return daemon
  }

  /// Encodes as the interface does.
  static func data(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}
