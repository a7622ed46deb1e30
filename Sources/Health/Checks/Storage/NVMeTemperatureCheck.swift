internal import Base
internal import Inventory

/// Whether NVMe drives are near the temperature that they call critical.
enum NVMeTemperatureCheck: Check {
  static let info = CheckInfo(
    id: "nvme-temperature",
    title: "NVMe temperature",
    area: .storage,
    harm: .largeLoss,
    why: """
      A hot drive slows itself down before it harms itself, to a fraction of its speed. Drives \
      between GPUs get their warm air. Each drive reports its own limit; only its composite \
      temperature is meant to be compared with it.
      """,
    reads: ["nvme[*].temperatures: Composite and its critical limit (hwmon temp1)"],
    verdicts: [
      .pass: "more than 5 degrees below its limit", .warn: "within 5 degrees of its limit",
      .fail: "at its limit or above", .unknown: "no reading, or the drive reports no limit",
      .notApplicable: "no NVMe drive, or a virtual one without a sensor",
    ],
    fix: "Air flow over the drive, a heat sink, another slot.",
    risk: "None.",
    sources: [
      "NVM Express Base Specification: composite temperature, critical threshold (CCTEMP)",
      "kernel: drivers/nvme/host/hwmon.c",
    ],
    needs: [.nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    eachDrive(box) { drive, subject in
      let fact = "nvme[\(drive.name)].temperatures"
      let path = "/sys/class/nvme/\(drive.name)/hwmon*/temp1_input"
      guard let composite = drive.temperatures.first(where: { $0.label == "Composite" }),
        let limit = composite.criticalCelsius, limit > 0
      else {
        if box.isVirtual { return notApplicable("a virtual machine's drive", subject) }
        let reason =
          drive.temperatures.isEmpty ? "no reading" : "the drive reports no critical limit"
        let noted = drive.unknown.first { $0.fact == "temperatures" }
        return unknown(
          noted == nil ? reason : "not read", subject,
          evidence: [
            Evidence(missing: fact, path: noted?.path ?? path, reason: noted?.reason ?? reason)
          ])
      }
      func degrees(_ value: Double) -> String { "\(Text.count(value.rounded())) °C" }
      let text = "\(degrees(composite.celsius)), critical at \(degrees(limit))"
      let evidence = [Evidence(fact, "Composite \(text)", path: path)]
      let advice = [Advice("give it air or a heat sink; a slot away from the GPUs helps most")]
      if composite.celsius >= limit {
        return fail(
          text, subject, evidence: evidence,
          consequence: "it slows down to a fraction, and may switch itself off", advice: advice)
      }
      if composite.celsius > limit - 5 {
        return warn(
          text, subject, evidence: evidence,
          consequence: "under load it will slow down to protect itself", advice: advice)
      }
      return pass(text, subject, evidence: evidence)
    }
  }
}
