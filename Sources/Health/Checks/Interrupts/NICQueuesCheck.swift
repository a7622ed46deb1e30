internal import Base
internal import Inventory

/// Queues of fast network interfaces against the cores next to them.
enum NICQueuesCheck: Check {
  static let info = CheckInfo(
    id: "nic-queues",
    title: "Network queues and cores of the node",
    area: .interrupts,
    harm: .smallLoss,
    why: """
      Each queue of a network interface is served by a CPU. With more queues than the node has \
      cores, some are served by the second thread of a busy core or by another node. With one \
      queue, one core serves all packets. Below 10 Gb/s one core is enough.
      """,
    reads: [
      "nics[*].queues.channels, channelsMaximum (ethtool)", "nics[*].numaNode",
      "nics[*].speedBitsPerSecond", "nics[*].isRepresentor (phys_port_name)", "processors.cores",
      "memory.nodes[*].cpus",
    ],
    verdicts: [
      .pass: "at least two queues where the driver has them, and no more than cores of the node",
      .warn: "more queues than cores of the node, or one queue where more are possible",
      .unknown: "queues, speed, node or cores are not known",
      .notApplicable:
        "no link, below 10 Gb/s, no PCI device, no interface (RDMA only), a virtual function, or a "
        + "representor of one (switchdev), which has no queues of its own",
    ],
    fix: "ethtool -L INTERFACE combined N",
    risk: "The link drops for a moment and its interrupts are made anew: place them again.",
    sources: [
      "kernel: Documentation/networking/scaling.rst: for latency a queue per CPU, for efficiency "
        + "as few as do not overflow; hyperthreads have shown no benefit",
      "kernel: Documentation/networking/representors.rst, net/devlink/port.c (phys_port_name)",
      "mlnx-tools: at most 32 queues on AMD (disagrees with one per CPU)",
    ],
    needs: [.nics, .processors, .memory, .pci])

  private static let fast = 10_000_000_000

  static func evaluate(_ box: Box) -> [Finding] {
    if box.inventory.nics.isEmpty {
      return [none(box, collector: "NIC", "network interface")]
    }
    return box.inventory.nics.map { judge($0, box) }
  }

  private static func judge(_ nic: NIC, _ box: Box) -> Finding {
    let subject = Subject(nic.name, nic.address)
    if nic.bus != nil && nic.bus != "pci" {
      return notApplicable("no PCI device", subject)
    }
    if !nic.hasInterface { return notApplicable("no network interface, RDMA only", subject) }
    if nic.isRepresentor == true {
      let port = nic.physicalPortName ?? "by its driver"
      return notApplicable(
        "a representor: no queues of its own", subject,
        evidence: [
          Evidence(
            "nics[\(nic.name)].isRepresentor", port,
            path: "/sys/class/net/\(nic.name)/phys_port_name")
        ])
    }
    if nic.isVirtualFunction { return notApplicable("a virtual function", subject) }
    if nic.carrier == false || nic.operationalState == "down" {
      return notApplicable("no link", subject)
    }
    func missing(_ key: String, _ path: String) -> Evidence {
      Evidence(missing: "nics[\(nic.name)].\(key)", key: key, in: nic.unknown, path: path)
    }
    let folder = "/sys/class/net/\(nic.name)"
    guard let speed = nic.speedBitsPerSecond else {
      return unknown(
        "speed not known", subject,
        evidence: [missing("speedBitsPerSecond", "\(folder)/speed")])
    }
    let speedFact = Evidence(
      "nics[\(nic.name)].speedBitsPerSecond", "\(speed / 1_000_000) Mb/s", path: "\(folder)/speed")
    if speed < fast {
      return notApplicable("one core is enough below 10 Gb/s", subject, evidence: [speedFact])
    }
    guard let channels = nic.queues.channels else {
      return unknown(
        "queues in use not known", subject,
        evidence: [speedFact, missing("queues.channels", "ethtool \(nic.name)")])
    }
    let queues = channels.combined &+ channels.receive
    var evidence = [
      speedFact,
      Evidence("nics[\(nic.name)].queues.channels", "\(queues)", path: "ethtool \(nic.name)"),
    ]
    let limit = self.limit(nic, box, &evidence)
    if let limit, queues > limit.count {
      return warn(
        "\(queues) queues, \(limit.count) \(limit.what)", subject, evidence: evidence,
        consequence: "\(queues - limit.count) queues share a core or are served by another node",
        advice: [resize(nic, channels, to: limit.count)])
    }
    guard let most = nic.queues.channelsMaximum else {
      evidence.append(missing("queues.channelsMaximum", "ethtool \(nic.name)"))
      return unknown("most queues possible not known", subject, evidence: evidence)
    }
    let possible = most.combined &+ most.receive
    evidence.append(
      Evidence(
        "nics[\(nic.name)].queues.channelsMaximum", "\(possible)", path: "ethtool \(nic.name)"))
    if queues == 1, possible > 1, let limit, limit.count > 1 {
      return warn(
        "one queue of \(possible) possible", subject, evidence: evidence,
        consequence: "one core handles all packets",
        advice: [resize(nic, channels, to: min(possible, limit.count))])
    }
    guard let limit else {
      return unknown("cores of its node not known", subject, evidence: evidence)
    }
    return pass("\(queues) queues, \(limit.count) \(limit.what)", subject, evidence: evidence)
  }

