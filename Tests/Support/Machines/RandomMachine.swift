import Base
package import Inventory
package import TestSupport

/// Machines of every odd shape: sparse node ids, SMT numbered either way, nodes
/// without memory or CPUs, offline and isolated CPUs, devices without a node.
package struct RandomMachine {
  package var dice: SeededGenerator
  package private(set) var box = Inventory(origin: "generated")
  private var number = 20

  package init(_ dice: SeededGenerator) { self.dice = dice }

  package mutating func machine() -> Inventory {
    processors()
    for index in 0..<dice.pick(0...5) { nic(index) }
    for index in 0..<dice.pick(0...4) { drive(index) }
    for index in 0..<dice.pick(0...3) { gpu(index) }
    // One that belongs to nothing that is placed.
    add("0000:00:14.0", "xhci_hcd", "xhci_hcd", .other, nil)
    box.workloads.isUnified = dice.pick([true, true, true, false, nil])
    box.workloads.controllers = dice.chance(90) ? ["cpuset", "memory"] : ["memory"]
    if dice.chance(30) { box.system.irqbalance = IRQBalance(pid: 1, arguments: [], unit: nil) }
    box.memory.numaBalancing = dice.pick([0, 1, nil])
    box.memory.transparentHugePages = dice.pick(["always", "madvise", nil])
    if dice.chance(70) {
      var frequency = Processors.Frequency()
      frequency.governors = ["schedutil": box.processors.online ?? NumberSet()]
      box.processors.frequency = frequency
    }
    return box
  }

  private mutating func processors() {
    let threads = dice.pick([1, 1, 2, 2, 4])
    let cores = dice.pick(1...24)
    let isInterleaved = dice.chance(60)
    let count = cores * threads
    var ids: [Int] = []
    var id = dice.pick([0, 0, 1])
    for _ in 0..<dice.pick(1...min(5, cores)) {
      ids.append(id)
      id += dice.pick(1...3)
    }
    var offline: [Int] = []
    for cpu in 1..<max(2, count) where cpu < count && dice.chance(10) { offline.append(cpu) }
    let online = NumberSet(range: 0...(count - 1)).subtracting(NumberSet(offline))
    box.processors.present = NumberSet(range: 0...(count - 1))
    box.processors.online = online
    if dice.chance(20) { box.processors.isolated = NumberSet([count - 1]) }
    var ofNode: [Int: [Int]] = [:]
    for core in 0..<cores {
      let own = (0..<threads).map { isInterleaved ? core + $0 * cores : core * threads + $0 }
      ofNode[ids[core * ids.count / cores], default: []] += own
      let running = NumberSet(own).intersection(online)
      if !running.isEmpty, dice.chance(97) {
        box.processors.cores.append(
          Processors.Core(package: 0, die: nil, id: core, cpus: running))
      }
    }
    for id in ids {
      let cpus = NumberSet(ofNode[id] ?? []).intersection(online)
      box.memory.nodes.append(MadeUp.node(id, cpus, bytes: dice.chance(15) ? 0 : 1 << 30))
    }
    if dice.chance(40) { box.memory.nodes.append(MadeUp.node(id + 1, nil, bytes: 1 << 34)) }
    let all = box.memory.nodes.map(\.id)
    for index in box.memory.nodes.indices where dice.chance(90) {
      let own = box.memory.nodes[index].id
      box.memory.nodes[index].distances = all.map {
        NUMANode.Distance(node: $0, value: $0 == own ? 10 : 12 + abs($0 - own))
      }
    }
    if dice.chance(5) { box.memory.nodes[0].cpus = nil }
  }

  private mutating func someNode() -> Int? {
    dice.chance(12) ? nil : dice.pick(box.memory.nodes.map(\.id))
  }

  private mutating func nic(_ index: Int) {
    let address = "0000:1\(index):00.0"
    let name = "eth\(index)"
    var nic = NIC(name: name)
    nic.address = PCIAddress(address)
    nic.numaNode = someNode()
    let queues = dice.pick(1...30)
    nic.queues.receiveAllocated = queues
    nic.queues.transmitAllocated = queues
    if dice.chance(80) {
      nic.queues.channels = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: queues)
      nic.queues.channelsMaximum = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 32)
    }
    if dice.chance(30) { nic.queues.rps = [0: NumberSet([0])] }
    box.nics.append(nic)
    add(address, name, name, .control, nil)
    let isSplit = dice.chance(30)
    for queue in 0..<queues {
      if isSplit {
        add(address, name, "virtio\(index)-input.\(queue)", .queue, queue)
        add(address, name, "virtio\(index)-output.\(queue)", .queue, queue)
      } else {
        add(address, name, dice.chance(10) ? "\(name)-q" : "\(name)-TxRx-\(queue)", .queue, queue)
      }
    }
  }

  private mutating func drive(_ index: Int) {
    let address = "0000:4\(index):00.0"
    var drive = NVMeController(name: "nvme\(index)")
    drive.address = PCIAddress(address)
    drive.numaNode = someNode()
    box.nvme.append(drive)
    add(address, drive.name, "\(drive.name)q0", .admin, 0)
    for queue in 1...8 { add(address, drive.name, "\(drive.name)q\(queue)", .queue, queue, .fixed) }
  }

  private mutating func gpu(_ index: Int) {
    let address = "0000:8\(index):00.0"
    guard let parsed = PCIAddress(address) else { return }
    box.gpus.append(GPU(address: parsed, vendor: .amd))
    var function = PCIFunction(address: parsed)
    function.locality.numaNode = someNode()
    box.pci.append(function)
    add(address, "amdgpu", "amdgpu", .control, nil)
  }

  private mutating func add(
    _ device: String, _ name: String, _ action: String, _ role: Interrupt.Role, _ queue: Int?,
    _ mobility: Interrupt.Mobility = .movable
  ) {
    let online = box.processors.online ?? NumberSet()
    var interrupt = MadeUp.interrupt(
      number, action, of: name, at: PCIAddress(device), role, queue: queue, affinity: nil)
    number += dice.pick(1...3)
    if dice.chance(4) { interrupt.actions = [] }
    if !dice.chance(4) {
      interrupt.affinity = dice.chance(50) ? online : NumberSet([dice.pick(online.numbers)])
    }
    interrupt.effectiveAffinity = interrupt.affinity?.first.map { NumberSet(range: $0...$0) }
    interrupt.mobility = dice.chance(90) ? mobility : dice.pick([.fixed, .unknown])
    box.interrupts.append(interrupt)
  }
}
