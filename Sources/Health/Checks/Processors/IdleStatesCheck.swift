internal import Base
internal import Inventory

/// How long a sleeping core may take to wake.
enum IdleStatesCheck: Check {
  static let info = CheckInfo(
    id: "c-states",
    title: "Idle states of the cores",
    area: .processors,
    harm: .smallLoss,
    why: """
      An idle core sleeps: the deeper its sleep state (C-state), the longer it takes to wake. By \
      the firmware's tables the C2 of an EPYC takes 100 to 800 µs, and a drive or network that \
      answers after 10 µs then waits for the core. Servers are delivered so, and for most loads it \
      is right: idle cores leave power for the busy ones to boost with. So this check accepts the \
      C2 of an EPYC and the C6 of a Xeon (up to 290 µs), and warns of other states that take \
      longer than 300 µs. Where latency matters, a program makes a latency request while it runs, \
      and no state has to be disabled.
      """,
    reads: [
      "processors.idle.states (cpuN/cpuidle/stateK/{name,latency,disable})", "processors.online",
      "processors.vendor",
    ],
    verdicts: [
      .pass: "no state that takes longer than 300 µs to leave is enabled, but for the C2 of AMD; "
        + "the summary names the deepest",
      .warn: "a deeper one is enabled on a server",
      .notApplicable: "a deeper one on a desktop or portable machine; a guest",
      .unknown: "states, their latency or where they are disabled is not known",
    ],
    fix: """
      A latency request held by the program that needs it (/dev/cpu_dma_latency), or \
      cpupower idle-set -D LATENCY; the BIOS options for C-states stay on Auto.
      """,
    risk: "Idle cores draw more power, which busy ones then lack for their boost clock.",
    sources: [
      "TuneD 2.20, profile accelerator-performance: a latency request of 99 µs",
      "ROCm, mi300x.rst: cpupower idle-set -d 2, the BIOS option on auto "
        + "(disagrees: disables the state)",
      "kernel: Documentation/admin-guide/pm/cpuidle.rst, power management quality of service",
      "kernel: drivers/idle/intel_idle.c: C6 of Sapphire Rapids takes 290 µs",
    ],
    needs: [.machine, .processors, .pciDetail, .gpus])

  /// Longest exit latency that is no warning, microseconds: as long as the slowest state that a
  /// server's processor enters as it is delivered.
  static let longestMicroseconds = 300

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let processors = box.inventory.processors
    let states = processors.idle?.states ?? []
    let path = "/sys/devices/system/cpu/cpu0/cpuidle"
    guard !states.isEmpty, let online = processors.online, let onlineEvidence = onlineEvidence(box)
    else {
      let key = states.isEmpty ? "idle.states" : "online"
      return unknown("idle states not known", evidence: [missingProcessor(box, key, path)])
    }
    let list = states.map { state in
      let latency = state.latencyMicroseconds.map { "\($0) µs" } ?? "?"
      let off = state.disabledCPUs.isEmpty ? "" : " (disabled on \(state.disabledCPUs))"
      return "\(state.name) \(latency)\(off)"
    }
    let evidence = [
      onlineEvidence,
      Evidence("processors.idle.states", list.joined(separator: ", "), path: path),
    ]
    let enabled = states.filter { !online.isSubset(of: $0.disabledCPUs) }
    let isAMD = processors.isAMD == true
    let deep = enabled.filter {
      $0.latencyMicroseconds ?? 0 > longestMicroseconds && !(isAMD && $0.name == "C2")
    }
    let deepest = enabled.max { $0.latencyMicroseconds ?? 0 < $1.latencyMicroseconds ?? 0 }
    if !deep.isEmpty, let deepest, let latency = deepest.latencyMicroseconds {
      return warn(
        "\(deepest.name) takes \(latency) µs to wake from", evidence: evidence,
        consequence: "up to \(latency) µs until an idle core answers an interrupt",
        advice: advice(deep, isAMD: isAMD))
    }
    // A state left out, or without its latency, may be the deepest.
    let gaps = processors.unknown.filter { $0.fact.hasPrefix("idle") }
    if let gap = gaps.first {
      return unknown(
        "idle states not known",
        evidence: evidence + [
          Evidence(missing: "processors.idle.states", path: gap.path, reason: gap.reason)
        ])
    }
    if let state = enabled.first(where: { $0.latencyMicroseconds == nil }) {
      return unknown(
        "latency of \(state.name) not known",
        evidence: evidence + [
          missingProcessor(
            box, "idle.states[\(state.index)].latencyMicroseconds", "\(path)/state*/latency")
        ])
    }
    guard let deepest, let latency = deepest.latencyMicroseconds else {
      return notApplicable("no idle state is enabled", evidence: evidence)
    }
    var finding = pass("deepest is \(deepest.name), \(latency) µs", evidence: evidence)
    if latency >= 50 { finding.advice = advice([deepest], isAMD: isAMD) }
    return finding
  }

  private static func advice(_ states: [Processors.Idle.State], isAMD: Bool) -> [Advice] {
    let disable = states.map { "cpupower idle-set -d \($0.index)" }
    return [
      Advice(
        "where latency matters: let the program, or TuneD, hold a latency request while it runs",
        commands: ["tuned-adm profile accelerator-performance"],
        risk: "idle cores draw more power; also sets the governor performance"),
      Advice(
        "or disable the state, until the next boot"
          + (isAMD ? "; leave the BIOS option Global C-state Control on Auto" : ""),
        commands: disable,
        risk: "idle cores draw more power, which busy ones lack for their boost clock"),
    ]
  }
}
