internal import Base
internal import Inventory

/// GPUs: power, load, memory, clocks, errors.
enum GPUMetrics {
  static let families: [MetricFamily] = [
    gauge("power", "watts", "Power drawn.") { $0.powerWatts },
    gauge("power_cap", "watts", "Power cap in force.") { $0.powerCap?.watts },
    gauge("power_cap_default", "watts", "Power cap the card has by itself.") {
      $0.powerCap?.defaultWatts
    },
    gauge("busy", "ratio", "Share of time it was busy, 0 to 1.") { $0.busyShare },
    gauge("memory_busy", "ratio", "Share of time its memory interface was busy, 0 to 1.") {
      $0.memoryBusyShare
    },
    gauge("memory_size", "bytes", "Video memory.") { $0.memoryTotalBytes.map { Double($0) } },
    gauge("memory_used", "bytes", "Video memory in use.") {
      $0.memoryUsedBytes.map { Double($0) }
    },
    gauge("memory_visible", "bytes", "Video memory the host can see through the BAR.") {
      $0.memoryVisibleBytes.map { Double($0) }
    },
    gauge("core_clock", "hertz", "Shader clock now.") { $0.coreClockHertz.map { Double($0) } },
    gauge("memory_clock", "hertz", "Memory clock now.") { $0.memoryClockHertz.map { Double($0) } },
    MetricFamily(
      "gpu_throttle_reason",
      help: "1 for each reason the driver gives for running below its clocks.",
      labels: [MetricFamilies.device, .init("reason", "the driver's word")],
      bound: "one a GPU and reason (about 10)"
    ) { input in
      input.inventory.gpus.flatMap { gpu in
        (gpu.throttleReasons ?? []).compactMap { Sample(1, gpu.address.description, $0) }
      }
    },
    MetricFamily(
      "gpu_pcie_replays", .counter, help: "PCIe packets sent again, since the driver was loaded.",
      labels: [MetricFamilies.device], bound: "one a GPU"
    ) { input in
      input.inventory.gpus.compactMap { Sample($0.pcieReplays, $0.address.description) }
    },
    MetricFamily(
      "gpu_memory_errors", .counter, help: "Memory errors (ECC).",
      labels: [
        MetricFamilies.device, .init("block", "block of the GPU, by the driver"),
        .init("error", "`corrected` or `uncorrected`"),
      ],
      bound: "2 a GPU and block (about 20)"
    ) { input in
      input.inventory.gpus.flatMap { gpu in
        (gpu.ecc ?? [:]).sorted { $0.key < $1.key }.flatMap { block, count in
          [
            Sample(count.corrected, gpu.address.description, block, "corrected"),
            Sample(count.uncorrected, gpu.address.description, block, "uncorrected"),
          ].compactMap { $0 }
        }
      }
    },
  ]

  private static func gauge(
    _ name: String, _ unit: String, _ help: String,
    _ value: @escaping @Sendable (GPU) -> Double?
  ) -> MetricFamily {
    MetricFamily(
      "gpu_" + name, unit: unit, help: help, labels: [MetricFamilies.device], bound: "one a GPU"
    ) { input in
      input.inventory.gpus.compactMap { Sample(value($0), $0.address.description) }
    }
  }
}
