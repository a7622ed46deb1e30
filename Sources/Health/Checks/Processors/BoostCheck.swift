internal import Inventory

/// Whether cores may clock above their base.
enum BoostCheck: Check {
  static let info = CheckInfo(
    id: "cpu-boost",
    title: "Processor boost",
    area: .processors,
    harm: .largeLoss,
    why: """
      With boost a core may run above the base clock as long as power and temperature allow. \
      One thread that feeds a GPU gains all of it. Boost is switched off to save power or to \
      make measurements even, and then forgotten.
      """,
    reads: [
      "processors.frequency.boost (cpufreq/boost, or the opposite of intel_pstate/no_turbo)"
    ],
    verdicts: [
      .pass: "on",
      .warn: "off on a server",
      .notApplicable: "off on a desktop or a portable machine, or in a guest",
      .unknown: "the driver has no such switch, or it could not be read",
    ],
    fix: "echo 1 > /sys/devices/system/cpu/cpufreq/boost; BIOS: Core Performance Boost = Auto.",
    risk: "More power and heat under load; measurements vary more.",
    sources: [
      "kernel: Documentation/admin-guide/pm/cpufreq.rst, frequency boost support",
      "kernel: Documentation/admin-guide/pm/intel_pstate.rst, no_turbo",
    ],
    needs: [.machine, .processors, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    hostsBusiness(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let drivers = box.inventory.processors.frequency?.drivers ?? [:]
    let isIntel = drivers["intel_pstate"] != nil || drivers["intel_cpufreq"] != nil
    let path =
      "/sys/devices/system/cpu/" + (isIntel ? "intel_pstate/no_turbo" : "cpufreq/boost")
    guard let frequency = box.inventory.processors.frequency else { return noFrequency(box) }
    guard let boost = frequency.boost else {
      return unknown(
        "cannot tell whether it is on", evidence: [missingProcessor(box, "frequency.boost", path)])
    }
    let evidence = [
      Evidence("processors.frequency.boost", boost ? "on" : "off", path: path)
    ]
    if boost { return pass("on", evidence: evidence) }
    return warn(
      "off: no core clocks above its base", evidence: evidence,
      consequence: "single threads run at the base clock, which is often two thirds of the boost "
        + "clock or less",
      advice: [
        Advice(
          "switch it on, until the next boot",
          commands: [isIntel ? "echo 0 > \(path)" : "echo 1 > \(path)"],
          risk: "more power and heat under load"),
        Advice(
          "where the switch refuses, in the BIOS: Core Performance Boost (or Turbo Mode) = Auto",
          needsReboot: true),
      ])
  }
}
