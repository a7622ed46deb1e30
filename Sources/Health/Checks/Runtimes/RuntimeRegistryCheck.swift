internal import Base
internal import Inventory
internal import RuntimeCatalog

/// Whether files of the owner, units and what tinyboxd says of runtimes agree.
enum RuntimeRegistryCheck: Check {
  static let info = CheckInfo(
    id: "runtime-registry",
    title: "Registry of runtimes",
    area: .runtimes,
    harm: .untidy,
    why: """
      tinyboxd makes a unit for each file in /etc/tinybox/runtimes and writes what runtimes do into \
      a registry, which is all that the gateway knows of them. While tinyboxd does not run, or cannot do \
      its work, the registry grows old: requests go to runtimes that have ended, and new ones \
      are not found.
      """,
    reads: [
      "runtimes.runtimes[NAME].hasSpec, hasUnit, state", "runtimes.registryWritten",
      "system.failedUnits",
    ],
    verdicts: [
      .pass: "the file has a unit, and the registry says the same as systemd",
      .warn:
        "a file without a unit, a runtime without a file, or a registry that systemd contradicts",
      .unknown: "the folder, the unit or the registry cannot be read",
      .notApplicable: "no runtime",
    ],
    fix: "Look whether tinyboxd runs and what it reports.",
    risk: "None: runtimes go on while tinyboxd restarts.",
    sources: ["org.freedesktop.systemd1(5): ListUnitsFiltered", "docs/models.md"],
    needs: [.runtimes, .system])

  static func evaluate(_ box: Box) -> [Finding] {
    eachRuntime(box) { judge($0, $1, box) }
  }

  private static func judge(
    _ all: RuntimesState, _ runtime: HostedRuntime, _ box: Box
  ) -> Finding? {
    let subject = RuntimeEvidence.subject(runtime)
    guard let hasSpec = runtime.hasSpec else {
      return unknown(
        "its file cannot be seen", subject,
        evidence: [
          Evidence(
            missing: RuntimeEvidence.path(runtime, "hasSpec"), key: "runtimes", in: all.unknown,
            path: "/etc/tinybox/runtimes")
        ])
    }
    let state = runtime.state
    var evidence = [
      Evidence(
        RuntimeEvidence.path(runtime, "hasSpec"), hasSpec ? "yes" : "no",
        path: "/etc/tinybox/runtimes/\(runtime.name).toml")
    ]
    if let gap = all.unknown.first(where: { $0.fact == "registryWritten" }) {
      evidence.append(
        Evidence(missing: "runtimes.registryWritten", path: gap.path, reason: gap.reason))
      return unknown("registry not readable", subject, evidence: evidence)
    }
    guard let written = all.registryWritten else {
      evidence.append(
        Evidence(
          missing: "runtimes.registryWritten", path: RuntimeRegistry.path, reason: "not there"))
      return all.hasRegistry == false
        ? warn(
          "tinyboxd has written no registry", subject, evidence: evidence,
          consequence: "the gateway finds no runtime", advice: [daemon])
        : unknown("registry not readable", subject, evidence: evidence)
    }
    evidence.append(
      Evidence("runtimes.registryWritten", written, path: RuntimeRegistry.path))
    if let state {
      evidence.append(RuntimeEvidence.ofRegistry(runtime, "state", state.rawValue))
    }
    if !hasSpec {
      return warn(
        "in the registry, and without a file", subject, evidence: evidence,
        consequence: "tinyboxd has not seen that its file is gone", advice: [daemon])
    }
    guard let hasUnit = runtime.hasUnit else {
      evidence.append(
        Evidence(
          missing: RuntimeEvidence.path(runtime, "hasUnit"),
          key: "runtimes[\(runtime.name)].hasUnit", in: all.unknown,
          path: RuntimeEvidence.dropIn(runtime)))
      return unknown("its unit cannot be seen", subject, evidence: evidence)
    }
    evidence.append(RuntimeEvidence.ofUnit(runtime, "hasUnit", hasUnit ? "yes" : "no"))
    // What is refused has no unit, and the registry says why.
    if !hasUnit, !(state?.isFault ?? false) {
      return warn(
        "a file without a unit", subject, evidence: evidence,
        consequence: "tinyboxd has not made it: it does not run, or failed", advice: [daemon])
    }
    if state == nil {
      guard runtime.isJob == true else {
        return warn(
          "not in the registry", subject, evidence: evidence,
          consequence: "the gateway does not find it", advice: [daemon])
      }
      evidence.append(RuntimeEvidence.ofUnit(runtime, "isJob", "yes"))
    }
    guard let failed = box.inventory.system.failedUnits else {
      evidence.append(
        Evidence(
          missing: "system.failedUnits", key: "failedUnits", in: box.inventory.system.unknown,
          path: "systemd/failed-units"))
      return unknown("systemd could not be asked", subject, evidence: evidence)
    }
    let isFailed = failed.contains { $0.name == RuntimeEvidence.unit(runtime) }
    evidence.append(
      Evidence(
        "system.failedUnits", isFailed ? RuntimeEvidence.unit(runtime) : "not among them",
        path: "systemd/failed-units"))
    if isFailed, state?.takesRequests == true {
      return warn(
        "the registry is old: it says \(state?.rawValue ?? ""), systemd says failed", subject,
        evidence: evidence, consequence: "the gateway sends requests to it", advice: [daemon])
    }
    return pass("file, unit and registry agree", subject, evidence: evidence)
  }

  private static let daemon = Advice(
    "look whether tinyboxd runs, and what it reports",
    commands: ["systemctl status tinyboxd", "tinyboxctl events --kind runtime.failed"])
}
