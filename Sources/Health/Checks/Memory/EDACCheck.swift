internal import Base
internal import Inventory

/// Memory errors that the memory controllers counted.
enum EDACCheck: Check {
  static let info = CheckInfo(
    id: "edac",
    title: "Memory errors (ECC)",
    area: .memory,
    harm: .dataAtRisk,
    why: """
      ECC memory corrects single bits and notices double ones. Now and then a bit flips in any \
      machine. A module that needs correcting every day will fail soon, and an error that could \
      not be corrected has already damaged data.
      """,
    reads: [
      "memory.controllers[*].correctedErrors, uncorrectedErrors, secondsSinceReset "
        + "(/sys/devices/system/edac/mc/mc*/{ce_count,ue_count,seconds_since_reset})"
    ],
    verdicts: [
      .pass: "nothing uncorrected, and less than one corrected error a day",
      .warn: "one corrected error a day or more; the first day counts whole",
      .fail: "an error that could not be corrected",
      .unknown: "no controller counts: no ECC memory, or its driver is not loaded",
      .notApplicable: "a guest: memory is the host's; a container, where no controller counts",
    ],
    fix: "Reseat the module whose errors are counted; replace it when they continue.",
    risk: "Opening the box. Note which module sits where before you move any.",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-devices-edac",
      "mcelog takes 10 corrected errors of a module in 24 hours for a fault",
      "rasdaemon takes 50 of a page in 24 hours (disagrees; it decides on pages, not modules)",
    ],
    needs: [.memory, .machine])

  static func evaluate(_ box: Box) -> [Finding] {
    if box.isVirtual { return [notApplicable("memory is the host's")] }
    let memory = box.inventory.memory
    if memory.controllers.isEmpty {
      let finding = unknown(
        "ECC reporting is not available",
        evidence: [
          Evidence(
            missing: "memory.controllers", key: "controllers", in: memory.unknown,
            path: "/sys/devices/system/edac/mc")
        ],
        advice: [
          Advice(
            "if the memory has ECC, load the driver and switch ECC on in the BIOS",
            commands: driver(box.inventory.processors), audience: .server)
        ])
      return skipInGuest(box, [finding])
    }
    return memory.controllers.map(judge)
  }

  /// How to load the driver of the processor's memory controllers (kernel: drivers/edac); none where
  /// it is not known.
  private static func driver(_ processors: Processors) -> [String] {
    if processors.isAMD == true { return ["modprobe amd64_edac"] }
    guard processors.vendor == "GenuineIntel", let model = processors.modelNumber else { return [] }
    switch model {
    case 0x2d, 0x3e, 0x3f, 0x4f, 0x56: return ["modprobe sb_edac"]
    case 0x55: return ["modprobe skx_edac"]
    case 0x6a, 0x6c, 0x8f, 0xad, 0xae, 0xaf, 0xcf: return ["modprobe i10nm_edac"]
    default: return []
    }
  }

  private static func judge(_ controller: MemoryController) -> Finding {
    let subject = Subject(controller.name)
    let base = "/sys/devices/system/edac/mc/\(controller.name)"
    func fact(_ key: String, _ value: Int?, _ file: String) -> Evidence {
      let name = "memory.controllers[\(controller.name)].\(key)"
      return value.map { Evidence(name, "\($0)", path: "\(base)/\(file)") }
        ?? Evidence(missing: name, key: key, in: controller.unknown, path: "\(base)/\(file)")
    }
    var evidence = [
      fact("uncorrectedErrors", controller.uncorrectedErrors, "ue_count"),
      fact("correctedErrors", controller.correctedErrors, "ce_count"),
    ]
    let modules = controller.modules.filter {
      ($0.correctedErrors ?? 0) > 0 || ($0.uncorrectedErrors ?? 0) > 0
    }.map { $0.label ?? $0.name }
    let place = modules.isEmpty ? "" : " (\(modules.prefix(3).joined(separator: ", ")))"
    let advice = [
      Advice(
        modules.isEmpty ? "find the module" : "reseat or replace \(modules[0])",
        commands: ["grep . \(base)/dimm*/dimm_{label,ce_count,ue_count}"],
        risk: "note which module sits where before you move any")
    ]
    if let errors = controller.uncorrectedErrors, errors > 0 {
      return fail(
        "\(errors) errors not corrected\(place)", subject, evidence: evidence,
        consequence: "data or a program was damaged each time", advice: advice)
    }
    if let errors = controller.correctedErrors, errors > 0 {
      evidence.append(
        fact("secondsSinceReset", controller.secondsSinceReset, "seconds_since_reset"))
      guard let seconds = controller.secondsSinceReset else {
        return warn(
          "\(errors) errors corrected\(place)", subject, evidence: evidence,
          consequence: "how many a day is not known", advice: advice)
      }
      // The first day counts whole: the errors of an hour are no rate.
      let days = Double(seconds) / 86_400
      let rate = Double(errors) / max(1, days)
      let time = days < 1 ? Units.duration(Double(seconds)) : "\(Text.tenths(days)) days"
      let text = "\(errors) corrected in \(time)"
      if rate < 1 { return pass(text, subject, evidence: evidence) }
      if days < 1 {
        return warn(
          "\(text)\(place)", subject, evidence: evidence,
          consequence: "if it goes on, a module on its way to errors that cannot be corrected",
          advice: advice)
      }
      return warn(
        "\(Text.tenths(rate)) errors corrected a day\(place)", subject, evidence: evidence,
        consequence: "\(text): a module on its way to errors that cannot be corrected",
        advice: advice)
    }
    if evidence.contains(where: \.isMissing) {
      return unknown("counters not read", subject, evidence: evidence)
    }
    return pass("no memory error", subject, evidence: evidence)
  }
}
