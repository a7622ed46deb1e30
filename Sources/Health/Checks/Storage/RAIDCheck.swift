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
      An array that lost a member works on as if nothing had happened, until the next one fails. \
      RAID 0 has no redundancy: all its data is gone with one drive. Boxes use it for models, \
      which can be loaded again, and that is no fault. A mirror with empty places has as many \
      copies as it has drives: with two, nothing is lost yet.
      """,
    reads: [
      "system.arrays[*].level, state, metadata, memberCount, missingMembers, syncAction, members "
        + "(/sys/block/md*/md)"
    ],
    verdicts: [
      .pass: "all members in place; RAID 0 has no redundancy even then",
      .warn: "rebuilding, resyncing or replacing a member, paused, read only; a member had read "
        + "errors or should be replaced; a failed drive is still in the array, though its place is "
        + "taken; a mirror with empty places and two copies or more",
      .fail: "a member is missing or faulty and its place is empty, or the array does not run",
      .notApplicable: "no md array; a container, which holds arrays and no data",
    ],
    fix: """
      Replace the drive and add the new one to the array. Where more are missing than it has \
      copies for, or the array does not run, add nothing: mdadm --examine reads what each member \
      has.
      """,
    risk: "Adding a drive writes over all of it: make sure of its serial number first.",
    sources: [
      "kernel: Documentation/admin-guide/md.rst",
      "kernel: drivers/md/md.c: state_show; degraded counts places without a working member",
    ],
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
            "unknown whether there is an array",
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
    let members = RAIDMembers(array)
    let advice = members.advice
    if members.isStopped, let state = array.state {
      return fail(
        "does not run: \(state)", subject, evidence: evidence,
        consequence: "its data cannot be reached", advice: advice)
    }
    if let finding = degraded(array, members, evidence, advice) { return finding }
    if array.syncAction == "recover" {
      if array.missingMembers == 0, let replacing = members.replacing {
        return warn(
          replacing, subject, evidence: evidence,
          consequence: "slower until it is done, as redundant as before",
          advice: [Advice("wait", commands: ["cat /proc/mdstat"])])
      }
      return warn(
        "rebuilding", subject, evidence: evidence,
        consequence: "slower, and less redundant until it is done",
        advice: [Advice("wait", commands: ["cat /proc/mdstat"])])
    }
    if !members.toReplace.isEmpty {
      return warn(
        "should be replaced: \(members.toReplace.joined(separator: " "))", subject,
        evidence: evidence,
        consequence: "the kernel asks for it after errors; the data is still in place",
        advice: advice)
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

  /// What places without a working member mean, and failed drives that are still there; nil where
  /// there is neither, or where a rebuild is under way.
  private static func degraded(
    _ array: RAIDArray, _ members: RAIDMembers, _ facts: [Evidence], _ advice: [Advice]
  ) -> Finding? {
    let missing = array.missingMembers ?? 0
    if array.syncAction == "recover" || missing == 0 && members.faulty.isEmpty { return nil }
    let subject = Subject(array.name)
    let names = members.faulty.joined(separator: " ")
    var evidence = facts
    if let count = array.memberCount {
      evidence.append(
        Evidence(
          "system.arrays[\(array.name)].memberCount", "\(count)",
          path: "/sys/block/\(array.name)/md/raid_disks"))
    }
    if members.areComplete, let count = array.memberCount {
      let what = members.faulty.count == 1 ? "a failed drive is" : "failed drives are"
      return warn(
        "\(what) still in the array: \(names); all \(count) members in place", subject,
        evidence: evidence, consequence: "one spare less for the next drive that fails",
        advice: [
          Advice(
            "take it out of the array",
            commands: members.faulty.map { "mdadm /dev/\(array.name) --remove /dev/\($0)" }),
          Advice(
            "add a new spare", commands: ["mdadm /dev/\(array.name) --add /dev/DEVICE"],
            risk: "everything on the added device is overwritten: go by its serial number"),
        ])
    }
    if members.isMirrorWithRoom {
      let copies = members.inSync.count
      return warn(
        "\(copies) of \(copies + missing) members in place", subject, evidence: evidence,
        consequence: members.consequence,
        advice: [
          Advice(
            "add the drive that is missing",
            commands: ["mdadm /dev/\(array.name) --add /dev/DEVICE"],
            risk: "everything on the added device is overwritten: go by its serial number"),
          Advice(
            "or, where it was never meant to have more",
            commands: ["mdadm --grow /dev/\(array.name) --raid-devices=\(copies)"],
            risk: "systems that make such mirrors (NAS) may rely on the places"),
        ])
    }
    return fail(
      "degraded: \(names.isEmpty ? "\(missing) missing" : names + " faulty")", subject,
      evidence: evidence, consequence: members.consequence, advice: advice)
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
