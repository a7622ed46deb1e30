internal import Base
internal import Inventory

/// Whether md arrays have all their members.
enum RAIDCheck: Check {
  static let info = CheckInfo(
    id: "raid",
    title: "Software RAID arrays",
    area: .storage,
    harm: .dataAtRisk,
    why: """
      An array that lost a member works on as if nothing had happened, until the next one goes. \
      Someone has to notice. RAID 0 has nothing to lose members from: all its data is gone with \
      one drive. Boxes use it for models, which can be loaded again, and that is no fault.
      """,
    reads: [
      "system.arrays[*].level, state, metadata, missingMembers, syncAction, members "
        + "(/sys/block/md*/md)"
    ],
    verdicts: [
      .pass: "all members in place; for RAID 0 that is all there is",
      .warn: "rebuilding or resyncing, paused, read only, or a member had read errors",
      .fail: "a member is missing or faulty, or the array does not run",
      .notApplicable: "no md array; a container, which holds arrays and no data",
    ],
    fix: "Replace the drive and add the new one to the array.",
    risk: "Adding a drive writes over all of it: make sure of its serial number first.",
    sources: ["kernel: Documentation/admin-guide/md.rst"],
    needs: [.system])

  private static let redundant: Set<String> = ["raid1", "raid4", "raid5", "raid6", "raid10"]
  private static let running: Set<String> = [
    "clean", "active", "active-idle", "write-pending", "read-auto",
  ]

  static func evaluate(_ box: Box) -> [Finding] {
    let system = box.inventory.system
    if system.arrays.isEmpty {
      if system.unknown.contains(where: { $0.fact == "arrays" })
        || !box.inventory.collectors.contains(where: { $0.name == "System" })
      {
        return [
          unknown(
            "cannot tell whether there is an array",
            evidence: [
              Evidence(
                missing: "system.arrays", key: "arrays", in: system.unknown, path: "/sys/block")
            ])
        ]
      }
      return [notApplicable("no md array")]
    }
    return system.arrays.map(judge)
  }

  private static func judge(_ array: RAIDArray) -> Finding {
    let subject = Subject(array.name)
    let level = array.level ?? ""
    if array.isContainer {
      return notApplicable(
        "holds other arrays, no data", subject,
        evidence: array.metadata.map {
          [
            Evidence(
              "system.arrays[\(array.name)].metadata", $0,
              path: "/sys/block/\(array.name)/md/metadata_version")
          ]
        } ?? [])
    }
    var evidence = facts(array)
    let advice = [
      Advice("see which member", commands: ["mdadm --detail /dev/\(array.name)"]),
      Advice(
        "replace the drive, then add it",
        commands: ["mdadm /dev/\(array.name) --add /dev/DEVICE"],
        risk: "everything on the added device is overwritten: go by its serial number"),
    ]
    let faulty = array.members.filter { $0.state?.contains("faulty") == true }.map(\.device)
    let isRebuilding = array.syncAction == "recover"
    let missing = array.missingMembers ?? 0
    if let state = array.state, ["broken", "inactive", "clear"].contains(state) {
      return fail(
        "does not run: \(state)", subject, evidence: evidence,
        consequence: "its data cannot be reached", advice: advice)
    }
    if !faulty.isEmpty && !isRebuilding || missing > 0 && !isRebuilding {
      let what = faulty.isEmpty ? "\(missing) missing" : faulty.joined(separator: " ") + " faulty"
      return fail(
        "degraded: \(what)", subject, evidence: evidence,
        consequence: level == "raid6" && missing == 1
          ? "one more may fail, two may not" : "the next drive to fail takes the data with it",
        advice: advice)
    }
    if isRebuilding {
      return warn(
        "rebuilding", subject, evidence: evidence,
        consequence: "slower, and less redundant until it is done",
        advice: [Advice("wait", commands: ["cat /proc/mdstat"])])
    }
    let read = array.members.filter { ($0.errors ?? 0) > 0 }
    if !read.isEmpty {
      let names = read.map { "\($0.device) \($0.errors ?? 0)" }.joined(separator: ", ")
      return warn(
        "read errors: \(names)", subject, evidence: evidence,
        consequence: "the drive could not read blocks that the others still had",
        advice: [Advice("look at the drive's own health; plan its replacement")])
    }
    if let state = array.state, !running.contains(state) {
      return warn("state: \(state)", subject, evidence: evidence, advice: [advice[0]])
    }
    if array.syncAction == "resync" || array.syncAction == "frozen" {
      return warn(
        array.syncAction == "resync" ? "resyncing" : "rebuild is stopped", subject,
        evidence: evidence, consequence: "copies may differ until it is done",
        advice: [Advice("see how far it is", commands: ["cat /proc/mdstat"])])
    }
    if array.members.isEmpty
      || array.members.contains(where: { $0.state == nil || $0.errors == nil })
    {
      evidence.append(
        Evidence(
          missing: "system.arrays[\(array.name)].members", key: "members", in: array.unknown,
          path: "/sys/block/\(array.name)/md"))
    }
    if evidence.contains(where: \.isMissing) {
      return unknown("state not fully known", subject, evidence: evidence)
    }
    return redundant.contains(level)
      ? pass("\(level), complete", subject, evidence: evidence)
      : pass("\(level), complete; no redundancy", subject, evidence: evidence)
  }

  /// The facts a pass rests on, missing ones among them.
  private static func facts(_ array: RAIDArray) -> [Evidence] {
    let base = "/sys/block/\(array.name)/md"
    func fact(_ key: String, _ value: String?, _ file: String) -> Evidence {
      let name = "system.arrays[\(array.name)].\(key)"
      guard let value else {
        return Evidence(missing: name, key: key, in: array.unknown, path: "\(base)/\(file)")
      }
      return Evidence(name, value, path: "\(base)/\(file)")
    }
    var facts = [
      fact("level", array.level, "level"), fact("state", array.state, "array_state"),
    ]
    // What has no redundancy has neither file.
    if array.level.map(redundant.contains) ?? false {
      facts.append(fact("missingMembers", array.missingMembers.map { "\($0)" }, "degraded"))
      facts.append(fact("syncAction", array.syncAction, "sync_action"))
    }
    if !array.members.isEmpty {
      let text = array.members.map { "\($0.device) \($0.state ?? "unknown")" }
      facts.append(fact("members", text.joined(separator: ", "), "dev-*"))
    }
    return facts
  }
}
