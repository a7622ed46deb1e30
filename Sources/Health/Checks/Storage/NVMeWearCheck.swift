internal import Inventory

/// How much of an NVMe drive's rated life is used.
enum NVMeWearCheck: Check {
  static let info = CheckInfo(
    id: "nvme-wear",
    title: "NVMe wear",
    area: .storage,
    harm: .dataAtRisk,
    why: """
      Flash wears by being written. The drive estimates how much of its rated life is used. At \
      100 % nothing breaks at once, but the maker no longer promises that data stays when the \
      power is off, and the warranty has ended.
      """,
    reads: ["nvme[*].health.lifeUsed, powerOnHours (SMART log)"],
    verdicts: [
      .pass: "less than 80 % used", .warn: "80 % or more of the rated life is used",
      .unknown: "the log was not read: it needs root", .notApplicable: "no NVMe drive",
    ],
    fix: "Plan the replacement; write less, or to a drive made for it.",
    risk: "None.",
    sources: [
      "NVM Express Base Specification, Percentage Used: 100 may not indicate a failure"
    ],
    needs: [.nvme, .pciDetail])

  static func evaluate(_ box: Box) -> [Finding] {
    eachDrive(box) { drive, subject in
      guard let health = drive.health else { return noHealth(drive, subject) }
      let used = Text.percent(health.lifeUsed)
      let evidence = [
        self.health(drive, "lifeUsed", used),
        self.health(drive, "powerOnHours", Text.count(health.powerOnHours)),
      ]
      if health.lifeUsed < 0.8 {
        return pass("\(used) of its life used", subject, evidence: evidence)
      }
      var consequence = "past its rated life: it may fail, and its warranty has ended"
      if health.lifeUsed < 1 {
        let days = health.powerOnHours * (1 - health.lifeUsed) / health.lifeUsed / 24
        consequence =
          "at its pace so far the rest lasts \(Text.count(days.rounded())) days of running"
      }
      return warn(
        "\(used) of its rated life used", subject, evidence: evidence, consequence: consequence,
        advice: [Advice("plan its replacement, and keep no only copy on it")])
    }
  }
}
