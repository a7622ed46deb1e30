import Base
package import Inventory

/// Machines on which placement has something to do.
extension MadeUp {
  /// Two nodes of four CPUs, no SMT: `eth0` with four queues and a control vector on node 0,
  /// `nvme0` on node 1 with an admin vector and managed queues.
  package static var twoNodes: Inventory {
    var box = Inventory(origin: "test")
    let all = NumberSet(range: 0...7)
    box.processors.present = all
    box.processors.online = all
    box.memory.nodes = [node(0, 0...3), node(1, 4...7)]
    box.processors.cores = (0..<8).map {
      Processors.Core(package: $0 / 4, die: nil, id: $0, cpus: NumberSet(range: $0...$0))
    }
    var nic = NIC(name: "eth0")
    nic.address = at("0000:01:00.0")
    nic.numaNode = 0
    nic.queues.receiveAllocated = 4
    nic.queues.transmitAllocated = 4
    nic.queues.channels = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 4)
    nic.queues.channelsMaximum = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 8)
    box.nics = [nic]
    var drive = NVMeController(name: "nvme0")
    drive.address = at("0000:41:00.0")
    drive.numaNode = 1
    box.nvme = [drive]
    func add(
      _ action: String, _ name: String, _ device: PCIAddress?, _ node: Int,
      _ role: Interrupt.Role, _ queue: Int?, _ mobility: Interrupt.Mobility = .movable
    ) {
      var interrupt = interrupt(
        30 + box.interrupts.count, action, of: name, at: device, node: node, role, queue: queue,
        mobility, affinity: all)
      interrupt.effectiveAffinity = NumberSet(range: 0...0)
      if mobility == .fixed { interrupt.mobilityReason = "managed" }
      box.interrupts.append(interrupt)
    }
    add("eth0", "eth0", nic.address, 0, .control, nil)
    for queue in 0..<4 { add("eth0-TxRx-\(queue)", "eth0", nic.address, 0, .queue, queue) }
    add("nvme0q0", "nvme0", drive.address, 1, .admin, 0)
    for queue in 1...4 { add("nvme0q\(queue)", "nvme0", drive.address, 1, .queue, queue, .fixed) }
    box.workloads.isUnified = true
    box.workloads.controllers = ["cpuset", "memory"]
    return box
  }

  /// 16 nodes, SMT, 40 interfaces with all the queues.
  package static func manyQueues(cpus: Int, queues: Int) -> Inventory {
    var box = Inventory(origin: "large")
    let all = NumberSet(range: 0...(cpus - 1))
    box.processors.online = all
    box.processors.cores = (0..<cpus / 2).map {
      Processors.Core(package: 0, die: nil, id: $0, cpus: NumberSet([$0, $0 + cpus / 2]))
    }
    for id in 0..<16 {
      let first = (id * cpus / 32)...(id * cpus / 32 + cpus / 32 - 1)
      let second = (first.lowerBound + cpus / 2)...(first.upperBound + cpus / 2)
      box.memory.nodes.append(node(id, NumberSet(range: first).union(NumberSet(range: second))))
    }
    box.workloads.isUnified = true
    box.workloads.controllers = ["cpuset"]
    for index in 0..<40 {
      var nic = NIC(name: "eth\(index)")
      nic.address = PCIAddress(domain: 0, bus: UInt8(index + 1), device: 0, function: 0)
      nic.numaNode = index % 16
      nic.queues.transmitAllocated = queues / 40
      box.nics.append(nic)
      for queue in 0..<queues / 40 {
        box.interrupts.append(
          interrupt(
            100 + box.interrupts.count, "eth\(index)-TxRx-\(queue)", of: nic.name, at: nic.address,
            .queue, queue: queue, affinity: all))
      }
    }
    return box
  }
}
