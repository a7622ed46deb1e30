import Base
package import Inventory

extension MadeUp {
  /// A box as tinybox builds them: 4 nodes, 6 GPUs, 4 drives, 2 NICs.
  package static var server: Inventory {
    var box = Inventory(origin: "live")
    boxMachine(&box)
    box.memory.nodes = fourNodes
    boxDevices(&box)
    box.pci.sort { $0.address < $1.address }
    box.interrupts.sort { $0.number < $1.number }
    box.numberGPUs()
    return box
  }

  /// Four nodes of an EPYC with 32 cores.
  package static var fourNodes: [NUMANode] {
    (0..<4).map { id in
      let cpus = [id * 8, 32 + id * 8].map { NumberSet(range: $0...($0 + 7)) }
      var node = node(id, cpus[0].union(cpus[1]), bytes: 126 << 30, free: (80 + id * 10) << 30)
      node.distances = (0..<4).map { .init(node: $0, value: $0 == id ? 10 : 12) }
      return node
    }
  }

  private static func boxMachine(_ box: inout Inventory) {
    box.machine.hostName = "tiny1"
    box.machine.operatingSystem = "Debian GNU/Linux 13 (trixie)"
    box.machine.systemVendor = "ASRockRack"
    box.machine.systemProduct = "To Be Filled By O.E.M."
    box.machine.boardVendor = "ASRockRack"
    box.machine.boardName = "ROMED8-2T"
    box.machine.biosVersion = "P3.70"
    box.machine.biosDate = "06/29/2023"
    box.machine.kernel.release = "6.12.41+deb13-amd64"
    box.machine.iommu.mode = .passthrough
    box.machine.bootMode = .uefi
    box.machine.uptimeSeconds = 1_054_321
    box.machine.loadAverages = [3.2, 1.5, 0.91]
    box.processors.model = "AMD EPYC 7532 32-Core Processor"
    box.processors.packages = [
      .init(id: 0, cpus: NumberSet(range: 0...63), coreCount: 32)
    ]
    box.processors.cores = (0..<32).map {
      .init(package: 0, die: 0, id: $0, cpus: NumberSet([$0, $0 + 32]))
    }
    box.processors.online = NumberSet(range: 0...63)
    box.processors.smtActive = true
    box.processors.busyShare = 0.07
    box.processors.nodesPerSocket = .init(value: 4, confidence: .certain, evidence: "4 nodes")
    box.memory.totalBytes = 503 << 30
    box.memory.availableBytes = 312 << 30
    for _ in 0..<8 {
      var module = MemoryModule(isPopulated: true)
      module.type = "DDR4"
      module.configuredMegatransfersPerSecond = 3200
      box.memory.modules.append(module)
    }
    box.collectors = ["Machine", "GPU", "NIC", "NVMe"].map { .init(name: $0, outcome: .found) }
  }

  private static func boxDevices(_ box: inout Inventory) {
    let buses = ["c0", "80", "40", "00"]
    for node in 0..<4 {
      let bus = buses[node]
      for (device, function) in [(0, 0), (1, 0), (8, 0)] {
        box.pci.append(
          chipset(
            "\(bus):0\(device).\(function)", bus: "pci0000:\(bus)", node: node,
            code: device == 0 ? 0x060000 : 0x060000))
      }
    }
    let places = [("01", 3), ("41", 2), ("42", 2), ("81", 1), ("82", 1), ("c1", 0)]
    for (slot, (bus, node)) in places.enumerated() {
      let now = slot == 1 ? rate(2.5, 16) : rate(16, 16)
      let root = port(
        "\(buses[node]):0\(slot % 2 + 1).1", bus: "pci0000:\(buses[node])", node: node, link: now,
        slot: "PCIE\(slot + 1)")
      box.pci.append(root)
      gpu(&box, bus, below: root, now: now, slot: slot)
    }
    for drive in 0..<4 {
      let node = drive
      let now = drive == 2 ? rate(8, 2) : rate(16, 4)
      let bus = "\(buses[node].first ?? "0")5"
      let root = port(
        "\(buses[node]):03.\(drive + 1)", bus: "pci0000:\(buses[node])", node: node, link: now)
      box.pci.append(root)
      nvme(&box, "nvme\(drive)", "\(bus):00.0", below: root, now: now)
    }
    let root = port("40:04.1", bus: "pci0000:40", node: 2, link: rate(8, 8))
    box.pci.append(root)
    for function in 0..<2 { nic(&box, function, below: root) }
  }

