package import Apply
package import Base
internal import Configuration
package import Setup
package import Storage

/// Sets up drives for the first boot. The plan with its identities is the intent of the stage, so that a run which
/// was interrupted is finished with the same ones. Not in use: `LiveSetupMachine.drives` stays nil until it was watched
/// on a machine with drives.
package struct SetupStorage<Machine: StorageMachine>: SetupDrives {
  private let machine: Machine
  private let applier: StorageApplier<Machine>

  /// The drives of a machine.
  package init(_ machine: Machine) {
    self.machine = machine
    applier = StorageApplier(machine)
  }

  /// With identities of a test.
  package init(_ machine: Machine, identities: StorageIntent.Identities) {
    self.machine = machine
    applier = StorageApplier(machine, identities: identities)
  }

  /// The key of the intent: the plan as JSON.
  private let key = "plan"

  // MARK: what would be done

  package func plan(_ answers: SetupAnswers.Storage) throws(Failure) -> SetupPlan.Work {
    let plan = try applier.plan(StorageAnswers(answers))
    try checkPrograms(plan)
    try checkMounts(plan)
    return .init(
      steps(plan),
      intent: [key: String(decoding: try JSON.line(plan.intent), as: UTF8.self)])
  }

  /// States, steps and costs.
  private func steps(_ plan: StoragePlan) -> [String] {
    let states = plan.drives.map { drive in
      let size = Units.capacity(drive.sizeBytes)
      return
        "\(drive.name) (serial \(drive.serial), \(size)) is \(drive.state.rawValue): \(drive.reason)"
    }
    let points = plan.mounts.map(\.point).joined(separator: ", ")
    return states + plan.steps.map(\.text)
      + ["\(Units.capacity(plan.capacityBytes)) for files at \(points)"] + plan.costs
  }

  /// Packages of Debian by program. The others of a plan are of packages that every system has.
  private static var packages: [String: String] {
    ["mdadm": "mdadm", "mkfs.xfs": "xfsprogs", "mkfs.ext4": "e2fsprogs"]
  }

  private func checkPrograms(_ plan: StoragePlan) throws(Failure) {
    var missing: [String] = []
    for program in plan.steps.compactMap({ $0.command?.first })
    where !machine.isInstalled(program) && !missing.contains(program) { missing.append(program) }
    if missing.isEmpty { return }
    let packages = missing.map { Self.packages[$0] ?? $0 }
    throw Failure(
      "set the drives up", because: "\(missing.joined(separator: " and ")) is not installed",
      hint: "'apt install \(packages.joined(separator: " "))'", code: .conflict)
  }

  private func checkMounts(_ plan: StoragePlan) throws(Failure) {
    for mount in plan.mounts {
      guard let obstacle = try machine.obstacle(at: mount.point, mounting: mount.fileSystemUUID)
      else { continue }
      throw Failure(
        "mount a file system at \(mount.point)", because: obstacle,
        hint: "move it away, or name another 'mount' in [storage]", code: .conflict)
    }
  }

  // MARK: doing it

  package func apply(_ intent: [String: String]) throws(Failure) {
    try applier.apply(try planned(intent))
  }

  package func verify(_ intent: [String: String]) throws(Failure) -> [String] {
    let planned = try planned(intent)
    guard let stored = try machine.intent(), stored.isSamePlan(planned), stored.isComplete else {
      throw Failure("verify the storage", because: "it was not written to the end")
    }
    try applier.verify(stored)
    let serials = stored.drives.map(\.serial)
    return stored.mounts.enumerated().map { index, mount in
      // A file system of an array lies on all of them.
      let on = stored.arrayFileSystemUUID == nil ? serials[index] : serials.joined(separator: ", ")
      return
        "\(mount.point): \(stored.answers.fileSystem.rawValue) \(mount.fileSystemUUID) on \(on)"
    }
  }

  package func undo(_ intent: [String: String]) throws(Failure) {
    let planned = try planned(intent)
    // What an earlier set-up mounted is not taken back.
    guard let stored = try machine.intent(), stored.isSamePlan(planned) else { return }
    try applier.undo()
  }

  private func planned(_ intent: [String: String]) throws(Failure) -> StorageIntent {
    do {
      return try JSON.decode(StorageIntent.self, from: Array((intent[key] ?? "").utf8))
    } catch {
      throw Failure("read the plan of the drives", error)
    }
  }
}

extension StorageAnswers {
  /// The answers of the owner's file.
  init(_ answers: SetupAnswers.Storage) {
    let layout: Layout? =
      switch answers.layout?.value {
      case .plain: .plain
      case .mirror: .mirror
      case .raid0: .raid0
      case nil: nil
      }
    self.init(
      drives: answers.drives.map { Drive(serial: $0.value) }, layout: layout,
      fileSystem: answers.fileSystem?.value == .xfs ? .xfs : .ext4,
      mountPoint: answers.mount?.value ?? StorageAnswers.defaultMountPoint,
      consent: answers.erase.map(\.value))
  }
}
