internal import Base
internal import Inventory

/// Whether the CPUs are asked for speed or for saving power.
enum GovernorCheck: Check {
  static let info = CheckInfo(
    id: "cpu-governor",
    title: "Frequency governor and energy preference",
    area: .processors,
    harm: .smallLoss,
    why: """
      A governor that saves power lets a core that was idle start slow. Feeding GPUs is short \
      bursts of work on many cores, which end before the clock has risen. With the drivers \
      amd-pstate-epp and intel_pstate the processor chooses its clock itself: there the energy \
      preference (EPP) decides, the governor is a hint, and the governor powersave is normal.
      """,
    reads: [
      "processors.frequency.drivers (cpufreq/policyN/scaling_driver)",
      "processors.frequency.governors (scaling_governor)",
      "processors.frequency.energyPreferences (energy_performance_preference)",
      "processors.online",
    ],
    verdicts: [
      .pass: "the governor performance, or the preference performance where that decides",
      .warn: "anything else on a server",
      .notApplicable: "anything else on a desktop or a portable machine, or in a guest",
      .unknown: "governor, preference or driver of a running CPU is not known",
    ],
    fix: "cpupower frequency-set -g performance; it lasts until the next boot.",
    risk: "More power while idle, some watts a socket.",
    sources: [
      "kernel: Documentation/admin-guide/pm/amd-pstate.rst, active mode",
      "kernel: Documentation/admin-guide/pm/intel_pstate.rst, energy performance preference",
      "TuneD 2.20, profile accelerator-performance: governor performance",
    ],
    needs: [.machine, .processors, .gpus])

  /// Drivers with which the processor chooses its clock by the energy preference.
  private static let preferenceDrivers: Set<String> = ["amd-pstate-epp", "intel_pstate"]

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    guard let frequency = box.inventory.processors.frequency else { return noFrequency(box) }
    let drivers = CPUGroups(frequency.drivers)
    // The fast and the other CPUs, each by what decides with its driver.
    var fast = NumberSet()
    var slow: Set<String> = []
    var usesPreference = false
    var usesGovernor = false
    for (driver, cpus) in drivers.groups {
      let byPreference = preferenceDrivers.contains(driver)
      usesPreference = usesPreference || byPreference
      usesGovernor = usesGovernor || !byPreference
      let settings = byPreference ? frequency.energyPreferences : frequency.governors
      for (setting, members) in settings {
        let members = members.intersection(cpus)
        if setting == "performance" {
          fast.formUnion(members)
        } else if !members.isEmpty {
          slow.insert((byPreference ? "energy preference " : "governor ") + setting)
        }
      }
    }
    let evidence = evidence(
      box, frequency, drivers, usesPreference: usesPreference, usesGovernor: usesGovernor)
    if !slow.isEmpty {
      return warn(
        slow.sorted().joined(separator: ", "), evidence: evidence,
        consequence: consequence(frequency), advice: advice(usesPreference))
    }
    if let online = box.inventory.processors.online, !online.isEmpty, online.isSubset(of: fast) {
      return pass(
        usesPreference && !usesGovernor ? "energy preference performance" : "performance",
        evidence: evidence)
    }
    // intel_pstate on processors before Skylake: the governor is all there is to set.
    if frequency.energyPreferences.isEmpty, Array(frequency.drivers.keys) == ["intel_pstate"],
      Array(frequency.governors.keys) == ["performance"]
    {
      return notApplicable("no energy preference; governor performance", evidence: evidence)
    }
    return unknown("not known of all CPUs", evidence: evidence)
  }

  private static func evidence(
    _ box: Box, _ frequency: Processors.Frequency, _ drivers: CPUGroups, usesPreference: Bool,
    usesGovernor: Bool
  ) -> [Evidence] {
    func cite(_ groups: CPUGroups, _ key: String, _ file: String) -> Evidence {
      let path = "/sys/devices/system/cpu/cpufreq/policy*/" + file
      return groups.groups.isEmpty
        ? missingProcessor(box, "frequency." + key, path)
        : Evidence("processors.frequency." + key, groups.description, path: path)
    }
    var evidence = [
      onlineEvidence(box) ?? missingProcessor(box, "online", "/sys/devices/system/cpu/online"),
      cite(drivers, "drivers", "scaling_driver"),
    ]
    if usesPreference {
      evidence.append(
        cite(
          CPUGroups(frequency.energyPreferences), "energyPreferences",
          "energy_performance_preference"))
    }
    if usesGovernor {
      evidence.append(cite(CPUGroups(frequency.governors), "governors", "scaling_governor"))
    }
    return evidence
  }

  private static func consequence(_ frequency: Processors.Frequency) -> String {
    if frequency.governors["powersave"] != nil,
      frequency.drivers["acpi-cpufreq"] != nil, let low = frequency.minimumHertz,
      let high = frequency.maximumHertz, high > 0
    {
      return "with acpi-cpufreq powersave keeps the lowest clock for good, "
        + "\(Text.percent(low, of: high)) of the highest"
    }
    return "a core that was idle starts slow and speeds up while it works"
  }

  private static func advice(_ usesPreference: Bool) -> [Advice] {
    [
      Advice(
        "ask for speed, until the next boot",
        commands: usesPreference
          ? [
            "cpupower frequency-set -g performance",
            "echo performance | tee "
              + "/sys/devices/system/cpu/cpufreq/policy*/energy_performance_preference",
          ] : ["cpupower frequency-set -g performance"],
        risk: "more power while idle"),
      Advice(
        "keep it over boots with TuneD", commands: ["tuned-adm profile accelerator-performance"],
        risk: "the profile also asks for idle states no deeper than 99 µs"),
    ]
  }
}
