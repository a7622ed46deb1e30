package import Base
internal import Linux
package import Storage

/// Does what a plan for storage says. What was planned is stored before the first write, so that after a power cut
/// the next run knows what is its own, and does what is left.
package struct StorageApplier<Machine: StorageMachine> {
  private let machine: Machine
  private let identities: StorageIntent.Identities

  /// - Parameter identities: where new UUIDs come from.
  package init(
    _ machine: Machine,
    identities: StorageIntent.Identities = StorageIntent.Identities {
      Result { () throws(Failure) in try RandomBytes.make(16) }
    }
  ) {
    self.machine = machine
    self.identities = identities
  }

  /// What would be done now, or why nothing can be. Nothing is written.
  package func decide(_ answers: StorageAnswers) throws(Failure) -> StorageDecision {
    try StoragePlanner.decide(
      try machine.drives(), answers, stored: try machine.intent(), identities: identities)
  }

  /// The plan.
  /// - Throws: `Failure` (`conflict`) with serial and reason of each drive that may not be used.
  package func plan(_ answers: StorageAnswers) throws(Failure) -> StoragePlan {
    try plan(try decide(answers))
  }

  private func plan(_ decision: StorageDecision) throws(Failure) -> StoragePlan {
    switch decision {
    case .plan(let plan): return plan
    case .refused(let refusals):
      var hints: [String] = []
      for hint in refusals.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
      throw Failure(
        "use the drives", because: refusals.map(\.text).joined(separator: "\n"),
        hint: hints.isEmpty ? nil : hints.joined(separator: "\n"), code: .conflict)
    }
  }

  /// Does all of it, or what is left of it, and looks whether it is done.
  package func apply(_ answers: StorageAnswers) throws(Failure) { try apply(try plan(answers)) }

  /// Does what was planned before, or what is left of it, with the identities that were chosen then.
  /// - Throws: `Failure` (`conflict`) where the drives have changed so much that another plan would be needed.
  package func apply(_ planned: StorageIntent) throws(Failure) {
    let stored = try machine.intent().flatMap { $0.isSamePlan(planned) ? $0 : nil }
    let decision = try StoragePlanner.decide(
      try machine.drives(), planned.answers, stored: stored ?? planned, identities: identities)
    let plan = try plan(decision)
    guard plan.intent.isSamePlan(planned) else {
      throw Failure(
        "set the drives up", because: "they are no longer as they were when the plan was made",
        hint: "a new plan is needed", code: .conflict)
    }
    try apply(plan)
  }

  private func apply(_ plan: StoragePlan) throws(Failure) {
    try machine.store(plan.intent)
    try writeTables(plan)
    var intent = plan.intent
    for step in plan.steps { try apply(step, &intent) }
    try verify(intent)
    if !intent.isComplete {
      intent.isComplete = true
      try machine.store(intent)
    }
  }

  /// Looks whether each file system is mounted at its place.
  package func verify(_ intent: StorageIntent) throws(Failure) {
    for mount in intent.mounts where !(try machine.isMounted(mount.fileSystemUUID, at: mount.point))
    {
      throw Failure(
        "verify the storage",
        because: "the file system \(mount.fileSystemUUID) is not mounted at \(mount.point)")
    }
  }

  /// Takes the mounts back. Tables and file systems stay: there may be data on them.
  package func undo() throws(Failure) {
    guard let intent = try machine.intent() else { return }
    for mount in intent.mounts where machine.exists(mount.unitPath) {
      try machine.run(["systemctl", "disable", "--now", mount.unit])
      try machine.remove(mount.unitPath)
      try machine.run(["systemctl", "daemon-reload"])
    }
  }

  private func apply(_ step: StorageStep, _ intent: inout StorageIntent) throws(Failure) {
    if let path = step.unless, machine.exists(path) { return }
    switch step.kind {
    case .clearEnds, .writeTable: break  // Done before, with all drives held.
    case .wait: try machine.wait(for: step.path ?? "")
    case .run: try machine.run(step.command ?? [])
    case .writeFile: try machine.write(step.content ?? "", to: step.path ?? "")
    }
    guard let uuid = step.formats else { return }
    intent.formatted.append(uuid)
    try machine.store(intent)
  }

  /// Clears drives and writes tables. All drives are held and looked at again before the first of them is written to.
  private func writeTables(_ plan: StoragePlan) throws(Failure) {
    let names = plan.drives.filter { drive in
      plan.steps.contains { $0.kind == .writeTable && $0.serial == drive.serial }
    }.map(\.name)
    if names.isEmpty { return }
    var held: [String: any StorageDrive] = [:]
    for name in names { held[name] = try machine.hold(name) }
    // Identity and uses anew too: another drive with the same serial may have come.
    var drives = try machine.drives()
    for index in drives.indices {
      if let drive = held[drives[index].name] { drives[index] = drive.read(drives[index]) }
    }
    let judgements = DriveJudge.judge(drives, intent: plan.intent)
    for drive in plan.drives where held[drive.name] != nil {
      guard
        let now = judgements.first(where: { $0.name == drive.name && $0.serial == drive.serial }),
        now.wwid == drive.wwid, now.state == drive.state, now.obstacles.isEmpty,
        let content = drives.first(where: { $0.name == drive.name })?.content,
        content.sizeBytes == drive.sizeBytes
      else {
        throw Failure(
          "write to \(drive.name) (serial \(drive.serial))",
          because: "it is no longer as it was when the plan was made", hint: "run it again",
          code: .conflict)
      }
    }
    for drive in plan.drives {
      guard let open = held[drive.name],
        let reading = drives.first(where: { $0.name == drive.name })
      else { continue }
      try write(plan, drive, reading, open)
    }
    withExtendedLifetime(held) {}
  }

  private func write(
    _ plan: StoragePlan, _ drive: StoragePlan.Drive, _ reading: DriveReading,
    _ open: any StorageDrive
  ) throws(Failure) {
    guard let planned = plan.intent.drives.first(where: { $0.serial == drive.serial }),
      let table = GPTTable(
        planned, driveBytes: drive.sizeBytes, blockBytes: reading.blockBytes ?? 0)
    else {
      throw Failure(
        "write to \(drive.name) (serial \(drive.serial))", because: "the table does not fit")
    }
    if plan.steps.contains(where: { $0.kind == .clearEnds && $0.serial == drive.serial }) {
      for range in ReadingPlaces.ends(size: drive.sizeBytes) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
          let count = min(1 << 20, range.upperBound - start)
          try open.write([UInt8](repeating: 0, count: count), at: start)
        }
      }
      // Before the table: a table with old content behind it would be neither old nor new.
      try open.synchronise()
    }
    let bytes = DriveContent.tableBytes
    try open.write(table.tail(bytes), at: drive.sizeBytes - bytes)
    try open.write(table.head(bytes), at: 0)
    try open.synchronise()
    open.rereadPartitions()
  }
}
