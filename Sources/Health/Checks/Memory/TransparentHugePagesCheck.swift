internal import Inventory

/// Whether programs may get pages of 2 MiB without asking the administrator.
enum TransparentHugePagesCheck: Check {
  static let info = CheckInfo(
    id: "huge-pages-transparent",
    title: "Transparent huge pages",
    area: .memory,
    harm: .smallLoss,
    why: """
      A program that walks through gigabytes of model weights in 4 KiB pages spends its time on \
      page tables. With always the kernel gives 2 MiB pages to everyone, with madvise to programs \
      that ask. Which of the two is better depends on the load; with never no program gets them, \
      and those that use much memory are slower.
      """,
    reads: ["memory.transparentHugePages (/sys/kernel/mm/transparent_hugepage/enabled)"],
    verdicts: [
      .pass: "always or madvise",
      .warn: "never, on a server",
      .notApplicable: "never, outside servers",
      .unknown: "unknown: a kernel without them, or a file that could not be read",
    ],
    fix: "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled; or always.",
    risk: "always may cost memory and, for some databases, latency.",
    sources: [
      "TuneD 2.20, profile hpc-compute: always",
      "kernel: Documentation/admin-guide/mm/transhuge.rst: madvise for programs that risk using "
        + "more memory (disagrees with a general always)",
    ],
    needs: [.machine, .processors, .memory, .gpus])

  static func evaluate(_ box: Box) -> [Finding] { serversOnly(box, [judge(box)]) }

  private static func judge(_ box: Box) -> Finding {
    let memory = box.inventory.memory
    let path = "/sys/kernel/mm/transparent_hugepage/enabled"
    guard let mode = memory.transparentHugePages else {
      return unknown(
        "setting not known",
        evidence: [
          Evidence(
            missing: "memory.transparentHugePages", key: "transparentHugePages",
            in: memory.unknown, path: path)
        ])
    }
    let evidence = [Evidence("memory.transparentHugePages", mode, path: path)]
    switch mode {
    case "always": return pass("always", evidence: evidence)
    case "madvise": return pass("madvise: for programs that ask", evidence: evidence)
    case "never":
      return warn(
        "never: all memory in 4 KiB pages", evidence: evidence,
        consequence: "512 times as many page table entries as with 2 MiB pages",
        advice: [
          Advice(
            "let programs that ask have them, until the next boot",
            commands: ["echo madvise > \(path)"],
            risk: "none for programs that do not ask"),
          Advice(
            "keep it over boots: transparent_hugepage=madvise on the kernel's command line",
            risk: "none for programs that do not ask", needsReboot: true),
        ])
    default: return unknown("'\(mode)' is no setting known here", evidence: evidence)
    }
  }
}
