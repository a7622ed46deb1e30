internal import Base
internal import Inventory

/// File systems, arrays, clock, units.
enum SystemMetrics {
  private static let array = MetricFamily.Label("array", "md array, `md0`")

  static let families: [MetricFamily] = [
    fileSystem("size", unit: "bytes", help: "Size of a file system.") { Sample($0.totalBytes, $1) },
    fileSystem("free", unit: "bytes", help: "Bytes that ordinary users may still write.") {
      Sample($0.freeBytes, $1)
    },
    fileSystem("files", help: "Files it can hold; absent where it has no limit.") {
      Sample($0.totalFiles == 0 ? nil : $0.totalFiles, $1)
    },
    fileSystem("files_free", help: "Files that may still be made; absent where it has no limit.") {
      Sample(($0.totalFiles ?? 0) == 0 ? nil : $0.freeFiles, $1)
    },
    fileSystem("readonly", help: "Whether it is mounted read only, 1 or 0.") {
      Sample($0.isReadOnly, $1)
    },
    fileSystem(
      "errors", .counter,
      help: "Errors it noted since it was made or checked, where it counts them."
    ) { Sample($0.errorCount, $1) },
    MetricFamily(
      "raid_members", help: "Members an array should have.", labels: [array], bound: "one an array"
    ) { input in
      input.inventory.system.arrays.compactMap { Sample($0.memberCount, $0.name) }
    },
    MetricFamily(
      "raid_missing_members",
      help: "Members an array lacks, with empty places of a mirror; absent without redundancy.",
      labels: [array], bound: "one an array"
    ) { input in
      input.inventory.system.arrays.compactMap { Sample($0.missingMembers, $0.name) }
    },
    MetricFamily("clock_synchronized", help: "Whether something keeps the clock on time, 1 or 0.") {
      [Sample($0.inventory.system.clock?.isSynchronized)].compactMap { $0 }
    },
    MetricFamily(
      "clock_maximum_error", unit: "seconds", help: "The kernel's bound on the clock's error."
    ) {
      let microseconds = $0.inventory.system.clock?.maximumErrorMicroseconds
      return [Sample(microseconds.map { Double($0) / 1e6 })].compactMap { $0 }
    },
    MetricFamily("failed_units", help: "Units of systemd that have failed.") {
      [Sample($0.inventory.system.failedUnits?.count)].compactMap { $0 }
    },
    MetricFamily("uptime", unit: "seconds", help: "Time since boot.") {
      [Sample($0.inventory.machine.uptimeSeconds)].compactMap { $0 }
    },
  ]

  private static func fileSystem(
    _ name: String, _ kind: MetricFamily.Kind = .gauge, unit: String? = nil, help: String,
    _ sample: @escaping @Sendable (FileSystemState, String) -> Sample?
  ) -> MetricFamily {
    MetricFamily(
      "filesystem_" + name, kind, unit: unit, help: help,
      labels: [.init("mount_point", "where a file system on a block device is mounted first")],
      bound: "one a file system on a block device"
    ) { input in
      input.inventory.system.fileSystems.compactMap { sample($0, $0.mountPoint) }
    }
  }
}
