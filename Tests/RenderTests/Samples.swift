import Base
import Inventory

/// Inventories made by hand: what the renderers are tested on.
enum Samples {
  /// An address; a mistake in a sample shows as ffff:ff:1f.7.
  static func at(_ text: String) -> PCIAddress {
    PCIAddress(text) ?? PCIAddress(domain: 0xffff, bus: 0xff, device: 0x1f, function: 7)
  }

  static func rate(_ speed: Double, _ width: Int) -> PCIeRate {
    PCIeRate(gigatransfersPerSecond: speed, width: width)
  }

  static let gibi = 1 << 30

  // MARK: Parts

  /// A root port on bus `pci0000:BUS`.
  static func port(
    _ address: String, bus: String, node: Int?, link: PCIeRate? = nil, slot: String? = nil
  ) -> PCIFunction {
    var port = PCIFunction(address: at(address))
    port.rootBus = bus
    port.identity.vendorID = 0x1022
    port.identity.deviceID = 0x1483
    port.identity.classCode = 0x060400
    port.identity.vendorName = "Advanced Micro Devices, Inc. [AMD]"
    port.identity.deviceName = "Starship/Matisse GPP Bridge"
    port.driver = "pcieport"
    port.locality.numaNode = node
    port.locality.evidence = node == nil ? .unknown : .own
    port.slot = slot
    port.iommuGroup = 12
    port.link = PCIeLinkState(current: link, maximum: rate(16, 16))
    port.express = PCIeCapability(
      portType: .rootPort, maxPayloadSupportedBytes: 512, maxPayloadBytes: 256,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    port.acs = PCIeACS(capability: 0x5f, control: 0x1d)
    return port
  }

  /// An endpoint below `parent` with one link.
  static func endpoint(
    _ address: String, below parent: PCIFunction, code: UInt32, name: String, driver: String?,
    now: PCIeRate?, possible: PCIeRate?
  ) -> PCIFunction {
    var function = PCIFunction(address: at(address))
    function.parent = parent.address
    function.rootBus = parent.rootBus
    function.identity.vendorID = 0x1002
    function.identity.deviceID = 0x744c
    function.identity.classCode = code
    function.identity.deviceName = name
    function.driver = driver
    function.locality = parent.locality
    function.iommuGroup = 40
    function.link = PCIeLinkState(current: now, maximum: possible)
    let verdict: PCIeHop.Verdict = now == nil ? .unknown : now == possible ? .full : .below
    function.path = PCIePath(
      hops: [
        PCIeHop(
          port: parent.address, device: function.address, current: now, possible: possible,
          limitedBy: .both, isInsideCard: false, verdict: verdict)
      ], bottleneck: now == nil ? nil : 0, slotLink: 0, isDegraded: now.map { $0 != possible })
    function.bars = [
      PCIBar(
        index: 0, sizeBytes: 1 << 35, kind: .memory, isPrefetchable: true, is64Bit: true,
        isAssigned: true)
    ]
    function.vectors = PCIVectors(kind: "msix", allocated: NumberSet(range: 60...63), possible: 8)
    return function
  }

  static func chipset(_ address: String, bus: String, node: Int?, code: UInt32) -> PCIFunction {
    var function = PCIFunction(address: at(address))
    function.rootBus = bus
    function.identity.classCode = code
    function.identity.deviceName = "Starship/Matisse Root Complex"
    function.locality.numaNode = node
    return function
  }

  // MARK: Machines

  /// A box as tinybox builds them: 4 nodes, 6 GPUs, 4 drives, 2 NICs.
  static var box: Inventory {
    var box = Inventory(origin: "live")
    boxMachine(&box)
    for node in 0..<4 {
      var place = NUMANode(id: node)
      place.kind = .regular
      place.cpus = NumberSet(range: (node * 8)...(node * 8 + 7))
        .union(NumberSet(range: (32 + node * 8)...(32 + node * 8 + 7)))
      place.totalBytes = 126 * gibi
      place.freeBytes = (80 + node * 10) * gibi
      place.distances = (0..<4).map { .init(node: $0, value: $0 == node ? 10 : 12) }
      box.memory.nodes.append(place)
    }
    boxDevices(&box)
    box.pci.sort { $0.address < $1.address }
    box.interrupts.sort { $0.number < $1.number }
    box.numberGPUs()
    return box
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
    box.memory.totalBytes = 503 * gibi
    box.memory.availableBytes = 312 * gibi
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
        PCIeHop(
          port: down.address, device: card.address, current: rate(16, 16), possible: rate(16, 16),
          limitedBy: .both, isInsideCard: true, verdict: .full),
        PCIeHop(
          port: root.address, device: up.address, current: now, possible: rate(16, 16),
          limitedBy: .both, isInsideCard: false,
          verdict: now == rate(16, 16) ? .full : .below),
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
    gpu.memoryTotalBytes = 24 * gibi
    gpu.memoryUsedBytes = slot < 4 ? 22 * gibi + gibi / 8 : 26 << 20
    gpu.memoryVisibleBytes = 24 * gibi
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

  static func irq(
    _ box: inout Inventory, _ number: Int, _ function: PCIFunction, _ action: String,
    _ name: String, cpu: Int, queue: Int? = nil, isFixed: Bool = false
  ) {
    var interrupt = Interrupt(number: number)
    interrupt.actions = [action]
    interrupt.device = function.address
    interrupt.deviceName = name
    interrupt.numaNode = function.locality.numaNode
    interrupt.queue = queue
    interrupt.role = queue == nil ? .other : queue == 0 && name.hasPrefix("nvme") ? .admin : .queue
    interrupt.affinity = NumberSet(range: 0...63)
    interrupt.effectiveAffinity = NumberSet([cpu])
    interrupt.mobility = isFixed ? .fixed : .movable
    interrupt.mobilityReason = isFixed ? "managed by the driver" : nil
    interrupt.counts = [cpu: 1000 + number, 40: 10]
    box.interrupts.append(interrupt)
  }

  /// A laptop: one node that the kernel does not number, an integrated GPU, a USB interface.
  static var laptop: Inventory {
    var box = Inventory(origin: "live")
    box.machine.hostName = "travel"
    box.machine.systemVendor = "LENOVO"
    box.machine.systemProduct = "21F8"
    box.machine.boardName = "21F8"
    box.machine.kernel.release = "6.12.9"
    box.machine.iommu.mode = .translated
    box.machine.uptimeSeconds = 754
    box.processors.model = "AMD Ryzen 7 PRO 7840U w/ Radeon 780M Graphics"
    box.processors.online = NumberSet(range: 0...15)
    box.processors.packages = [.init(id: 0, cpus: NumberSet(range: 0...15), coreCount: 8)]
    box.processors.cores = (0..<8).map {
      .init(package: 0, die: 0, id: $0, cpus: NumberSet([$0 * 2, $0 * 2 + 1]))
    }
    box.memory.totalBytes = 30 * gibi
    let internalPort = port("00:08.1", bus: "pci0000:00", node: nil, link: rate(16, 16))
    var graphics = endpoint(
      "c1:00.0", below: internalPort, code: 0x030000, name: "Phoenix1", driver: "amdgpu",
      now: rate(16, 16), possible: rate(16, 16))
    graphics.unknown = [
      UnknownFact(fact: "express", path: "config", reason: "permission denied"),
      UnknownFact(fact: "acs", path: "config", reason: "permission denied"),
    ]
    let slot = port("00:02.4", bus: "pci0000:00", node: nil, link: rate(16, 4))
    let disk = endpoint(
      "02:00.0", below: slot, code: 0x010802, name: "BG6", driver: "nvme", now: rate(16, 4),
      possible: rate(16, 4))
    box.pci = [
      chipset("00:00.0", bus: "pci0000:00", node: nil, code: 0x060000), slot, internalPort, disk,
      graphics,
    ]
    var gpu = GPU(address: graphics.address, vendor: .amd)
    gpu.driver = "amdgpu"
    gpu.memoryTotalBytes = 2 * gibi
    gpu.unknown = [
      UnknownFact(fact: "memoryUsedBytes", path: "mem_info_vram_used", reason: "device gone")
    ]
    box.gpus = [gpu]
    var drive = NVMeController(name: "nvme0")
    drive.address = disk.address
    drive.model = "KIOXIA KBG60ZNV1T02"
    drive.state = "live"
    drive.capacityBytes = 1_024_209_543_168
    drive.unknown = [
      UnknownFact(fact: "health", path: "/dev/nvme0", reason: "permission denied")
    ]
    box.nvme = [drive]
    var usb = NIC(name: "enx00e04c68")
    usb.bus = "usb"
    usb.driver = "r8152"
    usb.operationalState = "up"
    usb.speedBitsPerSecond = 1_000_000_000
    box.nics = [usb]
    return box
  }

  /// Nothing could be told.
  static var empty: Inventory {
    var box = Inventory(origin: "live")
    let why = "permission denied"
    box.machine.unknown = [UnknownFact(fact: "hostName", path: "/proc", reason: why)]
    box.memory.unknown = [UnknownFact(fact: "totalBytes", path: "/proc/meminfo", reason: why)]
    return box
  }

  /// Facts that are all unknown, of things that are there.
  static var unknown: Inventory {
    var box = Inventory(origin: "live")
    let address = at("01:00.0")
    let facts = [
      "name", "driver", "memoryTotalBytes", "powerWatts", "temperatures", "busyShare", "link",
      "express", "acs", "aer", "bars", "vectors", "identity", "iommuGroup", "model",
      "capacityBytes",
      "speedBitsPerSecond", "mtuBytes", "queues", "operationalState", "health", "state", "firmware",
      "queueCount", "isBootDisk", "affinity", "effectiveAffinity", "counts", "numaNode", "target",
      "vbios", "renderNode", "rdmaDevices", "interrupts", "firmwareVersion", "powerCap", "cpus",
    ].map { UnknownFact(fact: $0, path: "/sys/x", reason: "device gone or not answering") }
    var function = PCIFunction(address: address)
    function.identity.classCode = 0x030000
    function.unknown = facts
    var gpu = GPU(address: address, vendor: .other)
    gpu.unknown = facts
    var drive = NVMeController(name: "nvme0")
    drive.unknown = facts
    var nic = NIC(name: "eth0")
    nic.unknown = facts
    var interrupt = Interrupt(number: 17)
    interrupt.unknown = facts
    interrupt.device = address
    var node = NUMANode(id: 3)
    node.unknown = facts
    box.pci = [function]
    box.gpus = [gpu]
    box.nvme = [drive]
    box.nics = [nic]
    box.interrupts = [interrupt]
    box.memory.nodes = [node]
    return box
  }

  /// What a hostile device, or a damaged recording, may bring.
  static var hostile: Inventory {
    var box = Inventory(origin: "/tmp/\u{1b}]0;title\u{7}")
    let evil = "\u{1b}[2J\u{1b}[31mEVIL\u{9b}31m\u{202e}dlrow\u{2028}\r\n\t\u{0} <&\"'> 日本語 👩‍🚀 "
    box.machine.hostName = evil
    box.machine.systemProduct = String(repeating: evil, count: 60)
    box.machine.loadAverages = [.infinity, -.nan, 1e300]
    box.machine.uptimeSeconds = .infinity
    box.processors.model = evil
    box.memory.totalBytes = .max
    box.memory.availableBytes = .min
    var node = NUMANode(id: .max)
    node.cpus = NumberSet((0..<2000).filter { $0 % 2 == 0 })
    node.totalBytes = -1
    node.freeBytes = .max
    node.distances = (0..<200).map { .init(node: $0, value: .max) }
    box.memory.nodes = [node]
    let root = port("00:01.0", bus: evil, node: .max, link: rate(.infinity, .max))
    box.pci.append(root)
    for slot in 0..<63 {
      var function = endpoint(
        "1\(slot % 10):0\(slot / 10).0", below: root, code: 0x030000, name: evil, driver: evil,
        now: rate(.nan, .min), possible: rate(-1e300, .max))
      function.slot = evil
      function.aer = PCIeErrors(correctable: [evil: .max, "b": .max], fatal: ["c": .max])
      box.pci.append(function)
      var gpu = GPU(address: function.address, vendor: .other)
      gpu.name = evil
      gpu.memoryTotalBytes = .max
      gpu.memoryUsedBytes = .min
      gpu.powerWatts = -.infinity
      gpu.busyShare = .nan
      gpu.temperatures = [.init(label: evil, celsius: 1e308, criticalCelsius: 1)]
      box.gpus.append(gpu)
    }
    for number in 0..<300 {
      var virtual = PCIFunction(
        address: PCIAddress(
          domain: 0, bus: UInt8(0x20 + number / 256), device: UInt8(number / 8 % 32),
          function: UInt8(number % 8)))
      virtual.physicalFunction = root.address
      virtual.parent = root.address
      box.pci.append(virtual)
    }
    // Two bridges that are each other's parent, and one that is its own.
    for (address, parent) in [
      ("fe:00.0", "fe:01.0"), ("fe:01.0", "fe:00.0"), ("fe:02.0", "fe:02.0"),
    ] {
      var bridge = port(address, bus: "pci0000:fe", node: nil)
      bridge.parent = at(parent)
      box.pci.append(bridge)
    }
    box.pci[1].path?.bottleneck = 99
    box.pci[1].path?.slotLink = -1
    var interrupt = Interrupt(number: .min)
    interrupt.actions = [evil]
    interrupt.device = box.pci[1].address
    interrupt.deviceName = evil
    interrupt.numaNode = .max
    interrupt.counts = [0: .max, 1: .max, -5: .max, .max: 3]
    interrupt.effectiveAffinity = NumberSet()
    box.interrupts = [interrupt]
    var nic = NIC(name: evil)
    nic.address = box.pci[2].address
    nic.speedBitsPerSecond = .min
    nic.queues.channels = .init(receive: .max, transmit: .max, other: .max, combined: .max)
    nic.queues.channelsMaximum = nic.queues.channels
    nic.errors = [evil: .max]
    box.nics = [nic]
    var drive = NVMeController(name: evil)
    drive.capacityBytes = .max
    drive.state = evil
    drive.health = .init(
      criticalWarning: .min, temperatureCelsius: .nan, availableSpare: .infinity,
      spareThreshold: .nan, lifeUsed: 1e300, bytesRead: .infinity, bytesWritten: -1,
      powerOnHours: 1e300, powerCycles: .nan, unsafeShutdowns: -0.0, mediaErrors: .infinity,
      errorLogEntries: 1)
    box.nvme = [drive]
    return box
  }

  /// Two sockets of four nodes with 16 devices each: half behind a switch, half on root ports.
  static var large: Inventory {
    var box = Inventory(origin: "live")
    box.machine.hostName = "large"
    box.processors.model = "AMD EPYC 9654 96-Core Processor"
    box.processors.packages = (0..<2).map {
      .init(id: $0, cpus: NumberSet(range: ($0 * 96)...($0 * 96 + 95)), coreCount: 96)
    }
    for number in 0..<8 {
      var node = NUMANode(id: number)
      node.kind = .regular
      node.cpus = NumberSet(range: (number * 24)...(number * 24 + 23))
      node.totalBytes = 188 * gibi
      node.freeBytes = 20 * gibi
      node.distances = (0..<8).map {
        .init(node: $0, value: $0 == number ? 10 : $0 / 4 == number / 4 ? 12 : 32)
      }
      box.memory.nodes.append(node)
      largeNode(&box, number)
    }
    return box
  }

  private static func largeNode(_ box: inout Inventory, _ node: Int) {
    let domain = "000\(node)"
    let bus = "pci\(domain):00"
    let root = port("\(domain):00:01.1", bus: bus, node: node, link: rate(32, 16))
    var up = port("\(domain):01:00.0", bus: bus, node: node, link: rate(32, 16))
    up.parent = root.address
    up.express?.portType = .switchUpstream
    box.pci += [root, up]
    for slot in 0..<8 {
      var down = port("\(domain):02:0\(slot).0", bus: bus, node: node, link: rate(32, 16))
      down.parent = up.address
      down.express?.portType = .switchDownstream
      let now = slot == 3 ? rate(2.5, 8) : rate(32, 16)
      var card = endpoint(
        "\(domain):1\(slot):00.0", below: down, code: 0x030200, name: "GB202GL", driver: "nvidia",
        now: now, possible: rate(32, 16))
      card.path?.hops.append(
        PCIeHop(
          port: root.address, device: up.address, current: rate(32, 16), possible: rate(32, 16),
          limitedBy: .both, isInsideCard: false, verdict: .full))
      box.pci += [down, card]
      var gpu = GPU(address: card.address, vendor: .nvidia)
      gpu.name = "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition"
      gpu.memoryTotalBytes = 96 * gibi
      gpu.driver = "nvidia"
      box.gpus.append(gpu)
    }
    for slot in 0..<8 {
      let root = port("\(domain):00:03.\(slot)", bus: bus, node: node, link: rate(16, 4))
      let disk = endpoint(
        "\(domain):2\(slot):00.0", below: root, code: 0x010802, name: "PM9A3", driver: "nvme",
        now: slot == 5 ? nil : rate(16, 4), possible: rate(16, 4))
      box.pci += [root, disk]
      var drive = NVMeController(name: "nvme\(node * 8 + slot)")
      drive.address = disk.address
      drive.model = "SAMSUNG MZQL23T8HCLS-00A07"
      drive.capacityBytes = 3_840_755_982_336
      drive.state = "live"
      drive.numaNode = node
      box.nvme.append(drive)
    }
  }

  static var all: [(name: String, inventory: Inventory)] {
    [
      ("box", box), ("laptop", laptop), ("empty", empty), ("unknown", unknown),
      ("hostile", hostile), ("large", large),
    ]
  }
}
