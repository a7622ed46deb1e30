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
      GPU's memory) are not compared: no program is bound there. Pages that a program mapped and \
      has not touched yet count as free, and are promised to it.
      """,
    reads: [
      "memory.nodes[ID].hugePages (nodeN/hugepages/*/{nr,free}_hugepages)", "memory.nodes[ID].kind",
      "memory.hugePagePromises (/sys/kernel/mm/hugepages/*/resv_hugepages)",
    ],
    verdicts: [
      .pass: "no pool, or pools in use or promised, and even over the nodes",
      .warn:
        "1 GiB or more, all sizes together, in pools that nobody uses or was promised; or pools "
        + "uneven over the nodes",
      .unknown: "nodes, pools or promises could not be read, or the kernel has none",
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
    let sizes = pools.sorted { $0.key < $1.key }.map { Pool(pageBytes: $0.key, members: $0.value) }
    var unused: [Pool] = []
    var open: [Pool] = []
    var unread: Evidence?
    var promised = 0
    for pool in sizes where pool.total > 0 && pool.free == pool.total {
      let (isPromised, fact) = promise(pool.pageBytes, memory)
      switch isPromised {
      case true: promised += 1
      case false: unused.append(pool)
      case nil: open.append(pool)
      }
      if let fact {
        if fact.isMissing { unread = fact } else { evidence.append(fact) }
      }
    }
    let waste = lost(unused)
    // A promise that was not read matters where it decides.
    if waste == nil, lost(unused + open) != nil { gap = gap ?? unread }
    let rest = sizes.filter { pool in
      waste == nil || !unused.contains { $0.pageBytes == pool.pageBytes }
    }
    let found = [waste, uneven(rest)].compactMap(\.self)
    if !found.isEmpty {
      return [
        warn(
          found.map(\.summary).joined(separator: "; "), evidence: evidence,
          consequence: found.map(\.consequence).joined(separator: "; "),
          advice: found.map(\.advice))
      ]
    }
    if let gap { return [unknown("pools not known", evidence: evidence + [gap])] }
    if promised > 0, sizes.allSatisfy({ $0.free == $0.total }) {
      return [pass("promised to a program, even over the nodes", evidence: evidence)]
    }
    let isUsed = sizes.contains { $0.total > 0 }
    return [pass(isUsed ? "in use, even over the nodes" : "none reserved", evidence: evidence)]
  }

  /// The pools of one page size.
  private struct Pool {
    var pageBytes: Int
    var members: [(node: Int, pool: NUMANode.HugePagePool)]

    var total: Int { CheckedNumbers.sum(members.map(\.pool.total)) }
    var free: Int { CheckedNumbers.sum(members.map(\.pool.free)) }
    var bytes: Double { Double(total) * Double(pageBytes) }

    /// Commands that set each node's pool.
    func set(to pages: Int) -> [String] {
      members.map { member in
        "echo \(pages) > /sys/devices/system/node/node\(member.node)/hugepages/"
          + "hugepages-\(pageBytes / 1024)kB/nr_hugepages"
      }
    }
  }

  /// A part of what is wrong.
  private struct Part {
    var summary: String
    var consequence: String
    var advice: Advice
  }

  /// Whether pages of one size are promised to a program, nil where it is not known, and the fact
  /// that says so. A kernel, or a recording of its files, without the count promises nothing.
  private static func promise(_ bytes: Int, _ memory: Memory) -> (Bool?, Evidence?) {
    let fact = "memory.hugePagePromises[\(bytes)].pages"
    let path = "/sys/kernel/mm/hugepages/hugepages-\(bytes / 1024)kB/resv_hugepages"
    if let promise = memory.hugePagePromises.first(where: { $0.pageBytes == bytes }) {
      return (promise.pages > 0, Evidence(fact, "\(promise.pages)", path: path))
    }
    let noted = memory.unknown.first {
      ["hugePagePromises", "hugePagePromises.\(bytes)"].contains($0.fact)
    }
    guard let noted else { return (false, nil) }
    return (nil, Evidence(missing: fact, path: noted.path, reason: noted.reason))
  }

  /// What lies in pools that nobody uses, all sizes together.
  private static func lost(_ unused: [Pool]) -> Part? {
    let bytes = unused.map(\.bytes).reduce(0, +)
    if bytes < 1_073_741_824 { return nil }
    let reserved = Text.capacity(bytes)
    let sizes = unused.map { "\($0.total) of \(size($0.pageBytes))" }.joined(separator: ", ")
    return Part(
      summary: "\(reserved) reserved, none in use" + (unused.count > 1 ? " (\(sizes))" : ""),
      consequence: "\(reserved) that nothing else can use",
      advice: Advice(
        "give it back, unless a program that needs it is about to start",
        commands: unused.flatMap { $0.set(to: 0) },
        risk: "a program that relies on the pool does not start"))
  }

  /// What is uneven over the nodes.
  private static func uneven(_ pools: [Pool]) -> Part? {
    var texts: [String] = []
    var lows: [String] = []
    var commands: [String] = []
    for pool in pools where pool.total > 0 {
      let counts = pool.members.map(\.pool.total)
      guard let low = counts.min(), let high = counts.max(),
        Double(high) - Double(low) > max(1, Double(high) / 10)
      else { continue }
      texts.append("\(low) to \(high) of \(size(pool.pageBytes))")
      lows.append("\(low)")
      commands += pool.set(to: pool.total / pool.members.count)
    }
    if texts.isEmpty { return nil }
    return Part(
      summary: "uneven over the nodes: " + texts.joined(separator: ", "),
      consequence: "a program bound to the node with \(lows.joined(separator: " or ")) gets no "
        + "more than those",
      advice: Advice(
        "set each node's pool by itself", commands: commands,
        risk: "pages in use stay; free memory may be too scattered for more"))
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? "\(bytes >> 30) GiB"
      : bytes >= 1 << 20
        ? "\(bytes >> 20) MiB"
        : "\(bytes >> 10) KiB"
  }
}
