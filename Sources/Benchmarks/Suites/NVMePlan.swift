internal import Base
internal import Inventory

/// NVMe drives, file systems and RAID, with fio.
///
/// Block devices are read only. Writing needs a scratch file or folder on the drive, or consent that names
/// its serial number while nothing lies on it.
package enum NVMePlan: SuitePlan {
  package static let info = SuiteInfo(
    "nvme", "Drives, file systems and RAID: bandwidth and requests a second, read only by default.",
    programs: ["fio"])

  /// Bytes of a sequential request: more than the 128 KiB to 1 MiB that drives take in one command.
  static let sequentialBytes = 1 << 20
  /// Requests on their way that fill a drive's own pipeline, for sequential reads.
  static let sequentialDepth = 32
  /// Bytes of a random request: a page, which file systems and databases read.
  static let randomBytes = 4096
  /// Requests on their way: what one waiting program has, what many have, and what a drive can do.
  static let randomDepths = [1, 32, 256]

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    let everyDrive = NVMeDrive.all(box)
    let drives = everyDrive.filter { box.wants($0.controller.address) }
    var writes = NVMeWrites(box, drives: everyDrive)
    var planned: [PlannedMeasurement] = []
    for drive in drives {
      planned += reads(drive, box)
      planned += writes.measurements(drive)
    }
    let live = drives.filter { obstacle($0) == nil }
    if live.count > 1 { planned += together(live, box) }
    planned += writes.fileSystem()
    for array in box.inventory.system.arrays {
      if let measurement = read(array, everyDrive, box) { planned.append(measurement) }
    }
    return planned
  }

  private static func reads(_ drive: NVMeDrive, _ box: BenchmarkBox) -> [PlannedMeasurement] {
    let choices = choices(drive, box)
    func load(
      _ metric: String, _ pattern: FioJob.Pattern, _ depth: Int, _ choice: NodeChoice
    ) -> PlannedMeasurement {
      measurement(
        metric, [drive], pattern, depth, [choice], key: drive.key,
        subject: drive.subject + choice.text, box)
    }
    let sequential = choices.map {
      load("sequential-read-\($0.name)", .sequentialRead, sequentialDepth, $0)
    }
    let random = randomDepths.map {
      load("random-read-depth-\($0)", .randomRead, $0, choices[0])
    }
    return sequential + random
  }

  /// All drives at once, each from its own node.
  private static func together(
    _ drives: [NVMeDrive], _ box: BenchmarkBox
  ) -> [PlannedMeasurement] {
    let choices = drives.map { self.choices($0, box)[0] }
    return [
      ("all-sequential-read", FioJob.Pattern.sequentialRead, sequentialDepth),
      ("all-random-read-depth-32", .randomRead, 32),
    ].map { metric, pattern, depth in
      measurement(
        metric, drives, pattern, depth, choices, key: drives.map(\.key).joined(separator: "+"),
        subject: Units.count(drives.count, "drive") + " at once, each from its own node", box)
    }
  }

  private static func read(
    _ array: RAIDArray, _ everyDrive: [NVMeDrive], _ box: BenchmarkBox
  ) -> PlannedMeasurement? {
    if array.isContainer { return nil }
    let members = array.members.map { member in everyDrive.first { $0.holds(member.device) } }
    let drives = members.compactMap { $0 }
    guard !drives.isEmpty else { return nil }
    if !drives.contains(where: { box.wants($0.controller.address) }) { return nil }
    let level = array.level ?? "array"
    let nodes = Set(drives.map { node($0, box) })
    let choice = NodeChoice.of(
      node: nodes.count == 1 ? nodes.first ?? nil : nil, box.inventory.memory)[0]
    let names = zip(array.members, members).map { $1?.key ?? SeriesKey.part($0.device) }
    var planned = measurement(
      "raid-sequential-read", drives, .sequentialRead, sequentialDepth, [choice],
      key: "\(level)-" + names.sorted().joined(separator: "+"),
      subject: "\(array.name) (\(level) of \(Units.count(array.members.count, "member")))", box,
      targets: [array.name])
    if drives.count < members.count {
      planned.ceiling = BenchmarkCeiling([
        .init("PCIe links of the members", nil, "a member is no NVMe drive")
      ])
    }
    if let state = array.state, ["inactive", "clear"].contains(state) {
      planned.obstacle = .notApplicable("\(array.name) is \(state)")
    } else if let action = array.syncAction, action != "idle" {
      planned.obstacle = .skipped("\(array.name) is busy: \(action)")
    }
    return planned
  }

  // MARK: Parts

  /// A read of block devices.
  private static func measurement(
    _ metric: String, _ drives: [NVMeDrive], _ pattern: FioJob.Pattern, _ depth: Int,
    _ choices: [NodeChoice], key: String, subject: String, _ box: BenchmarkBox,
    targets names: [String]? = nil
  ) -> PlannedMeasurement {
    let bytes = pattern.isRandom ? randomBytes : sequentialBytes
    let targets = zip(names ?? drives.map(\.namespace.name), choices).map { name, choice in
      FioParameters.Target(name, cpus: choice.cpus, memoryNode: choice.memoryNode)
    }
    let load = FioParameters(
      .device, pattern, blockBytes: bytes, depth: depth, targets: targets)
    // Several drives may share a link further up, and an array may read from fewer than it has: their sum may
    // be out of reach.
    let isAlone = drives.count == 1 && names == nil
    return PlannedMeasurement(
      series(metric, key, subject, pattern), devices: drives.compactMap(\.controller.address),
      seconds: 10, quickSeconds: 1, ceiling: ceiling(drives, pattern, box),
      // Consumer drives for PCIe 4.0 x4 that have no memory of their own read 3.5 GB/s by their makers'
      // data sheets, 49 % of what the link lets through; random reads depend on the flash alone.
      mark: isAlone && pattern == .sequentialRead ? 0.4 : nil, parameters: load.parameters,
      obstacle: drives.lazy.compactMap(obstacle).first)
  }

  static func series(
    _ metric: String, _ key: String, _ subject: String, _ pattern: FioJob.Pattern
  ) -> BenchmarkSeries {
    BenchmarkSeries(
      suite: info.name, metric: metric, subjectKey: key, subject: subject,
      unit: pattern.isRandom ? .operationsPerSecond : .bytesPerSecond)
  }

  /// The links of the drives, which is what physics sets beside the flash that no maker documents. Where
  /// drives share a link further up, the sum is too high, which never calls a right figure wrong.
  static func ceiling(
    _ drives: [NVMeDrive], _ pattern: FioJob.Pattern, _ box: BenchmarkBox
  ) -> BenchmarkCeiling {
    let limits = drives.map {
      PCIeCeiling.limit(
        $0.controller.address, pattern.writes ? .fromMemory : .toMemory, box.index)
    }
    let name = drives.count == 1 ? "PCIe link" : "PCIe links of \(drives.count) drives"
    var sum = CopyCeiling.sum(limits, name)
    if pattern.isRandom, let bytesPerSecond = sum.value {
      sum = .init(
        name, bytesPerSecond / Double(randomBytes),
        "(\(sum.arithmetic)) / \(randomBytes) bytes of a request")
    }
    return BenchmarkCeiling([sum])
  }

  static func obstacle(_ drive: NVMeDrive) -> PlannedMeasurement.Obstacle? {
    guard let state = drive.controller.state, state != "live" else { return nil }
    return .notApplicable("\(drive.controller.name) is \(state)")
  }

  static func choices(_ drive: NVMeDrive, _ box: BenchmarkBox) -> [NodeChoice] {
    NodeChoice.of(node: node(drive, box), box.inventory.memory)
  }

  private static func node(_ drive: NVMeDrive, _ box: BenchmarkBox) -> Int? {
    drive.controller.numaNode
      ?? box.index.function(drive.controller.address)?.locality.numaNode
  }
}
