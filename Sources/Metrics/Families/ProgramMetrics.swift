internal import Base
internal import Inventory

/// tinybox itself: version, collectors, facts that could not be determined.
enum ProgramMetrics {
  private static let collector = MetricFamily.Label(
    "collector", "part of the inventory: `PCI`, `GPU`, `NVMe`, ...")

  static let families: [MetricFamily] = [
    MetricFamily(
      "build", .info, help: "Version of tinybox.", labels: [.init("version", "version of tinybox")]
    ) { [.info($0.version)] },
    MetricFamily(
      "collector_success",
      help: "Whether a collector could look, 1 or 0; a machine without such devices is a success.",
      labels: [collector], bound: "one a collector (10)"
    ) { input in
      input.inventory.collectors.compactMap { Sample($0.outcome != .failed, $0.name) }
    },
    MetricFamily(
      "collector_duration", unit: "seconds", help: "Time a collector took.",
      labels: [collector], bound: "one a collector (10)"
    ) { input in
      input.collectorSeconds.sorted { $0.key < $1.key }.compactMap { Sample($0.value, $0.key) }
    },
    MetricFamily(
      "unknown_facts", help: "Facts that could not be read or understood.",
      labels: [.init("part", "part of the inventory, as in the JSON of `devices`")],
      bound: "one a part (10)"
    ) { unknown($0.inventory) },
  ]

  private static func unknown(_ box: Inventory) -> [Sample] {
    let parts: [(String, Int)] = [
      ("machine", box.machine.unknown.count),
      ("processors", box.processors.unknown.count),
      (
        "memory",
        count(box.memory.nodes) { $0.unknown } + count(box.memory.controllers) { $0.unknown }
          + box.memory.unknown.count
      ),
      ("pci", count(box.pci) { $0.unknown }),
      ("gpus", count(box.gpus) { $0.unknown }),
      ("nics", count(box.nics) { $0.unknown }),
      ("nvme", count(box.nvme) { $0.unknown }),
      ("interrupts", count(box.interrupts) { $0.unknown }),
      (
        "workloads",
        count(box.workloads.slices) { $0.unknown }
          + count(box.workloads.containers) { $0.group.unknown } + box.workloads.unknown.count
      ),
      (
        "system",
        count(box.system.fileSystems) { $0.unknown } + count(box.system.arrays) { $0.unknown }
          + box.system.unknown.count
      ),
    ]
    return parts.compactMap { Sample($0.1, $0.0) }
  }

  private static func count<Thing>(
    _ things: [Thing], _ unknown: (Thing) -> [UnknownFact]
  ) -> Int {
    things.reduce(0) { $0 + unknown($1).count }
  }
}
