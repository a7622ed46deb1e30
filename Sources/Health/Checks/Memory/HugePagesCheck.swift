internal import Base
internal import Inventory

/// Whether memory lies in pools of huge pages that nobody uses, or that are uneven.
enum HugePagesCheck: Check {
  static let info = CheckInfo(
    id: "huge-pages",
    title: "Pools of static huge pages",
    area: .memory,
    harm: .smallLoss,
    why: """
      Memory in a pool of huge pages is lost to everything that does not ask for just these \
      pages. Pools are set up for one program and stay when it is gone. Set up after boot, \
      without naming a node, they fill the nodes unevenly: a program that is bound to the node \
      that got few fails, though there are enough in all. Nodes without CPUs (CXL, HBM, a \
      GPU's memory) are not compared: no program is bound there.
      """,
    reads: [
      "memory.nodes[ID].hugePages (nodeN/hugepages/*/{nr,free}_hugepages)", "memory.nodes[ID].kind",
    ],
    verdicts: [
      .pass: "no pool, or pools in use and even over the nodes",
      .warn: "1 GiB or more reserved and none of it used, or pools uneven over the nodes",
      .unknown: "nodes or pools could not be read, or the kernel has none",
    ],
    fix: "echo 0 > /sys/devices/system/node/nodeN/hugepages/hugepages-SIZEkB/nr_hugepages",
    risk: "Programs that rely on the pool do not start any more.",
    sources: ["kernel: Documentation/admin-guide/mm/hugetlbpage.rst"],
    needs: [.memory])

  static func evaluate(_ box: Box) -> [Finding] {
    let memory = box.inventory.memory
    if memory.nodes.isEmpty {
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
    var evidence = [
      Evidence("memory.nodes", "\(memory.nodes.count)", path: "/sys/devices/system/node")
    ]
    var gap: Evidence?
    var pools: [Int: [(node: Int, pool: NUMANode.HugePagePool)]] = [:]
    for node in memory.nodes {
      let fact = "memory.nodes[\(node.id)]"
      let path = "/sys/devices/system/node/node\(node.id)"
      if let kind = node.kind {
        evidence.append(Evidence(fact + ".kind", kind.rawValue, path: path))
        // Without memory there is nothing to reserve. Memory without CPUs (CXL, HBM, a GPU's) is
        // no place for a program's pages, and none belong there.
        if kind != .regular { continue }
      } else {
        gap = Evidence(missing: fact + ".kind", key: "totalBytes", in: node.unknown, path: path)
      }
      if node.hugePages.isEmpty || node.unknown.contains(where: { $0.fact == "hugePages" }) {
        gap = Evidence(
          missing: fact + ".hugePages", key: "hugePages", in: node.unknown,
          path: path + "/hugepages")
        continue
      }
      let text = node.hugePages.map { "\($0.total) of \(size($0.pageBytes)), \($0.free) free" }
      evidence.append(
        Evidence(fact + ".hugePages", text.joined(separator: "; "), path: path + "/hugepages"))
      for pool in node.hugePages { pools[pool.pageBytes, default: []].append((node.id, pool)) }
    }
    for (bytes, members) in pools.sorted(by: { $0.key < $1.key }) {
      if let finding = judge(bytes, members, evidence) { return [finding] }
    }
    if let gap { return [unknown("pools not known", evidence: evidence + [gap])] }
    let isUsed = pools.values.joined().contains { $0.pool.total > 0 }
    return [pass(isUsed ? "in use, even over the nodes" : "none reserved", evidence: evidence)]
  }

  /// What is wrong with the pools of one page size.
  private static func judge(
    _ bytes: Int, _ members: [(node: Int, pool: NUMANode.HugePagePool)], _ evidence: [Evidence]
  ) -> Finding? {
    let total = Amounts.sum(members.map(\.pool.total))
    let free = Amounts.sum(members.map(\.pool.free))
    if total == 0 { return nil }
    let clear = members.map { member in
      "echo 0 > /sys/devices/system/node/node\(member.node)/hugepages/"
        + "hugepages-\(bytes / 1024)kB/nr_hugepages"
    }
    if free == total, Double(total) * Double(bytes) >= 1_073_741_824 {
      let reserved = Text.capacity(Double(total) * Double(bytes))
      return warn(
        "\(reserved) reserved, none in use", evidence: evidence,
        consequence: "\(reserved) that nothing else can use",
        advice: [
          Advice(
            "give it back, unless a program that needs it is about to start", commands: clear,
            risk: "a program that relies on the pool does not start")
        ])
    }
    let counts = members.map(\.pool.total)
    guard let low = counts.min(), let high = counts.max(),
      Double(high) - Double(low) > max(1, Double(high) / 10)
    else { return nil }
    return warn(
      "uneven over the nodes: \(low) to \(high) of \(size(bytes))", evidence: evidence,
      consequence: "a program bound to the node with \(low) gets no more than those",
      advice: [
        Advice(
          "set each node's pool by itself",
          commands: members.map { member in
            "echo \(total / members.count) > /sys/devices/system/node/node\(member.node)/"
              + "hugepages/hugepages-\(bytes / 1024)kB/nr_hugepages"
          },
          risk: "pages in use stay; free memory may be too scattered for more")
      ])
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? "\(bytes >> 30) GiB"
      : bytes >= 1 << 20
        ? "\(bytes >> 20) MiB"
        : "\(bytes >> 10) KiB"
  }
}