  private static func gpu(
    _ box: inout Inventory, _ bus: String, below root: PCIFunction, now: PCIeRate, slot: Int
  ) {
    // The card's own switch: two bridges of vendor 0x1002 above the GPU.
    let next = String((UInt8(bus, radix: 16) ?? 0) + 8, radix: 16)
    let above = next.count == 1 ? "0" + next : next
    let last = String((UInt8(bus, radix: 16) ?? 0) + 16, radix: 16)
    var up = port("\(bus):00.0", bus: root.rootBus ?? "", node: root.locality.numaNode, link: now)
    up.parent = root.address
    up.identity.vendorID = 0x1002
    up.identity.deviceName = "Navi 10 XL Upstream Port of PCI Express Switch"
    up.express?.portType = .switchUpstream
    var down = port(
      "\(above):00.0", bus: root.rootBus ?? "", node: root.locality.numaNode, link: rate(16, 16))
    down.parent = up.address
    down.identity.vendorID = 0x1002
    down.identity.deviceName = "Navi 10 XL Downstream Port of PCI Express Switch"
    down.express?.portType = .switchDownstream
    var card = endpoint(
      "\(last):00.0", below: down, code: 0x030000,
      name: "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]", driver: "amdgpu",
      now: rate(16, 16), possible: rate(16, 16))
    card.slot = root.slot
    card.path = PCIePath(
      hops: [
        hop(
          down.address, card.address, now: rate(16, 16), possible: rate(16, 16), isInsideCard: true),
        hop(root.address, up.address, now: now, possible: rate(16, 16)),
      ], bottleneck: now == rate(16, 16) ? 0 : 1, slotLink: 1, isDegraded: now != rate(16, 16))
    var audio = endpoint(
      "\(last):00.1", below: down, code: 0x040300, name: "Navi 31 HDMI/DP Audio",
      driver: "snd_hda_intel", now: rate(16, 16), possible: rate(16, 16))
    audio.path = nil
    if slot == 0 {
      card.aer = PCIeErrors(correctable: ["BadTLP": 1200, "BadDLLP": 34])
      card.aer?.correctableTotal = 1234
      card.aer?.nonFatalTotal = 0
      card.aer?.fatalTotal = 0
    }
    box.pci += [up, down, card, audio]
    var gpu = GPU(address: card.address, vendor: .amd)
    gpu.name = "AMD Radeon RX 7900 XTX"
    gpu.driver = "amdgpu"
    gpu.memoryTotalBytes = 24 << 30
    gpu.memoryUsedBytes = slot < 4 ? 22 << 30 + 1 << 27 : 26 << 20
    gpu.memoryVisibleBytes = 24 << 30
    gpu.memoryBarBytes = 1 << 35
    gpu.largeBar = true
    gpu.drmCard = "card\(slot)"
    gpu.renderNode = "renderD\(128 + slot)"
    gpu.target = "gfx1100"
    gpu.powerWatts = slot < 4 ? 285.4 : 14
    gpu.powerCap = .init(watts: 327, minimumWatts: 281, maximumWatts: 390, defaultWatts: 339)
    gpu.temperatures = [
      .init(label: "edge", celsius: 54),
      .init(label: "junction", celsius: 71, criticalCelsius: 110),
    ]
    gpu.busyShare = slot < 4 ? 0.97 : 0
    gpu.coreClockHertz = 2_482_000_000
    gpu.vbios = "113-D70201-X"
    box.gpus.append(gpu)
    box.gpus.sort { $0.address < $1.address }
    irq(&box, 100 + slot, card, "amdgpu", gpu.address.short, cpu: root.locality.numaNode ?? 0)
  }

