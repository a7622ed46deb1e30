import Base
package import Inventory
package import TestSupport

extension MadeUp {
  /// What a hostile device, or a damaged recording, may bring.
  package static var hostile: Inventory {
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

  /// A box whose names and numbers are random.
  package static func randomTexts(_ dice: SeededGenerator) -> Inventory {
    var dice = dice
    let alphabet: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "\u{1b}", "[", "m", "\n", "\u{7}", "日", "é", "e", "\u{301}", "👍",
      "\u{202e}",
      "\u{9b}", "<", "&", "\"", ".", "\u{fe0f}", "\u{200d}", "한", "\u{1100}", "\u{fffe}",
    ]
    func text() -> String {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<dice.pick(0...60) { scalars.append(dice.pick(alphabet)) }
      return String(scalars)
    }
    func number() -> Int { dice.pick([0, 1, -1, .max, .min, 1 << 40, 12345]) }
    func real() -> Double { dice.pick([0, 0.5, -1, .nan, .infinity, 1e300, 99.9]) }
    func chance() -> Bool { Bool.random(using: &dice) }
    var box = server
    box.machine.hostName = text()
    box.machine.boardName = text()
    box.machine.operatingSystem = text()
    box.machine.uptimeSeconds = real()
    box.processors.model = text()
    box.memory.totalBytes = number()
    box.memory.availableBytes = number()
    for index in box.memory.nodes.indices {
      if chance() { box.memory.nodes[index].cpus = nil }
      if chance() { box.memory.nodes[index].totalBytes = number() }
    }
    for index in box.pci.indices {
      box.pci[index].identity.deviceName = text()
      if chance() { box.pci[index].driver = text() }
      if chance() { box.pci[index].slot = text() }
      if chance() { box.pci[index].locality.numaNode = chance() ? nil : number() }
      if chance() { box.pci[index].parent = dice.pick(box.pci).address }
      if chance() { box.pci[index].rootBus = text() }
      if chance() { box.pci[index].path?.bottleneck = number() }
      if chance() { box.pci[index].path?.hops[0].note = text() }
      if chance() { box.pci[index].aer = PCIeErrors(nonFatal: [text(): number()]) }
      if chance() {
        box.pci[index].link?.current = PCIeRate(gigatransfersPerSecond: real(), width: number())
      }
      if chance() {
        box.pci[index].unknown = [UnknownFact(fact: text(), path: text(), reason: text())]
      }
      if chance() { box.pci[index].sources = [text(): text()] }
    }
    for index in box.gpus.indices {
      box.gpus[index].name = text()
      box.gpus[index].memoryUsedBytes = number()
      box.gpus[index].powerWatts = real()
      box.gpus[index].busyShare = real()
      if chance() { box.gpus[index].address = at("77:00.0") }
    }
    for index in box.nvme.indices {
      box.nvme[index].name = text()
      box.nvme[index].model = text()
      if chance() { box.nvme[index].state = text() }
    }
    for index in box.nics.indices {
      box.nics[index].name = text()
      box.nics[index].speedBitsPerSecond = number()
      if chance() { box.nics[index].address = nil }
    }
    for index in box.interrupts.indices {
      box.interrupts[index].actions = [text(), text()]
      if chance() { box.interrupts[index].numaNode = number() }
      box.interrupts[index].counts = [number(): number(), 3: number()]
    }
    return box
  }
}
