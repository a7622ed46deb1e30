internal import Base
internal import Inventory

/// Whether interrupts are delivered to CPUs of their device's node.
enum IRQLocalityCheck: Check {
  static let info = CheckInfo(
    id: "irq-locality",
    title: "Interrupts on their device's node",
    area: .interrupts,
    harm: .smallLoss,
    why: """
      When a CPU of another node handles a device's interrupt, it uses the memory next to the \
      device across the link between the nodes: each packet or block takes longer, and the link \
      carries more. Queues that the kernel spreads itself (NVMe) are meant to be everywhere and \
      are not counted; nor are the few interrupts that carry no data.
      """,
    reads: [
      "pci[*].locality.numaNode, pci[*].vectors", "memory.nodes[*].cpus",
      "interrupts[*].effectiveAffinity, affinity, mobility (/proc/irq/N)",
    ],
    verdicts: [
      .pass: "every movable interrupt that carries data goes to a CPU of the device's node",
      .warn: "movable interrupts are delivered to other nodes",
      .unknown: "the device's node or where its interrupts go is not known",
      .notApplicable: "one node, or the device has no such interrupt",
    ],
    fix:
      "Stop irqbalance or ban these interrupts from it; then set the affinity of each to CPUs of "
      + "the device's node.",
    risk: "Too many interrupts on few CPUs: one queue per core, not all on one.",
    sources: [
      "kernel: Documentation/core-api/irq/irq-affinity.rst, managed_irq.rst",
      "kernel: Documentation/networking/scaling.rst",
    ],
    needs: [.interrupts, .interruptDetail, .pci, .pciDetail, .memory, .gpus, .nics, .nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    if let finding = withoutNodes(box) { return [finding] }
    if box.inventory.interrupts.isEmpty {
      return [
        unknown(
          "interrupts not seen",
          evidence: [
            Evidence(
              missing: "interrupts", path: "/proc/interrupts",
              reason: box.inventory.collectors.first { $0.name == "Interrupts" }?.note
                ?? "none were collected")
          ])
      ]
    }
    let devices = DeviceInterrupts.all(box)
    if devices.isEmpty { return [none(box, collector: "PCI", "device with interrupts")] }
    return devices.map { judge($0, box) }
  }

  private static func judge(_ device: DeviceInterrupts, _ box: Box) -> Finding {
    let subject = box.subject(device.function.address)
    let fact = "pci[\(device.function.address)].locality.numaNode"
    let path = "/sys/bus/pci/devices/\(device.function.address)/numa_node"
    let movable = device.placeable
    if device.interrupts.isEmpty {
      if device.function.driver == nil,
        !device.function.unknown.contains(where: { $0.fact == "driver" })
      {
        return notApplicable("no driver", subject)
      }
      return unknown(
        "its interrupts were not seen", subject,
        evidence: [
          Evidence(
            missing: "pci[\(device.function.address)].vectors",
            path: "/sys/bus/pci/devices/\(device.function.address)/msi_irqs",
            reason: "no interrupt of this device is known")
        ])
    }
    if movable.isEmpty {
      return notApplicable("none that could be moved and carries data", subject)
    }
    guard let node = device.function.locality.numaNode else {
      return unknown(
        "its node is not known", subject,
        evidence: [
          Evidence(
            missing: fact, key: "locality", in: device.function.unknown, path: path)
        ])
    }
    guard let cpus = box.inventory.memory.cpusByNode[node] else {
      return unknown(
        "CPUs of node \(node) not known", subject,
        evidence: [
          Evidence(
            missing: "memory.nodes[\(node)].cpus",
            path: "/sys/devices/system/node/node\(node)/cpulist", reason: "not read")
        ])
    }
    if cpus.isEmpty { return notApplicable("node \(node) has no CPUs", subject) }
    var evidence = [
      Evidence(fact, "\(node)", path: path),
      Evidence(
        "memory.nodes[\(node)].cpus", "\(cpus)",
        path: "/sys/devices/system/node/node\(node)/cpulist"),
    ]
    let judged = movable.map { (interrupt: $0, place: place($0, cpus)) }
    // A recording without file modes does not distinguish managed interrupts from others.
    let away = judged.filter { $0.place == .away && $0.interrupt.mobility == .movable }
    if !away.isEmpty {
      return warning(
        away.map(\.interrupt), of: movable.count, subject, node, cpus, evidence)
    }
    let open = judged.filter { $0.place != .here }
    evidence += movable.map(DeviceInterrupts.evidence)
    if !open.isEmpty {
      return unknown(
        open.allSatisfy { $0.place == .away }
          ? "unknown which may be moved" : "where they go is not known",
        subject, evidence: evidence)
    }
    return pass("\(movable.count) on node \(node)", subject, evidence: evidence)
  }

  private enum Place { case here, away, unknown }

  private static func place(_ interrupt: Interrupt, _ cpus: NumberSet) -> Place {
    if let target = interrupt.effectiveAffinity, !target.isEmpty {
      return target.isSubset(of: cpus) ? .here : .away
    }
    // What was asked for proves only that no CPU of the node is allowed.
    if let asked = interrupt.affinity, !asked.isEmpty, asked.intersection(cpus).isEmpty {
      return .away
    }
    return .unknown
  }

  private static func warning(
    _ away: [Interrupt], of count: Int, _ subject: Subject, _ node: Int, _ cpus: NumberSet,
    _ evidence: [Evidence]
  ) -> Finding {
    let numbers = NumberSet(away.map(\.number))
    return warn(
      "\(away.count) of \(count) interrupts off node \(node)", subject,
      evidence: evidence + away.map(DeviceInterrupts.evidence),
      consequence: "each of interrupts \(numbers) is handled across the link between the nodes",
      advice: [
        Advice(
          "move them to the device's node",
          commands: numbers.numbers.map {
            "echo \(cpus) > /proc/irq/\($0)/smp_affinity_list"
          },
          risk: "irqbalance moves them back; settings are gone at the next boot")
      ])
  }
}
