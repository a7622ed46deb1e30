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
      "processors.frequency.boost (cpufreq/boost, or the opposite of intel_pstate/no_turbo)",
      "processors.frequency.boostGain (cpuN/acpi_cppc/{highest_perf,nominal_perf})",
      "processors.vendor",
    ],
    verdicts: [
      .pass: "on; off, where no core has more than 5 % above its base",
      .warn: "off on a server",
      .notApplicable: "off on a desktop or a portable machine, or in a guest",
      .unknown: "the driver has no such switch, or it could not be read; off, and what the cores "
        + "have above their base is not known",
    ],
    fix: "echo 1 > /sys/devices/system/cpu/cpufreq/boost; BIOS: Core Performance Boost = Auto.",
    risk: "More power and heat under load; measurements vary more.",
    sources: [
      "kernel: Documentation/admin-guide/pm/cpufreq.rst, frequency boost support",
      "kernel: Documentation/admin-guide/pm/intel_pstate.rst, no_turbo",
      "ACPI 6.5, 8.4.6.1: highest performance is that of a core under ideal conditions, nominal "
        + "that which all can keep",
    ],
    needs: [.machine, .processors, .gpus])

  /// A core's highest performance over its nominal one from which boost is missed.
  private static let leastGain = 1.05

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let drivers = box.inventory.processors.frequency?.drivers ?? [:]
    let isIntel = drivers["intel_pstate"] != nil || drivers["intel_cpufreq"] != nil
    let path =
      "/sys/devices/system/cpu/" + (isIntel ? "intel_pstate/no_turbo" : "cpufreq/boost")
    guard let frequency = box.inventory.processors.frequency else { return noFrequency(box) }
    guard let boost = frequency.boost else {
      return unknown(
        "unknown whether it is on", evidence: [missingProcessor(box, "frequency.boost", path)])
    }
    var evidence = [
      Evidence("processors.frequency.boost", boost ? "on" : "off", path: path)
    ]
    if boost { return pass("on", evidence: evidence) }
    // Each core is compared with its own highest: the fast and the slow cores of a processor have
    // clocks of their own.
    let gain = frequency.boostGain
    let gainPath = "/sys/devices/system/cpu/cpu*/acpi_cppc/highest_perf"
    if let gain {
      evidence.append(
        Evidence(
          "processors.frequency.boostGain", Text.decimal(gain, places: 2) + " of the nominal",
          path: gainPath))
      if gain <= leastGain {
        let share = Text.percent(1 / max(gain, 1))
        return pass("off; without it the cores reach \(share) of their highest", evidence: evidence)
      }
    }
    let isX86 = box.inventory.processors.isX86
    guard gain != nil || isX86 == true else {
      return unknown(
        "off; what the cores have above their base is not known",
        evidence: evidence + [missingProcessor(box, "frequency.boostGain", gainPath)])
    }
    return warn(
      "off: no core clocks above its base", evidence: evidence,
      consequence: gain.map {
        "single threads reach \(Text.percent(1 / $0)) of what the best core can"
      }
        ?? "single threads run at the base clock, which is often two thirds of the boost clock "
        + "or less",
      advice: [
        Advice(
          "switch it on, until the next boot",
          commands: [isIntel ? "echo 0 > \(path)" : "echo 1 > \(path)"],
          risk: "more power and heat under load"),
        Advice(
          "where the switch refuses, in the BIOS: "
            + (box.inventory.processors.isAMD == true ? "Core Performance Boost" : "Turbo Mode")
            + " = Auto",
          needsReboot: true),
      ])
  }
}
