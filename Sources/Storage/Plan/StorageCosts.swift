internal import Base

/// What a layout gives and costs.
enum StorageCosts {
  /// Capacity of the partitions in a layout, bytes.
  static func capacity(_ layout: StorageAnswers.Layout, _ partitions: [Int]) -> Int {
    switch layout {
    case .plain: sum(partitions)
    case .mirror: partitions.min() ?? 0
    case .raid0: sum(partitions.map { _ in partitions.min() ?? 0 })
    }
  }

  /// Bytes together. A drive reports its own size, whatever that is: the sum stays at the largest number.
  private static func sum(_ bytes: [Int]) -> Int {
    bytes.reduce(0) { sum, more in
      let (together, isOver) = sum.addingReportingOverflow(more)
      return isOver ? .max : together
    }
  }

  static func sentences(
    _ layout: StorageAnswers.Layout, _ drives: [DriveJudgement], _ sizes: [Int],
    _ intent: StorageIntent
  ) -> [String] {
    var found: [String] = []
    for drive in drives where drive.state.allowsConsent {
      found.append(
        "What lies on \(drive.name) (serial \(drive.serial ?? "")) is destroyed: \(drive.reason).")
    }
    let count = drives.count
    switch layout {
    case .plain:
      found.append(
        count == 1
          ? "If the drive fails, everything on it is lost."
          : "If a drive fails, what lies on it is lost; the others stay.")
    case .mirror:
      found.append(
        "Of \(Units.capacity(sum(sizes))), \(Units.capacity(capacity(layout, intent.drives.map(\.partitionBytes)))) can be used. \(Units.count(count - 1, "drive")) may fail."
      )
      found.append(
        "Every write goes to all \(count) drives, and so does the first synchronisation.")
    case .raid0:
      found.append("If one of the \(count) drives fails, everything on all of them is lost.")
    }
    guard layout != .plain else { return found }
    found.append(
      "GPUs do not exchange data directly with drives in an array (GPU-to-NVMe transfers).")
    if let least = sizes.min(), sizes.contains(where: { $0 - least >= GPTTable.marginBytes }) {
      let lost = sum(sizes.map { $0 - least })
      found.append(
        "The drives are of different size: \(Units.capacity(lost)) of the larger ones are not used."
      )
    }
    return found
  }
}