  private static func resize(_ nic: NIC, _ channels: NIC.Channels, to count: Int) -> Advice {
    let kind = channels.combined > 0 ? "combined" : "rx"
    return Advice(
      "set the number of queues",
      commands: ["ethtool -L \(Text.quoted(nic.name)) \(kind) \(count)"],
      risk: "the link drops for a moment; its interrupts are made anew and must be placed again")
  }

  /// How many queues make sense; nil, with what is missing among the evidence, when unknown.
  ///
  /// On one node every CPU is as good as the other, and drivers take one queue for each.
  private static func limit(
    _ nic: NIC, _ box: Box, _ evidence: inout [Evidence]
  ) -> (count: Int, what: String)? {
    let memory = box.inventory.memory
    let path = "/sys/devices/system/node"
    if memory.nodes.count == 1 {
      guard let cpus = memory.nodes[0].cpus else {
        evidence.append(
          Evidence(
            missing: "memory.nodes[\(memory.nodes[0].id)].cpus", path: path,
            reason: "not read"))
        return nil
      }
      evidence.append(
        Evidence("memory.nodes[\(memory.nodes[0].id)].cpus", "\(cpus)", path: path))
      return (cpus.count, "CPUs")
    }
    guard let node = nic.numaNode, let cpus = memory.cpusByNode[node] else {
      evidence.append(
        nic.numaNode == nil
          ? Evidence(
            missing: "nics[\(nic.name)].numaNode", key: "numaNode", in: nic.unknown,
            path: "/sys/class/net/\(nic.name)/device/numa_node")
          : Evidence(missing: "memory.nodes", path: path, reason: "its CPUs were not read"))
      return nil
    }
    evidence.append(
      Evidence(
        "nics[\(nic.name)].numaNode", "\(node)",
        path: "/sys/class/net/\(nic.name)/device/numa_node"))
    evidence.append(Evidence("memory.nodes[\(node)].cpus", "\(cpus)", path: path))
    let cores = box.inventory.processors.cores.filter { !$0.cpus.intersection(cpus).isEmpty }
    if cores.isEmpty {
      evidence.append(
        Evidence(
          missing: "processors.cores", path: "/sys/devices/system/cpu/cpu*/topology",
          reason: "no core of node \(node) is known"))
      return nil
    }
    evidence.append(
      Evidence(
        "processors.cores", "\(cores.count) on node \(node)",
        path: "/sys/devices/system/cpu/cpu*/topology"))
    return (cores.count, "cores on node \(node)")
  }
}
