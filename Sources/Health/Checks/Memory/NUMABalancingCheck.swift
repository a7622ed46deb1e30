internal import Inventory

/// Whether the kernel moves memory between nodes behind the back of pinned programs.
enum NUMABalancingCheck: Check {
  static let info = CheckInfo(
    id: "numa-balancing",
    title: "Automatic NUMA balancing",
    area: .memory,
    harm: .smallLoss,
    why: """
      The kernel can watch which node uses a page and move the page there. To watch, it unmaps \
      pages of the program again and again and waits for the page fault. A program whose CPUs and \
      memory are placed on one node already gains nothing and pays for the page faults. Memory \
      tiering (2) is different: it moves hot pages from slow memory without CPUs, such as CXL, to \
      the nodes that have CPUs.
      """,
    reads: ["memory.numaBalancing (/proc/sys/kernel/numa_balancing)", "memory.nodes"],
    verdicts: [
      .pass: "off, or memory tiering alone (2)",
      .warn: "on (1 or 3), on a machine with several nodes that have CPUs",
      .notApplicable: "one node with CPUs, or a kernel without NUMA",
    ],
    fix: """
      sysctl kernel.numa_balancing=0, or 2 where memory tiering was on too (3), and a file in \
      /etc/sysctl.d to keep it.
      """,
    risk: """
      Programs that nobody placed may run slower without it. Where such programs matter, measure \
      both ways.
      """,
    sources: [
      "kernel: Documentation/admin-guide/sysctl/kernel.rst, numa_balancing",
      "TuneD 2.20, profile hpc-compute: 0",
      "ROCm, system optimization guide: test both (disagrees with a fixed 0)",
    ],
    needs: [.memory])

  static func evaluate(_ box: Box) -> [Finding] {
    let memory = box.inventory.memory
    let path = "/proc/sys/kernel/numa_balancing"
    guard memory.nodes.count > 1 else {
      if memory.nodes.count == 1 {
        return [notApplicable("one NUMA node")]
      }
      return [
        unknown(
          "NUMA nodes unknown",
          evidence: [
            Evidence(
              missing: "memory.nodes", key: "nodes", in: memory.unknown,
              path: "/sys/devices/system/node")
          ])
      ]
    }
    guard let mode = memory.numaBalancing else {
      return [
        unknown(
          "unknown whether it is on",
          evidence: [
            Evidence(
              missing: "memory.numaBalancing", key: "numaBalancing", in: memory.unknown,
              path: path)
          ])
      ]
    }
    let evidence = [Evidence("memory.numaBalancing", "\(mode)", path: path)]
    if mode == 0 { return [pass("off", evidence: evidence)] }
    // Bit 0 moves pages to the CPUs that use them, bit 1 hot pages up a memory tier (kernel:
    // include/linux/sched/sysctl.h).
    if mode == 2 { return [pass("memory tiering alone", evidence: evidence)] }
    let kinds = memory.nodes.map(\.kind)
    if kinds.contains(.cpuless), !kinds.contains(nil),
      kinds.filter({ $0 == .regular || $0 == .memoryless }).count < 2
    {
      return [notApplicable("one NUMA node with CPUs", evidence: evidence)]
    }
    // Tiering stays as its owner has it.
    let wanted = mode & 2
    return [
      warn(
        "NUMA balancing is on: it moves pages of placed programs", evidence: evidence,
        consequence: "page faults and moves that a placed program does not need; how much depends "
          + "on the program: measure both ways",
        advice: [
          Advice(
            wanted != 0
              ? "leave memory tiering alone on, now and at every boot"
              : "switch it off, now and at every boot",
            commands: [
              "sysctl -w kernel.numa_balancing=\(wanted)",
              "echo kernel.numa_balancing=\(wanted) > /etc/sysctl.d/60-tinybox-numa.conf",
            ],
            risk: "programs that nobody placed may run slower")
        ])
    ]
  }
}
