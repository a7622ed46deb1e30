internal import Inventory

/// Known faults of drive firmware, and drives of one model with different firmware.
enum NVMeFirmwareCheck: Check {
  static let info = CheckInfo(
    id: "nvme-firmware",
    title: "NVMe firmware",
    area: .storage,
    harm: .dataAtRisk,
    why: """
      Some firmware revisions lose drives: they lock themselves to read only or stop answering, \
      and an update afterwards comes too late. Drives of one model with different revisions differ \
      in speed and in faults, which makes an array hard to understand.
      """,
    reads: [
      "nvme[*].model, nvme[*].firmware (/sys/class/nvme/nvme*/{model,firmware_rev})",
      "the list of known faults that comes with the program",
    ],
    verdicts: [
      .pass: "a model on the list, with a revision that is not",
      .warn: "a revision with a known fault, or several revisions among drives of one model",
      .fail: "a revision with a known fault that loses data or the drive",
      .notApplicable: "no NVMe drive, or no fault of its model is on the list",
    ],
    fix: "Update the firmware with the maker's tool, or nvme-cli where the maker gives a file.",
    risk: "An update may fail and take the drive with it: save the data first.",
    sources: ["the source of each entry, in the finding"],
    needs: [.nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    eachDrive(box) { drive, subject in judge(drive, subject, box.advisories.nvme) }
      + mixtures(box.inventory.drives)
  }

  private static func judge(
    _ drive: NVMeController, _ subject: Subject, _ list: [Advisories.DriveFirmware]
  ) -> Finding {
    let model = fact(drive, "model", drive.model, "model")
    let firmware = fact(drive, "firmware", drive.firmware, "firmware_rev")
    guard let name = drive.model, let revision = drive.firmware else {
      return unknown("model or firmware not known", subject, evidence: [model, firmware])
    }
    let known = list.filter { name.hasPrefix($0.modelPrefix) }
    if let fault = known.first(where: { $0.affected.contains(revision) }) {
      let advice = [
        Advice(
          "update to \(fault.fixed) or later with the maker's tool",
          commands: ["nvme fw-log /dev/\(drive.name)"],
          risk: "save the data first: an update may fail and take the drive with it",
          needsReboot: true),
        Advice("read about it: \(fault.source)"),
      ]
      let evidence = [model, firmware]
      return fault.losesData
        ? fail(
          "firmware \(revision) has a known fault", subject, evidence: evidence,
          consequence: fault.fault, advice: advice)
        : warn(
          "firmware \(revision) has a known fault", subject, evidence: evidence,
          consequence: fault.fault, advice: advice)
    }
    if known.isEmpty {
      return notApplicable(
        "no fault of this model is listed", subject, evidence: [model, firmware])
    }
    return pass("\(revision) has no listed fault", subject, evidence: [model, firmware])
  }

  private static func mixtures(_ drives: [NVMeController]) -> [Finding] {
    var order: [String] = []
    var byModel: [String: [NVMeController]] = [:]
    for drive in drives where drive.firmware != nil {
      guard let model = drive.model else { continue }
      if byModel[model] == nil { order.append(model) }
      byModel[model, default: []].append(drive)
    }
    return order.compactMap { model in
      let group = byModel[model] ?? []
      let revisions = Set(group.compactMap(\.firmware)).sorted()
      guard revisions.count > 1 else { return nil }
      return warn(
        "\(group.count) drives, firmware \(revisions.joined(separator: " and "))",
        Subject(model),
        evidence: group.map { fact($0, "firmware", $0.firmware, "firmware_rev") },
        consequence: "drives of one array may differ in speed and in faults",
        advice: [
          Advice(
            "bring them to the same revision, the newest if no fault of it is known",
            risk: "save the data first: an update may fail and take the drive with it",
            needsReboot: true)
        ])
    }
  }

  private static func fact(
    _ drive: NVMeController, _ key: String, _ value: String?, _ file: String
  ) -> Evidence {
    let path = "/sys/class/nvme/\(drive.name)/\(file)"
    let name = "nvme[\(drive.name)].\(key)"
    return value.map { Evidence(name, $0, path: path) }
      ?? Evidence(missing: name, key: key, in: drive.unknown, path: path)
  }
}
