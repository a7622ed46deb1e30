internal import Base
internal import Inventory

/// Decides the state of each drive, from what was read. Pure. When in doubt, a drive is not blank.
package enum DriveJudge {
  /// The state of each drive, in the order given.
  /// - Parameters:
  ///   - drives: all drives of the machine: a serial counts when no other has it.
  ///   - intent: what this set-up has planned, so that what it wrote before a power cut is known as its own.
  package static func judge(
    _ drives: [DriveReading], intent: StorageIntent?
  ) -> [DriveJudgement] {
    drives.map { drive in
      let own = own(drive, intent)
      let (state, reason) = state(drive, among: drives, own)
      var judgement = DriveJudgement(
        drive, state, reason, obstacles: obstacles(drive, state == .ours ? own : nil),
        evidence: evidence(drive))
      if state == .ours { judgement.own = own }
      return judgement
    }
  }

  private static func state(
    _ drive: DriveReading, among drives: [DriveReading], _ own: OwnPart?
  ) -> (DriveState, String) {
    if drive.isSystem == true { return (.system, "the running system lies on it") }
    if let swap = drive.uses.first(where: { $0.kind == .swap }) {
      return (.system, "the running system swaps to \(swap.device)")
    }
    if let reason = ambiguity(drive, among: drives) { return (.ambiguous, reason) }
    if let reason = unreadable(drive) { return (.unreadable, reason) }
    guard let content = drive.content else { return (.unreadable, "nothing of it was read") }
    if let own { return (.ours, "\(own.rawValue) of this set-up lies on it, and nothing else") }
    if let reason = foreign(drive, content) { return (.foreign, reason) }
    if let reason = unproven(drive, content) { return (.unknownContent, reason) }
    return (.blank, "nothing lies on it: all that was read is zero, and nothing uses it")
  }

  private static func own(_ drive: DriveReading, _ intent: StorageIntent?) -> OwnPart? {
    guard let intent, let content = drive.content,
      let planned = intent.drives.first(where: { $0.matches(drive) })
    else { return nil }
    return OwnContent.part(drive, content, planned, isComplete: intent.isComplete)
  }

  /// A serial that is missing or that another drive has too: consent could not name the drive.
  private static func ambiguity(_ drive: DriveReading, among drives: [DriveReading]) -> String? {
    guard let serial = drive.usableSerial else {
      return drive.serial.map { !$0.isEmpty } == true
        ? "its serial '\(drive.serial ?? "")' says nothing" : "it reports no serial"
    }
    let others = drives.filter { $0.name != drive.name }
    let same = others.filter { $0.usableSerial?.lowercased() == serial.lowercased() }.map(\.name)
    if !same.isEmpty {
      return "the serial \(serial) is also that of \(same.joined(separator: ", "))"
    }
    guard let wwid = drive.usableWWID else { return nil }
    let twins = others.filter { $0.usableWWID?.lowercased() == wwid.lowercased() }.map(\.name)
    return twins.isEmpty
      ? nil : "the identifier \(wwid) is also that of \(twins.joined(separator: ", "))"
  }

  private static func unreadable(_ drive: DriveReading) -> String? {
    if case .failed(let reason) = drive.exclusive { return "it cannot be opened: \(reason)" }
    guard let content = drive.content else { return "nothing of it was read" }
    if !content.readErrors.isEmpty {
      return "it cannot be read " + content.readErrors.joined(separator: "; ")
    }
    if content.sizeBytes <= 0 { return "it reports a size of 0" }
    if let size = drive.sizeBytes, size != content.sizeBytes {
      return "the kernel says \(size) bytes, the device \(content.sizeBytes)"
    }
    return nil
  }

  private static func foreign(_ drive: DriveReading, _ content: DriveContent) -> String? {
    var reasons = inUse(drive)
    if !drive.partitions.isEmpty {
      reasons.append("the kernel knows partitions: \(drive.partitions.joined(separator: ", "))")
    }
    if !content.signatures.isEmpty {
      reasons.append(list(content.signatures.map(\.text)) + " found")
    }
    for opinion in drive.opinions {
      // What we found as well need not be said twice.
      let known = Set(content.signatures.map(\.type))
      let more = (opinion.signatures ?? []).filter { !known.contains($0.type) }
      if !more.isEmpty {
        reasons.append("\(opinion.program) finds \(list(more.map(\.type)))")
      }
    }
    if reasons.isEmpty, drive.exclusive == .busy {
      reasons.append("another program or the kernel holds it exclusively")
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// What keeps a drive without a known structure from being proven blank.
  private static func unproven(_ drive: DriveReading, _ content: DriveContent) -> String? {
    if let first = content.nonZero.first {
      return "no known structure, but it is not zero at byte \(first) (\(Units.capacity(first)))"
    }
    for name in ["wipefs", "blkid"] {
      guard let opinion = drive.opinions.first(where: { $0.program == name }) else {
        return "\(name) was not asked"
      }
      if let failure = opinion.failure { return "\(name) gives no second opinion: \(failure)" }
    }
    if let fact = drive.unknown.first {
      return "\(fact.fact) is unknown: \(fact.path): \(fact.reason)"
    }
    // One that is false was looked at; a drive of which this is unknown may be the system's.
    if drive.isSystem == nil { return "it is unknown whether the running system lies on it" }
    return nil
  }

  static func inUse(_ drive: DriveReading) -> [String] {
    drive.uses.compactMap { use in
      let target = use.target ?? "something"
      return switch use.kind {
      case .mount: "\(use.device) is mounted at \(target)"
      case .swap: "\(use.device) is swap"
      case .raid: "\(use.device) is in the array \(target)"
      case .deviceMapper: "\(use.device) is in the mapping \(target)"
      case .other: "\(use.device) is held by \(target)"
      case .idle: nil
      }
    }
  }

  /// What consent does not remove.
  private static func obstacles(_ drive: DriveReading, _ own: OwnPart?) -> [String] {
    // What was planned is in use when it was mounted or assembled before: no table is written then.
    var found = own == .content ? [] : inUse(drive)
    if drive.exclusive == .busy, found.isEmpty, own != .content {
      found.append("something holds it exclusively")
    }
    if drive.isReadOnly == true { found.append("the kernel has it read-only") }
    if drive.isRemovable == true { found.append("its medium is removable") }
    if drive.isSystem == nil {
      found.append("it is unknown whether the running system lies on it")
    }
    return found
  }

  private static func evidence(_ drive: DriveReading) -> [String] {
    var lines: [String] = []
    if let content = drive.content {
      let zero = content.nonZero.isEmpty && content.readErrors.isEmpty
      lines.append(
        "\(Units.capacity(content.readBytes)) read of \(Units.capacity(content.sizeBytes)): both ends"
          + (content.samples > 0 ? " and \(Units.count(content.samples, "sample"))" : "")
          + (zero ? ", all zero" : ""))
      lines += content.signatures.map(\.text)
    }
    for opinion in drive.opinions {
      let found = opinion.signatures.map { $0.isEmpty ? "nothing" : list($0.map(\.type)) }
      lines.append("\(opinion.program): " + (found ?? opinion.failure ?? "no answer"))
    }
    switch drive.exclusive {
    case .held: lines.append("held exclusively while it was read")
    case .busy: lines.append("could not be held exclusively")
    case .failed(let reason): lines.append("could not be opened: \(reason)")
    }
    return lines
  }

  private static func list(_ texts: [String]) -> String {
    let shown = texts.prefix(6).joined(separator: ", ")
    return texts.count > 6 ? "\(shown) and \(texts.count - 6) more" : shown
  }
}
