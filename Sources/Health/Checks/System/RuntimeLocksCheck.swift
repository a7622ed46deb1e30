internal import Inventory

/// Locks of user space GPU drivers that no living process holds, or that lock a GPU that is gone.
enum RuntimeLocksCheck: Check {
  static let info = CheckInfo(
    id: "runtime-locks",
    title: "Locks of user space GPU drivers",
    area: .system,
    harm: .untidy,
    why: """
      tinygrad drives a card without the kernel's driver and takes a lock, so that no two programs \
      do. The file stays when the program ends; the lock does not, unless a process that the \
      program started lives on and keeps it. Then the card looks taken, and nobody uses it.
      """,
    reads: [
      "system.runtimeLocks, system.locksListed (/tmp, /var/tmp, /dev/shm; /proc/locks)", "pci",
    ],
    verdicts: [
      .pass: "held by a process that lives, for a GPU that is there",
      .warn: "kept for a process that has ended, or held for a GPU that is not there",
      .unknown: "the folders or the holders could not be seen",
      .notApplicable: "no lock file, or one without a holder: it does no harm",
    ],
    fix: "End the process that keeps the lock.",
    risk: "Its work is lost. Never delete the file: a second program could then take the card too.",
    sources: [
      "tinygrad: docs/developer/am.md, am_ADDRESS.lock and nv_ADDRESS.lock", "flock(2)",
    ],
    needs: [.system, .pci], concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] {
    let system = box.inventory.system
    if system.runtimeLocks.isEmpty {
      if system.locksListed == true { return [notApplicable("no lock file")] }
      return [
        unknown(
          "unknown whether there are locks",
          evidence: [
            Evidence(
              missing: "system.runtimeLocks", key: "runtimeLocks", in: system.unknown,
              path: "runtime-locks")
          ])
      ]
    }
    return system.runtimeLocks.map { judge($0, box) }
  }

  private static func judge(_ lock: RuntimeLock, _ box: Box) -> Finding {
    let subject = Subject(lock.path, lock.gpu)
    let fact = "system.runtimeLocks"
    if !lock.holdersKnown {
      return unknown(
        "holder not known", subject,
        evidence: [
          Evidence(missing: fact, path: "/proc/locks", reason: "could not be read or matched")
        ])
    }
    let pids = lock.holders.map { "\($0)" }.joined(separator: ", ")
    if lock.holders.isEmpty { return notApplicable("left over; without a holder", subject) }
    var evidence = [Evidence(fact, "\(lock.path) held by \(pids)", path: "/proc/locks")]
    let find = Advice(
      "find who has it open and end that process",
      commands: ["fuser -v \(Text.quoted(lock.path))"],
      risk: "its work is lost; never delete the file, or two programs may take the card")
    guard let isAlive = lock.holdersAlive else {
      return unknown("unknown whether its holder lives", subject, evidence: evidence)
    }
    if !isAlive {
      return warn(
        "kept for a process that has ended", subject, evidence: evidence,
        consequence: "no other program can use the card", advice: [find])
    }
    guard let gpu = lock.gpu else { return unknown("GPU not known", subject, evidence: evidence) }
    if box.inventory.pci.isEmpty {
      evidence.append(
        Evidence(missing: "pci", path: "/sys/bus/pci/devices", reason: "no PCI function was seen"))
      return unknown("unknown whether its GPU is there", subject, evidence: evidence)
    }
    guard box.function(gpu) != nil else {
      return warn(
        "held for a GPU that is not there", subject, evidence: evidence,
        consequence: "the card fell off the bus, or was removed, under the program",
        advice: [find])
    }
    evidence.append(
      Evidence("pci[\(gpu)].address", "\(gpu)", path: "/sys/bus/pci/devices/\(gpu)"))
    return pass("held by process \(pids)", subject, evidence: evidence)
  }
}