  private static func nvme(
    _ box: inout Inventory, _ name: String, _ address: String, below root: PCIFunction,
    now: PCIeRate
  ) {
    let function = endpoint(
      address, below: root, code: 0x010802, name: "NVMe SSD Controller S4LV008[Pascal]",
      driver: "nvme", now: now, possible: rate(16, 4))
    box.pci.append(function)
    var drive = NVMeController(name: name)
    drive.address = function.address
    drive.model = "Samsung SSD 990 PRO 2TB"
    drive.firmware = "4B2QJXD7"
    drive.state = "live"
    drive.transport = "pcie"
    drive.numaNode = root.locality.numaNode
    drive.queueCount = 65
    drive.capacityBytes = 2_000_398_934_016
    drive.isBootDisk = name == "nvme0"
    drive.temperatures = [.init(label: "Composite", celsius: 41, criticalCelsius: 84.8)]
    var namespace = NVMeController.Namespace(name: name + "n1")
    namespace.sizeBytes = drive.capacityBytes
    namespace.blockBytes = 512
    namespace.uses =
      name == "nvme0"
      ? [
        .init(device: "nvme0n1p1", kind: .mount, target: "/boot/efi", detail: "vfat"),
        .init(device: "nvme0n1p2", kind: .mount, target: "/", detail: "ext4", freeBytes: 1 << 40),
      ] : [.init(device: name + "n1", kind: .raid, target: "md0", detail: "raid0")]
    drive.namespaces = [namespace]
    drive.health = .init(
      criticalWarning: 0, temperatureCelsius: 41, availableSpare: 1, spareThreshold: 0.1,
      lifeUsed: 0.03, bytesRead: 1.2e14, bytesWritten: 8e13, powerOnHours: 8123,
      powerCycles: 44, unsafeShutdowns: 3, mediaErrors: 0, errorLogEntries: 0)
    box.nvme.append(drive)
    for queue in 0..<4 {
      irq(
        &box, 200 + box.nvme.count * 10 + queue, function, "\(name)q\(queue)", name,
        cpu: (root.locality.numaNode ?? 0) * 8 + queue, queue: queue, isFixed: queue > 0)
    }
  }

  private static func nic(_ box: inout Inventory, _ function: Int, below root: PCIFunction) {
    let card = endpoint(
      "48:00.\(function)", below: root, code: 0x020000, name: "Ethernet Controller X550",
      driver: "ixgbe", now: rate(8, 8), possible: rate(8, 8))
    box.pci.append(card)
    var nic = NIC(name: "enp72s0f\(function)")
    nic.address = card.address
    nic.bus = "pci"
    nic.model = "Intel Corporation Ethernet Controller X550"
    nic.driver = "ixgbe"
    nic.numaNode = root.locality.numaNode
    nic.operationalState = function == 0 ? "up" : "down"
    nic.carrier = function == 0 ? true : nil
    nic.speedBitsPerSecond = function == 0 ? 10_000_000_000 : nil
    nic.mtuBytes = 1500
    nic.queues.channels = .init(receive: 0, transmit: 0, other: 1, combined: 16)
    nic.queues.channelsMaximum = .init(receive: 0, transmit: 0, other: 1, combined: 63)
    box.nics.append(nic)
    for queue in 0..<2 {
      // The second queue is delivered to another node.
      irq(
        &box, 300 + function * 10 + queue, card, "\(nic.name)-TxRx-\(queue)", nic.name,
        cpu: queue == 0 ? 16 : 0, queue: queue)
    }
  }

  private static func irq(
    _ box: inout Inventory, _ number: Int, _ function: PCIFunction, _ action: String,
    _ name: String, cpu: Int, queue: Int? = nil, isFixed: Bool = false
  ) {
    var interrupt = interrupt(
      number, action, of: name, at: function.address, node: function.locality.numaNode,
      queue == nil ? .other : queue == 0 && name.hasPrefix("nvme") ? .admin : .queue, queue: queue,
      isFixed ? .fixed : .movable, affinity: NumberSet(range: 0...63))
    interrupt.effectiveAffinity = NumberSet([cpu])
    interrupt.mobilityReason = isFixed ? "managed by the driver" : nil
    interrupt.counts = [cpu: 1000 + number, 40: 10]
    box.interrupts.append(interrupt)
  }
}
