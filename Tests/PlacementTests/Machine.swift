import Base
import Inventory

/// Machines made for tests.
enum Machine {
  /// Two nodes of four CPUs, no SMT: `eth0` with four queues and a control vector on node 0,
  /// `nvme0` on node 1 with an admin vector and managed queues.
  static func twoNodes() -> Inventory {
    var box = Inventory(origin: "test")
    box.processors.present = NumberSet(range: 0...7)
    box.processors.online = NumberSet(range: 0...7)
    box.memory.nodes = [node(0, 0...3), node(1, 4...7)]
    box.processors.cores = (0..<8).map {
      Processors.Core(package: $0 / 4, die: nil, id: $0, cpus: NumberSet(range: $0...$0))
    }
    var nic = NIC(name: "eth0")
    nic.address = PCIAddress("0000:01:00.0")
    nic.numaNode = 0
    nic.queues.receiveAllocated = 4
    nic.queues.transmitAllocated = 4
    nic.queues.channels = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 4)
    nic.queues.channelsMaximum = NIC.Channels(receive: 0, transmit: 0, other: 1, combined: 8)
    box.nics = [nic]
    var drive = NVMeController(name: "nvme0")
    drive.address = PCIAddress("0000:41:00.0")
    drive.numaNode = 1
    box.nvme = [drive]
    var number = 30
    func add(
      _ device: String, _ name: String, _ node: Int, _ action: String, _ role: Interrupt.Role,
      _ queue: Int?, _ mobility: Interrupt.Mobility
    ) {
      var interrupt = Interrupt(number: number)
      number += 1
      interrupt.actions = [action]
      interrupt.device = PCIAddress(device)
      interrupt.deviceName = name
      interrupt.numaNode = node
      interrupt.role = role
      interrupt.queue = queue
      interrupt.affinity = NumberSet(range: 0...7)
      interrupt.effectiveAffinity = NumberSet(range: 0...0)
      interrupt.mobility = mobility
      if mobility == .fixed { interrupt.mobilityReason = "managed" }
      box.interrupts.append(interrupt)
    }
    add("0000:01:00.0", "eth0", 0, "eth0", .control, nil, .movable)
    for queue in 0..<4 {
      add("0000:01:00.0", "eth0", 0, "eth0-TxRx-\(queue)", .queue, queue, .movable)
    }
    add("0000:41:00.0", "nvme0", 1, "nvme0q0", .admin, 0, .movable)
    for queue in 1...4 {
      add("0000:41:00.0", "nvme0", 1, "nvme0q\(queue)", .queue, queue, .fixed)
    }
    box.workloads.isUnified = true
    box.workloads.controllers = ["cpuset", "memory"]
    return box
  }

  static func node(_ id: Int, _ cpus: ClosedRange<Int>?, bytes: Int = 1 << 30) -> NUMANode {
    var node = NUMANode(id: id)
    node.cpus = cpus.map { NumberSet(range: $0) } ?? NumberSet()
    node.totalBytes = bytes
    node.kind =
      cpus == nil ? (bytes > 0 ? .cpuless : .empty) : bytes > 0 ? .regular : .memoryless
    return node
  }
}
