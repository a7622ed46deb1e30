import Base
package import Inventory

extension MadeUp {
  /// A laptop: one node that the kernel does not number, an integrated GPU, a USB interface.
  package static var laptop: Inventory {
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
    box.memory.totalBytes = 30 << 30
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
    gpu.memoryTotalBytes = 2 << 30
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
  package static var empty: Inventory {
    var box = Inventory(origin: "live")
    let why = "permission denied"
    box.machine.unknown = [UnknownFact(fact: "hostName", path: "/proc", reason: why)]
    box.memory.unknown = [UnknownFact(fact: "totalBytes", path: "/proc/meminfo", reason: why)]
    return box
  }

  /// Facts that are all unknown, of things that are there.
  package static var unknown: Inventory {
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

  /// Two sockets of four nodes with 16 devices each: half behind a switch, half on root ports.
  package static var large: Inventory {
    var box = Inventory(origin: "live")
    box.machine.hostName = "large"
    box.processors.model = "AMD EPYC 9654 96-Core Processor"
    box.processors.packages = (0..<2).map {
      .init(id: $0, cpus: NumberSet(range: ($0 * 96)...($0 * 96 + 95)), coreCount: 96)
    }
    for number in 0..<8 {
      let cpus = NumberSet(range: (number * 24)...(number * 24 + 23))
      var node = node(number, cpus, bytes: 188 << 30, free: 20 << 30)
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
        hop(root.address, up.address, now: rate(32, 16), possible: rate(32, 16)))
      box.pci += [down, card]
      var gpu = GPU(address: card.address, vendor: .nvidia)
      gpu.name = "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition"
      gpu.memoryTotalBytes = 96 << 30
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
}
