internal import Inventory

/// Whether something keeps the clock on time.
enum TimeSyncCheck: Check {
  static let info = CheckInfo(
    id: "time-sync",
    title: "Clock synchronisation",
    area: .system,
    harm: .untidy,
    why: """
      A clock that nobody corrects drifts by seconds a day. Certificates then look invalid, \
      downloads and log-ins fail, and logs of several boxes cannot be compared.
      """,
    reads: ["system.clock (adjtimex: STA_UNSYNC, maxerror)"],
    verdicts: [
      .pass: "synchronised", .warn: "the clock is not synchronised",
      .unknown: "the kernel was not asked",
      .notApplicable: "a container: the clock is the host's",
    ],
    fix: "Run one time service: chrony or systemd-timesyncd.",
    risk: "The clock may jump once.",
    sources: ["adjtimex(2)", "kernel: kernel/time/ntp.c, STA_UNSYNC"],
    needs: [.system, .machine])

  static func evaluate(_ box: Box) -> [Finding] {
    if box.isInContainer { return [notApplicable("the clock is the host's")] }
    let system = box.inventory.system
    guard let clock = system.clock else {
      return [
        unknown(
          "unknown",
          evidence: [
            Evidence(missing: "system.clock", key: "clock", in: system.unknown, path: "adjtimex")
          ])
      ]
    }
    var evidence = [
      Evidence(
        "system.clock.isSynchronized", clock.isSynchronized ? "yes" : "no", path: "adjtimex")
    ]
    if clock.isSynchronized { return [pass("synchronised", evidence: evidence)] }
    if let bound = clock.maximumErrorMicroseconds {
      evidence.append(
        Evidence("system.clock.maximumErrorMicroseconds", "\(bound) µs", path: "adjtimex"))
    }
    return [
      warn(
        "the clock is not synchronised", evidence: evidence,
        consequence: "drifts by up to seconds a day; certificates and logs suffer first",
        advice: [
          Advice(
            "run one time service",
            commands: ["timedatectl set-ntp true", "timedatectl timesync-status"],
            risk: "the clock may jump once"),
          Advice("with chrony", commands: ["chronyc tracking", "chronyc sources"]),
        ])
    ]
  }
}
