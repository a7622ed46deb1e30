internal import Base
internal import Inventory

/// Whether the kernel scales frequencies with the driver that knows all the processor offers.
enum FrequencyDriverCheck: Check {
  static let info = CheckInfo(
    id: "cpu-driver",
    title: "Frequency scaling driver",
    area: .processors,
    harm: .smallLoss,
    why: """
      acpi-cpufreq knows only the few clock steps of the firmware's tables, often three. \
      amd-pstate asks the processor itself, in fine steps up to its boost clock. It needs \
      a processor from Zen 2 on and firmware that offers CPPC. EPYC 7001 and 7002 may offer \
      acpi-cpufreq only, and recent kernels leave servers with it by their own choice: that \
      amd-pstate is possible shows only where the kernel has it and it is switched off.
      """,
    reads: [
      "processors.frequency.drivers (cpufreq/policyN/scaling_driver)",
      "processors.frequency.amdPstateStatus (amd_pstate/status)",
      "processors.vendor, processors.family, processors.modelNumber (/proc/cpuinfo)",
      "machine.kernel.commandLine",
    ],
    verdicts: [
      .pass: "a driver that asks the processor: amd-pstate, intel_pstate, cppc_cpufreq",
      .warn: "acpi-cpufreq on a server whose amd-pstate is switched off",
      .notApplicable: "acpi-cpufreq, and nothing shows that another driver is possible; a guest",
      .unknown: "the driver of a running CPU is not known",
    ],
    fix: "amd_pstate=active (or guided) on the kernel's command line, CPPC enabled in the BIOS.",
    risk: "Clocks and idle power change; measure both ways.",
    sources: [
      "kernel: Documentation/admin-guide/pm/amd-pstate.rst, kernel parameters",
      "kernel: drivers/cpufreq/amd-pstate.c, amd_pstate_init: needs the ACPI object _CPC",
    ],
    needs: [.machine, .processors, .gpus])

  private static let modern: Set<String> = [
    "amd-pstate", "amd-pstate-epp", "intel_pstate", "intel_cpufreq", "cppc_cpufreq",
  ]

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let processors = box.inventory.processors
    guard let frequency = processors.frequency else { return noFrequency(box) }
    let path = "/sys/devices/system/cpu/cpufreq/policy*/scaling_driver"
    let drivers = CPUGroups(frequency.drivers)
    guard !drivers.groups.isEmpty, let online = processors.online, !online.isEmpty,
      online.isSubset(of: drivers.cpus), let onlineEvidence = onlineEvidence(box)
    else {
      return unknown(
        "driver not known of all CPUs",
        evidence: [
          processors.online == nil
            ? missingProcessor(box, "online", "/sys/devices/system/cpu/online")
            : missingProcessor(box, "frequency.drivers", path)
        ])
    }
    var evidence = [
      onlineEvidence, Evidence("processors.frequency.drivers", drivers.description, path: path),
    ]
    if drivers.groups.allSatisfy({ modern.contains($0.name) }) {
      return pass(drivers.description, evidence: evidence)
    }
    guard drivers.groups.contains(where: { $0.name == "acpi-cpufreq" }),
      hasCPPC(processors), let off = switchedOff(box)
    else {
      return notApplicable(
        "\(drivers.description): no better one is known possible", evidence: evidence)
    }
    evidence.append(off)
    return warn(
      "acpi-cpufreq, and amd-pstate is switched off", evidence: evidence,
      consequence: "clocks in the few steps of the firmware's tables only",
      advice: [
        Advice(
          "add amd_pstate=active to the kernel's command line; BIOS: CPPC enabled",
          risk: "clocks and idle power change: measure both ways", needsReboot: true)
      ])
  }

  /// Zen 2 and later: family 23 from model 0x30 on, and all later families.
  private static func hasCPPC(_ processors: Processors) -> Bool {
    guard processors.vendor == "AuthenticAMD", let family = processors.family else { return false }
    return family > 23 || family == 23 && (processors.modelNumber ?? 0) >= 0x30
  }

  /// What shows that the kernel has amd-pstate and somebody turned it off.
  private static func switchedOff(_ box: Box) -> Evidence? {
    if box.inventory.processors.frequency?.amdPstateStatus == "disable" {
      return Evidence(
        "processors.frequency.amdPstateStatus", "disable",
        path: "/sys/devices/system/cpu/amd_pstate/status")
    }
    let words = box.inventory.machine.kernel.commandLine?.split(separator: " ") ?? []
    guard words.contains("amd_pstate=disable") else { return nil }
    return Evidence("machine.kernel.commandLine", "amd_pstate=disable", path: "/proc/cmdline")
  }
}
