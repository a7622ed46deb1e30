internal import Inventory

/// Spare blocks, critical warnings and media errors of NVMe drives.
enum NVMeSpareCheck: Check {
  static let info = CheckInfo(
    id: "nvme-spare",
    title: "NVMe spare blocks, warnings and media errors",
    area: .storage,
    harm: .dataAtRisk,
    why: """
      A drive replaces worn blocks from a reserve. When the reserve runs out, blocks are lost or \
      the drive turns read only. The drive warns of that itself, and of heat, of a backup \
      capacitor that failed, and it counts the data that it could not read back.
      """,
    reads: [
      "nvme[*].health.criticalWarning, availableSpare, spareThreshold, mediaErrors (SMART log)"
    ],
    verdicts: [
      .pass: "no warning, no media error, spare above its threshold by 10 points or more",
      .warn: "too hot by its own limit, media errors, or spare within 10 points of its threshold",
      .fail: "spare below its threshold, reliability degraded, read only, or backup failed",
      .unknown:
        "the log was not read: it needs root; or the drive keeps no count of its spare, or one "
        + "above 100 %",
      .notApplicable: "no NVMe drive, or an emulated one",
    ],
    fix: "Save the data and replace the drive.",
    risk: "None in looking. Do not run tests that write on a drive that warns.",
    sources: ["NVM Express Base Specification, SMART / Health Information (log page 02h)"],
    needs: [.nvme, .pciDetail])

  private static let warnings = [
    "spare blocks below threshold", "temperature out of range", "reliability degraded",
    "read only", "volatile memory backup failed", "persistent memory unreliable",
  ]

  static func evaluate(_ box: Box) -> [Finding] {
    eachDrive(box) { drive, subject in
      guard let health = drive.health else { return noHealth(drive, subject) }
      let bits = health.criticalWarning
      var words = warnings.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
      if bits & ~0x3f != 0 { words.append("reserved bits 0x" + String(bits & ~0x3f, radix: 16)) }
      let media = Text.count(health.mediaErrors)
      let evidence = [
        self.health(
          drive, "criticalWarning", words.isEmpty ? "none" : words.joined(separator: ", ")),
        share(drive, "availableSpare", health.availableSpare),
        share(drive, "spareThreshold", health.spareThreshold),
        self.health(drive, "mediaErrors", media),
      ]
      let replace = Advice("save what is on it and replace the drive")
      if bits & ~2 != 0 {
        return fail(
          words.joined(separator: ", "), subject, evidence: evidence,
          consequence: "the drive reports that it is no longer reliable", advice: [replace])
      }
      let left = health.availableSpare
      let threshold = health.spareThreshold
      let spare = left.map { Text.percent($0) } ?? "not known"
      if let left, let threshold, left < threshold {
        return fail(
          "spare \(spare), below its threshold", subject, evidence: evidence,
          consequence: "the next worn blocks have no replacement", advice: [replace])
      }
      if health.mediaErrors > 0 {
        return warn(
          "data lost \(media) times", subject, evidence: evidence,
          consequence: "the drive could not read back data this many times",
          advice: [
            Advice("compare files with their originals; plan to replace the drive"),
            Advice(
              "read the drive's own log", commands: ["nvme error-log /dev/\(drive.name)"]),
          ])
      }
      if bits & 2 != 0 {
        return warn(
          "too hot by its own limit", subject, evidence: evidence,
          consequence: "it slows down to protect itself", advice: [Advice("give it air")])
      }
      guard let left, let threshold else {
        return unknown("spare not known", subject, evidence: evidence)
      }
      if left == 0, threshold == 0 {
        // The drive keeps no count, as emulated drives: nothing is left, and that is no fault.
        return box.isVirtual
          ? notApplicable("a virtual machine's drive", subject, evidence: evidence)
          : unknown("keeps no count of its spare", subject, evidence: evidence)
      }
      if left - threshold < 0.1 {
        return warn(
          "spare \(spare), near its threshold", subject, evidence: evidence,
          consequence: "below the threshold the drive may turn read only", advice: [replace])
      }
      return pass("spare \(spare), no warning", subject, evidence: evidence)
    }
  }

  /// A share of the log; missing where the drive reported an impossible one.
  private static func share(_ drive: NVMeController, _ key: String, _ value: Double?) -> Evidence {
    if let value { return health(drive, key, Text.percent(value)) }
    return Evidence(
      missing: "nvme[\(drive.name)].health.\(key)", key: "health.\(key)", in: drive.unknown,
      path: "SMART log")
  }
}
