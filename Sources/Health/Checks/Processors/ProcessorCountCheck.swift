internal import Base
internal import Inventory

/// Whether all sockets and cores are there and run.
enum ProcessorCountCheck: Check {
  static let info = CheckInfo(
    id: "cpu-count",
    title: "Sockets, cores, offline and isolated CPUs",
    area: .processors,
    harm: .largeLoss,
    why: """
      A processor that did not come up takes its memory channels and PCI Express lanes with it. \
      CPUs that are offline or isolated run nothing by themselves: fine when wanted, and easily \
      left over from an experiment.
      """,
    reads: [
      "processors.packages (cpuN/topology)",
      "processors.offline (present less online, as offline says)",
      "processors.smtControl (smt/control)", "processors.isolated (cpu/isolated)",
      "machine.kernel.commandLine",
    ],
    verdicts: [
      .pass: "as many as the profile says; none offline; isolated as the command line asks",
      .warn: "CPUs offline for no reason seen, more cores than the profile says, or CPUs not "
        + "isolated that isolcpus= names",
      .fail: "fewer sockets or cores than the profile says",
      .notApplicable: "no profile to count against; a guest",
      .unknown: "sockets, cores or sets could not be read, or contradict each other",
    ],
    fix: """
      Missing: reseat the processor, look into the BIOS (downcore, CCD control). Offline: \
      echo 1 > /sys/devices/system/cpu/cpuN/online.
      """,
    risk: "None beyond those of opening the machine.",
    sources: [
      "kernel: Documentation/core-api/cpu_hotplug.rst",
      "kernel: Documentation/admin-guide/kernel-parameters.txt, isolcpus=",
    ],
    needs: [.machine, .processors])

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, [count(box), offline(box), isolated(box)])
  }

  private static func count(_ box: Box) -> Finding {
    let subject = Subject("cores")
    let packages = box.inventory.processors.packages
    let path = "/sys/devices/system/cpu/cpu*/topology"
    guard let profile = box.profile, profile.packageCount != nil || profile.coreCount != nil else {
      return notApplicable("no profile says how many", subject)
    }
    if packages.isEmpty {
      return unknown(
        "sockets not known", subject, evidence: [missingProcessor(box, "packages", path)])
    }
    let cores = CheckedNumbers.sum(packages.map(\.coreCount))
    let found = "\(Text.count(packages.count, "socket")), \(Text.count(cores, "core"))"
    let evidence = [Evidence("processors.packages", found, path: path)]
    let wanted = [
      profile.packageCount.map { Text.count($0, "socket") },
      profile.coreCount.map { Text.count($0, "core") },
    ].compactMap { $0 }.joined(separator: ", ")
    let sockets = profile.packageCount ?? packages.count
    let all = profile.coreCount ?? cores
    if packages.count < sockets || cores < all {
      return fail(
        "\(found), expected \(wanted)", subject, evidence: evidence,
        consequence: packages.count < sockets
          ? "memory and devices of the missing socket are gone with it"
          : "\(Text.percent(cores, of: all)) of the cores",
        advice: [
          Advice(
            "look for offline CPUs, then in the BIOS: CCD Control, Core Control, Downcore; then "
              + "reseat the processor",
            commands: ["cat /sys/devices/system/cpu/offline", "dmesg | grep -i smpboot"],
            risk: "reseating: bent contacts")
        ])
    }
    if packages.count > sockets || cores > all {
      return warn(
        "\(found), expected \(wanted)", subject, evidence: evidence,
        advice: [Advice("if the processor was replaced, learn the profile anew")])
    }
    return pass(found, subject, evidence: evidence)
  }

  private static func offline(_ box: Box) -> Finding {
    let subject = Subject("offline CPUs")
    let processors = box.inventory.processors
    guard let offline = processors.offline else {
      return unknown(
        "not known", subject,
        evidence: [missingProcessor(box, "offline", "/sys/devices/system/cpu/present")])
    }
    var evidence = [
      Evidence(
        "processors.offline", offline.isEmpty ? "none" : "\(offline)",
        path: "/sys/devices/system/cpu/offline")
    ]
    if offline.isEmpty { return pass("none", subject, evidence: evidence) }
    if let control = processors.smtControl, control == "off" || control == "forceoff" {
      // Switching SMT off takes one thread of each core away, and nothing else.
      let path = "/sys/devices/system/cpu/smt/control"
      evidence.append(Evidence("processors.smtControl", control, path: path))
      if offline.count == processors.cores.count {
        return notApplicable("second threads: SMT is off", subject, evidence: evidence)
      }
    }
    return warn(
      "\(offline) do not run", subject, evidence: evidence,
      consequence: "\(offline.count) of \(processors.present?.count ?? offline.count) CPUs unused",
      advice: [
        Advice(
          "bring them back",
          commands: ["chcpu -e \(offline)"], risk: "none; a fault may have taken them: read dmesg"
        )
      ])
  }

  private static func isolated(_ box: Box) -> Finding {
    let subject = Subject("isolated CPUs")
    guard let line = box.inventory.machine.kernel.commandLine else {
      return unknown(
        "command line not known", subject,
        evidence: [
          Evidence(
            missing: "machine.kernel.commandLine", key: "kernel.commandLine",
            in: box.inventory.machine.unknown, path: "/proc/cmdline")
        ])
    }
    let isolated = box.inventory.processors.isolated
    let path = "/sys/devices/system/cpu/isolated"
    let asked = requested(line)
    let request = Evidence(
      "machine.kernel.commandLine", asked.map { "isolcpus=\($0)" } ?? "no isolcpus=",
      path: "/proc/cmdline")
    guard let asked else {
      return notApplicable("isolcpus= not used", subject, evidence: [request])
    }
    guard let isolated, let online = box.inventory.processors.online,
      let onlineEvidence = onlineEvidence(box)
    else {
      return unknown(
        "not known", subject, evidence: [request, missingProcessor(box, "isolated", path)])
    }
    let evidence = [
      request,
      Evidence("processors.isolated", isolated.isEmpty ? "none" : "\(isolated)", path: path),
      onlineEvidence,
    ]
    let lacking = asked.intersection(online).subtracting(isolated)
    if lacking.isEmpty { return pass("\(isolated)", subject, evidence: evidence) }
    return warn(
      "\(lacking) not isolated, though isolcpus= asks", subject, evidence: evidence,
      consequence: "the scheduler puts other work on CPUs meant to be kept free",
      advice: [
        Advice(
          "use cpuset partitions instead of isolcpus=, which is deprecated and lasts until reboot",
          risk: "other programs may then run on these CPUs")
      ])
  }

  /// CPUs that `isolcpus=` takes from the scheduler; nil when it is not used for that.
  static func requested(_ commandLine: String) -> NumberSet? {
    guard let option = commandLine.split(separator: " ").last(where: { $0.hasPrefix("isolcpus=") })
    else { return nil }
    var words = option.dropFirst(9).split(separator: ",")
    var flags: Set<Substring> = []
    while let first = words.first, ["domain", "nohz", "managed_irq"].contains(first) {
      flags.insert(words.removeFirst())
    }
    if !flags.isEmpty, !flags.contains("domain") { return nil }
    let set = NumberSet(list: words.joined(separator: ","))
    return set.flatMap { $0.isEmpty ? nil : $0 }
  }
}
