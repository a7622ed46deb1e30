internal import Base
internal import Inventory

/// The part of the plan for drives that writes: where it may, and how much.
struct NVMeWrites {
  private let box: BenchmarkBox
  private var budget: WriteBudget?
  private let scratch: ScratchPlace?

  /// A load that writes.
  private struct Load {
    var metric: String
    var pattern: FioJob.Pattern
    var depth: Int
    /// Bytes written at most, in a full and in a quick run.
    var bytes: Int
    var quickBytes: Int
  }

  /// Some gigabytes leave the cache of fast cells (SLC) of most drives out, as a model that is copied does
  /// not: the figure is that of a burst.
  private static let loads = [
    Load(
      metric: "sequential-write", pattern: .sequentialWrite, depth: 32, bytes: 8 << 30,
      quickBytes: 1 << 30),
    Load(
      metric: "random-write-depth-32", pattern: .randomWrite, depth: 32, bytes: 2 << 30,
      quickBytes: 256 << 20),
  ]
  /// Bytes of a temporary file, in a full and in a quick run.
  private static let fileBytes = 2 << 30
  private static let quickFileBytes = 256 << 20

  init(_ box: BenchmarkBox, drives: [NVMeDrive]) {
    self.box = box
    budget = box.writeBudget
    scratch = box.options.scratch.flatMap { ScratchPlace($0, drives, box.inventory) }
  }

  /// Writing to a drive, or why not.
  mutating func measurements(_ drive: NVMeDrive) -> [PlannedMeasurement] {
    if let scratch, scratch.drive == drive { return files(scratch) }
    let serial = drive.controller.serial ?? ""
    let isNamed = !serial.isEmpty && box.options.consentSerials.contains(serial)
    var reason: String?
    if !isNamed {
      reason =
        "writing needs --scratch with a file or folder on this drive, or --consent-serial with its serial "
        + "number when nothing lies on it"
    } else if namespaces(serial) > 1 {
      reason =
        "the serial number \(serial) names \(namespaces(serial)) drives or namespaces, and consent has to "
        + "name one"
    } else if let content = drive.content {
      reason = "\(drive.namespace.name) is not overwritten: \(content)"
    }
    let choice = NVMePlan.choices(drive, box)[0]
    return NVMeWrites.loads.map { load in
      var fio = parameters(.device, load, [drive.namespace.name], choice)
      fio.drive = drive.key
      fio.consent = isNamed ? serial : nil
      fio.writeBytes = box.options.isQuick ? load.quickBytes : load.bytes
      var planned = PlannedMeasurement(
        NVMePlan.series(load.metric, drive.key, drive.subject + choice.text, load.pattern),
        devices: [drive.controller.address].compactMap { $0 }, seconds: 10, quickSeconds: 1,
        ceiling: NVMePlan.ceiling([drive], load.pattern, box), parameters: fio.parameters)
      planned.obstacle = NVMePlan.obstacle(drive) ?? reason.map { .skipped($0) }
      take(fio, &planned)
      return planned
    }
  }

  /// Namespaces that a serial number names: some makers give many drives the same one.
  private func namespaces(_ serial: String) -> Int {
    box.inventory.nvme.filter { $0.pathOf == nil && $0.serial == serial }
      .reduce(0) { $0 + $1.namespaces.count }
  }

  /// The scratch file or folder where it lies on no drive directly: on RAID, LVM, encryption, or on
  /// something that is no NVMe drive; and the reason where it lies nowhere.
  mutating func fileSystem() -> [PlannedMeasurement] {
    guard let path = box.options.scratch else { return [] }
    guard let scratch else {
      let series = NVMePlan.series(
        "file-sequential-write", "scratch", "scratch file or folder", .sequentialWrite)
      return [
        PlannedMeasurement(
          series, seconds: 0, quickSeconds: 0,
          obstacle: .skipped("\(path) is an absolute path on no file system of a drive"))
      ]
    }
    return scratch.drive == nil ? files(scratch) : []
  }

  /// Files on a file system: written, and read back.
  private mutating func files(_ scratch: ScratchPlace) -> [PlannedMeasurement] {
    let choice =
      scratch.drive.map { NVMePlan.choices($0, box)[0] }
      ?? NodeChoice.of(node: nil, box.inventory.memory)[0]
    let size = box.options.isQuick ? NVMeWrites.quickFileBytes : NVMeWrites.fileBytes
    let reading = Load(
      metric: "sequential-read", pattern: .sequentialRead, depth: 32, bytes: 0, quickBytes: 0)
    return (NVMeWrites.loads + [reading]).map { load in
      var fio = parameters(.file, load, [""], choice)
      fio.drive = scratch.key
      fio.mountPoint = scratch.mountPoint
      fio.fileBytes = size
      if load.pattern.writes {
        fio.writeBytes = box.options.isQuick ? load.quickBytes : load.bytes
      }
      var planned = PlannedMeasurement(
        NVMePlan.series(
          "file-" + load.metric, scratch.key, scratch.subject + choice.text, load.pattern),
        devices: scratch.drives.compactMap(\.controller.address), seconds: 15, quickSeconds: 2,
        ceiling: ceiling(scratch, load.pattern), parameters: fio.parameters)
      if let free = scratch.freeBytes, free / 4 < size {
        planned.obstacle = .skipped(
          "\(scratch.mountPoint) has \(Units.capacity(free)) free; "
            + "\(Units.capacity(size * 4)) are needed")
      }
      take(fio, &planned)
      return planned
    }
  }

  /// A file's blocks may lie on any of the drives below.
  private func ceiling(
    _ scratch: ScratchPlace, _ pattern: FioJob.Pattern
  ) -> BenchmarkCeiling {
    if scratch.drives.isEmpty {
      return BenchmarkCeiling([
        .init("link of the drive", nil, "\(scratch.device) lies on no NVMe drive")
      ])
    }
    return NVMePlan.ceiling(scratch.drives, pattern, box)
  }

  private func parameters(
    _ kind: FioParameters.Kind, _ load: Load, _ names: [String], _ choice: NodeChoice
  ) -> FioParameters {
    FioParameters(
      kind, load.pattern,
      blockBytes: load.pattern.isRandom ? NVMePlan.randomBytes : NVMePlan.sequentialBytes,
      depth: load.depth,
      targets: names.map { .init($0, cpus: choice.cpus, memoryNode: choice.memoryNode) })
  }

  /// Takes what a measurement writes from the week's bytes.
  private mutating func take(_ fio: FioParameters, _ planned: inout PlannedMeasurement) {
    guard planned.obstacle == nil, let drive = fio.drive else { return }
    let bytes = fio.totalWriteBytes
    if budget == nil, box.options.trigger != .manual {
      planned.obstacle = .skipped("it is not known what was written to the drive this week")
    } else if let reason = budget?.take(bytes, drive: drive) {
      planned.obstacle = .skipped(reason)
    }
  }
}
