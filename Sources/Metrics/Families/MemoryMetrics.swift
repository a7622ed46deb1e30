internal import Inventory

/// Memory, as a whole and by NUMA node.
enum MemoryMetrics {
  private static let node = MetricFamily.Label("numa_node", "NUMA node")

  static let families: [MetricFamily] = [
    MetricFamily("memory_size", unit: "bytes", help: "Memory the kernel has.") {
      [Sample($0.inventory.memory.totalBytes)].compactMap { $0 }
    },
    MetricFamily(
      "memory_available", unit: "bytes", help: "Memory programs may still get without swapping."
    ) {
      [Sample($0.inventory.memory.availableBytes)].compactMap { $0 }
    },
    MetricFamily(
      "numa_memory_size", unit: "bytes", help: "Memory of a node.", labels: [node],
      bound: "one a node"
    ) { input in
      input.inventory.memory.nodes.compactMap { Sample($0.totalBytes, "\($0.id)") }
    },
    MetricFamily(
      "numa_memory_free", unit: "bytes",
      help: "Memory of a node that nothing uses, not even caches.",
      labels: [node], bound: "one a node"
    ) { input in
      input.inventory.memory.nodes.compactMap { Sample($0.freeBytes, "\($0.id)") }
    },
    MetricFamily(
      "memory_errors", .counter, help: "Memory errors since the driver was loaded (EDAC).",
      labels: [
        .init("controller", "memory controller, `mc0`"),
        .init("error", "`corrected` or `uncorrected`"),
      ],
      bound: "2 a memory controller"
    ) { input in
      input.inventory.memory.controllers.flatMap { controller in
        [
          Sample(controller.correctedErrors, controller.name, "corrected"),
          Sample(controller.uncorrectedErrors, controller.name, "uncorrected"),
        ].compactMap { $0 }
      }
    },
  ]
}
