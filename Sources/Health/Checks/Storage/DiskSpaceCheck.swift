internal import Inventory

/// Whether file systems have room left.
enum DiskSpaceCheck: Check {
  static let info = CheckInfo(
    id: "disk-space",
    title: "Space on file systems",
    area: .storage,
    harm: .dataAtRisk,
    why: """
      A full file system stops what writes to it: logs, containers, downloads of models, and on \
      the root file system sooner or later the box. A share alone misleads: 5 % of a 4 TB array is \
      room for a model, 5 % of a small root is not. So both a share and an amount must be low.
      """,
    reads: [
      "system.fileSystems[*].freeBytes, totalBytes, freeFiles, totalFiles (statvfs)"
    ],
    verdicts: [
      .pass: "room for data and for files",
      .warn: """
      less than 10 % and less than 20 GiB free; or less than 5 % and fewer than 100,000 files \
      can still be made; an EFI partition with less than 2 MiB
      """,
      .fail: "less than 2 % and less than 1 GiB free, or no more than 100 files can be made",
      .notApplicable: "mounted read only",
      .unknown: "no file system seen, or one did not answer, as that of a server that is away",
    ],
    fix: "Find what fills it and remove or move that.",
    risk: "Deleting is final. Look before you remove.",
    sources: [
      "statvfs(3): f_bavail is what ordinary users may write",
      "tinyos fills /raid on purpose: an array nearly full of models is no fault",
    ],
    needs: [.system], concernsContainers: true)

  static func evaluate(_ box: Box) -> [Finding] {
    let system = box.inventory.system
    if system.fileSystems.isEmpty {
      return [
        unknown(
          "no file system seen",
          evidence: [
            Evidence(
              missing: "system.fileSystems", key: "fileSystems", in: system.unknown,
              path: "/proc/mounts")
          ])
      ]
    }
    return system.fileSystems.map(judge)
  }

  private static func judge(_ state: FileSystemState) -> Finding {
    let subject = Subject(state.mountPoint)
    let fact = "system.fileSystems[\(state.mountPoint)]"
    let path = "statvfs \(state.mountPoint)"
    if state.isReadOnly { return notApplicable("mounted read only", subject) }
    var evidence: [Evidence] = []
    func number(_ key: String, _ value: Int?, _ text: (Int) -> String) -> Int? {
      guard let value else {
        evidence.append(
          Evidence(missing: "\(fact).\(key)", key: key, in: state.unknown, path: path))
        return nil
      }
      evidence.append(Evidence("\(fact).\(key)", text(value), path: path))
      return value
    }
    let free = number("freeBytes", state.freeBytes) { Text.capacity($0) }
    let total = number("totalBytes", state.totalBytes) { Text.capacity($0) }
    let files = number("totalFiles", state.totalFiles) { "\($0)" }
    // Without a limit on files the number left says nothing.
    let freeFiles = files == 0 ? nil : number("freeFiles", state.freeFiles) { "\($0)" }
    let found = [
      space(state, free, total), files.flatMap { total in freeFiles.flatMap { room($0, total) } },
    ].compactMap { $0 }
    if let worst = found.max(by: { $0.verdict < $1.verdict }) {
      let advice = [
        Advice(
          "find what fills it",
          commands: [
            "du -xh --max-depth=2 \(Text.quoted(state.mountPoint)) | sort -h | tail -20"
          ]),
        Advice(
          "old logs and unused images",
          commands: ["journalctl --vacuum-size=500M", "podman system prune"],
          risk: "removes old logs, and images and containers that nothing uses"),
      ]
      return worst.verdict == .fail
        ? fail(
          worst.text, subject, evidence: evidence, consequence: "what writes here stops",
          advice: advice)
        : warn(
          worst.text, subject, evidence: evidence, consequence: "what writes here will stop",
          advice: advice)
    }
    guard let free, let total, files != nil, files == 0 || freeFiles != nil else {
      return unknown("free space not known", subject, evidence: evidence)
    }
    let share = total > 0 ? ", \(Text.percent(Double(free) / Double(total)))" : ""
    return pass("\(Text.capacity(free)) free\(share)", subject, evidence: evidence)
  }

  private static func space(
    _ state: FileSystemState, _ free: Int?, _ total: Int?
  ) -> (verdict: Verdict, text: String)? {
    guard let free, let total, total > 0 else { return nil }
    let share = Double(free) / Double(total)
    let text = "\(Text.capacity(free)) free, \(Text.percent(share))"
    if ["/boot/efi", "/efi"].contains(state.mountPoint) {
      // Small, written at updates only, and often full to the brim by design.
      return free < 2 << 20 ? (.warn, text) : nil
    }
    if share < 0.02, free < 1 << 30 { return (.fail, text) }
    return share < 0.1 && free < 20 << 30 ? (.warn, text) : nil
  }

  private static func room(_ free: Int, _ total: Int) -> (verdict: Verdict, text: String)? {
    guard total > 0 else { return nil }
    let text = "room for \(free) more files"
    if free <= 100 { return (.fail, text) }
    return Double(free) / Double(total) < 0.05 && free < 100_000 ? (.warn, text) : nil
  }
}
