package import Base

/// Decides what is done with drives. Pure: the same drives, answers and intent give the same plan.
package enum StoragePlanner {
  /// The smallest drive that is used, bytes: what a file system and a small model need.
  package static let smallestDriveBytes = 1 << 30

  /// A plan, or all reasons against one.
  /// - Parameters:
  ///   - drives: all drives of the machine.
  ///   - stored: the intent of an earlier run, from its file; it counts where it is for the same answers.
  ///   - identities: where new UUIDs come from.
  /// - Throws: `Failure` when there are no random numbers.
  package static func decide(
    _ drives: [DriveReading], _ answers: StorageAnswers, stored: StorageIntent? = nil,
    identities: StorageIntent.Identities
  ) throws(Failure) -> StorageDecision {
    // Consent and mount point may change between runs; drives and their content may not.
    let stored = stored.flatMap { isSame($0.answers, answers) ? $0 : nil }
    let judgements = DriveJudge.judge(drives, intent: stored)
    var refusals = AnswerCheck.refusals(answers)
    var chosen: [(DriveReading, DriveJudgement)] = []
    for wanted in answers.drives {
      let found = choose(wanted, drives, judgements, answers)
      switch found {
      case .success(let drive): chosen.append(drive)
      case .failure(let refusal): refusals.append(refusal)
      }
    }
    for (index, drive) in chosen.enumerated()
    where chosen[..<index].contains(where: { $0.0.name == drive.0.name }) {
      refusals.append(
        StorageRefusal(
          serial: drive.1.serial, name: drive.0.name, "it is named by serial and by identifier"))
    }
    guard refusals.isEmpty else { return .refused(refusals) }
    if let stored {
      // What is destroyed with consent is no longer what was made: it gets other UUIDs.
      if chosen.contains(where: { $0.1.state.allowsConsent }), !stored.formatted.isEmpty {
        return try decide(drives, answers, identities: identities)
      }
      refusals = lost(stored, chosen)
      guard refusals.isEmpty else { return .refused(refusals) }
    }
    let sizes = chosen.compactMap { $0.0.content?.sizeBytes }
    let layout = answers.layout ?? .plain
    var intent: StorageIntent
    if let stored {
      intent = stored
    } else {
      intent = try makeIntent(answers, layout, chosen.map(\.0), identities)
    }
    intent.answers = answers
    return .plan(
      StoragePlan(
        layout: layout, fileSystem: answers.fileSystem,
        drives: zip(chosen, sizes).map { chosen, size in
          let judgement = chosen.1
          return StoragePlan.Drive(
            name: judgement.name, serial: judgement.serial ?? "", wwid: judgement.wwid,
            state: judgement.state, reason: judgement.reason,
            destroysContent: judgement.state.allowsConsent, sizeBytes: size)
        }, mounts: intent.mounts,
        capacityBytes: StorageCosts.capacity(layout, intent.drives.map(\.partitionBytes)),
        costs: StorageCosts.sentences(layout, chosen.map(\.1), sizes, intent),
        steps: StorageSteps.make(intent, layout, chosen), intent: intent))
  }

  /// Drives whose file system was made to the end, and that do not have it any more.
  private static func lost(
    _ intent: StorageIntent, _ chosen: [(DriveReading, DriveJudgement)]
  ) -> [StorageRefusal] {
    zip(intent.drives, chosen).compactMap { planned, drive in
      guard drive.1.own != .content, intent.formatted.contains(intent.fileSystem(of: planned))
      else { return nil }
      return StorageRefusal(
        serial: planned.serial, name: drive.0.name, state: drive.1.state,
        "the file system that this set-up made is not on it any more",
        hint: "erase = [\"\(planned.serial)\"] in [storage] consents to begin anew")
    }
  }

  private static func isSame(_ a: StorageAnswers, _ b: StorageAnswers) -> Bool {
    a.layout ?? .plain == b.layout ?? .plain && a.fileSystem == b.fileSystem
      && a.drives.map { $0.serial.lowercased() } == b.drives.map { $0.serial.lowercased() }
  }

  private enum Choice {
    case success((DriveReading, DriveJudgement))
    case failure(StorageRefusal)
  }

  private static func choose(
    _ wanted: StorageAnswers.Drive, _ drives: [DriveReading], _ judgements: [DriveJudgement],
    _ answers: StorageAnswers
  ) -> Choice {
    let serial = wanted.serial
    let here = zip(drives, judgements).filter { $0.0.isNamed(serial) }
    guard let (drive, judgement) = here.first else {
      let others = drives.compactMap(\.usableSerial)
      return .failure(
        StorageRefusal(
          serial: serial, "no drive with this serial or identifier is here",
          hint: others.isEmpty
            ? "no drive here reports a serial" : "drives here: " + others.joined(separator: ", ")))
    }
    func refuse(_ reason: String, hint: String? = nil) -> Choice {
      .failure(
        StorageRefusal(
          serial: serial, name: drive.name, state: judgement.state, reason, hint: hint))
    }
    if judgement.state == .system || judgement.state == .unreadable
      || judgement.state == .ambiguous
    {
      return refuse(judgement.reason, hint: "it is never used")
    }
    if let wwid = wanted.wwid, wwid.lowercased() != drive.usableWWID?.lowercased() {
      return refuse("its world wide identifier is \(drive.usableWWID ?? "missing"), not \(wwid)")
    }
    let hasConsent = answers.consent.contains { $0.lowercased() == serial.lowercased() }
    if !judgement.state.needsNoConsent, !hasConsent {
      return refuse(
        judgement.reason,
        hint: "erase = [\"\(serial)\"] in [storage] consents to destroy what lies on it")
    }
    if !judgement.obstacles.isEmpty {
      return refuse(
        judgement.obstacles.joined(separator: "; "), hint: "consent does not change this")
    }
    let size = drive.content?.sizeBytes ?? 0
    if size < smallestDriveBytes {
      return refuse(
        "it has \(Units.capacity(size)); \(Units.capacity(smallestDriveBytes)) are needed at least")
    }
    if drive.blockBytes.map({ ![512, 1024, 2048, 4096].contains($0) }) ?? true {
      return refuse("its block size is \(drive.blockBytes.map { "\($0) bytes" } ?? "unknown")")
    }
    return .success((drive, judgement))
  }

  private static func makeIntent(
    _ answers: StorageAnswers, _ layout: StorageAnswers.Layout, _ drives: [DriveReading],
    _ identities: StorageIntent.Identities
  ) throws(Failure) -> StorageIntent {
    let largest = drives.map { GPTTable.largestPartition(driveBytes: $0.content?.sizeBytes ?? 0) }
    let array = layout == .plain ? nil : try identities.uuid()
    var intent = StorageIntent(
      answers: answers, drives: [], formatted: [], isComplete: false)
    if array != nil { intent.arrayFileSystemUUID = try identities.uuid() }
    for (drive, size) in zip(drives, largest) {
      intent.drives.append(
        StorageIntent.Drive(
          serial: drive.usableSerial ?? "", wwid: drive.usableWWID,
          diskUUID: try identities.uuid(), partitionUUID: try identities.uuid(),
          fileSystemUUID: array == nil ? try identities.uuid() : nil, arrayUUID: array,
          // The same in all members: a RAID0 of unequal ones has zones, which kernels lay out in two ways
          // (md(4), RAID0 layouts).
          partitionBytes: array == nil ? size : largest.min() ?? 0))
    }
    return intent
  }
}
