internal import Inventory

/// NVMe drives: size, state and the health log.
enum NVMeMetrics {
  static let families: [MetricFamily] = [
    family("capacity", unit: "bytes", help: "Sum of its namespaces.") {
      $0.capacityBytes.map { Double($0) }
    },
    family("live", help: "Whether the controller is live, 1 or 0.") {
      $0.state.map { $0 == "live" ? 1 : 0 }
    },
    family("life_used", unit: "ratio", help: "Life used by the maker's estimate; it may pass 1.") {
      $0.health?.lifeUsed
    },
    family("available_spare", unit: "ratio", help: "Spare blocks left, 0 to 1.") {
      $0.health?.availableSpare
    },
    family("spare_threshold", unit: "ratio", help: "Spare below which the drive warns, 0 to 1.") {
      $0.health?.spareThreshold
    },
    MetricFamily(
      "nvme_critical_warning", help: "Whether the drive gives a critical warning, 1 or 0.",
      labels: [
        MetricFamilies.device,
        .init("warning", "`spare`, `temperature`, `reliability`, `read_only`, ..."),
      ],
      bound: "6 a drive"
    ) { input in
      input.inventory.nvme.flatMap { drive in
        warnings.enumerated().compactMap { bit, name in
          Sample(
            drive.health.map { $0.criticalWarning >> bit & 1 == 1 }, MetricsInput.device(drive),
            name)
        }
      }
    },
    family("media_errors", .counter, help: "Data integrity errors that could not be recovered.") {
      $0.health?.mediaErrors
    },
    family("error_log_entries", .counter, help: "Entries of the error log over its life.") {
      $0.health?.errorLogEntries
    },
    family("read", .counter, unit: "bytes", help: "Bytes the host has read.") {
      $0.health?.bytesRead
    },
    family("written", .counter, unit: "bytes", help: "Bytes the host has written.") {
      $0.health?.bytesWritten
    },
    family("power_on", .counter, unit: "seconds", help: "Time powered on, in whole hours.") {
      $0.health.map { $0.powerOnHours * 3600 }
    },
    family("power_cycles", .counter, help: "Power cycles.") { $0.health?.powerCycles },
    family("unsafe_shutdowns", .counter, help: "Shutdowns without notice.") {
      $0.health?.unsafeShutdowns
    },
  ]

  /// Bits of the critical warning (NVM Express Base Specification, log page 02h).
  private static let warnings = [
    "spare", "temperature", "reliability", "read_only", "volatile_backup", "persistent_memory",
  ]

  private static func family(
    _ name: String, _ kind: MetricFamily.Kind = .gauge, unit: String? = nil, help: String,
    _ value: @escaping @Sendable (NVMeController) -> Double?
  ) -> MetricFamily {
    MetricFamily(
      "nvme_" + name, kind, unit: unit, help: help, labels: [MetricFamilies.device],
      bound: "one a drive"
    ) { input in
      input.inventory.nvme.compactMap { Sample(value($0), MetricsInput.device($0)) }
    }
  }
}
