package import Base
package import Health
package import Inventory

/// A server that is as it should be: one EPYC of 8 cores in two nodes, eight memory channels, two
/// GPUs, a drive and a network interface. Tests take it and break one thing.
package enum WellServer {
  package static let gpus = [MadeUp.at("21:00.0"), MadeUp.at("41:00.0")]
  package static let drive = MadeUp.at("61:00.0")
  package static let nic = MadeUp.at("62:00.0")

  /// What its checks of processors, memory and GPUs look at.
  package static var inventory: Inventory {
    var inventory = Inventory(origin: "test")
    inventory.machine.formFactor = .server
    inventory.machine.kernel.commandLine = "ro quiet isolcpus=7"
    inventory.machine.virtualization = Virtualization(kind: .none, name: nil, evidence: "test")
    inventory.system.processesListed = true
    inventory.processors = processors
    inventory.memory = memory
    for (index, address) in gpus.enumerated() {
      inventory.pci.append(function(address, 0x1002, 0x744c, node: index))
      inventory.gpus.append(gpu(address))
    }
    inventory.pci.append(function(drive, 0x144d, 0xa80c, node: 0))
    inventory.pci.append(function(nic, 0x15b3, 0x101d, node: 1))
    var controller = NVMeController(name: "nvme0")
    controller.address = drive
    inventory.nvme = [controller]
    var interface = NIC(name: "eth0")
    interface.address = nic
    inventory.nics = [interface]
    inventory.collectors = ["PCI", "GPU", "NVMe", "NIC"].map { .init(name: $0, outcome: .found) }
    return inventory
  }

  /// The same with the links of its GPUs, which are half busy, and with neither drive nor interface:
  /// what the checks of PCIe look at. Each GPU stands behind its root port in the list.
  package static var linked: Inventory {
    var inventory = inventory
    inventory.machine.uptimeSeconds = 86_400
    inventory.machine.bmcFirmwareVersion = "2.9"
    inventory.machine.kernel.release = "6.12.0"
    inventory.nvme = []
    inventory.nics = []
    inventory.pci = []
    for (index, address) in gpus.enumerated() {
      let port = PCIAddress(domain: 0, bus: address.bus - 1, device: 1, function: 1)
      inventory.pci.append(
        linked(
          function(port, 0x1022, 0x1483, node: index), .rootPort, below: nil, code: 0x060400))
      inventory.pci.append(
        linked(
          function(address, 0x1002, 0x744c, node: index), .endpoint, below: port, code: 0x030000))
      inventory.gpus[index].memoryVisibleBytes = 24 << 30
      inventory.gpus[index].memoryBarBytes = 32 << 30
      inventory.gpus[index].largeBar = true
      inventory.gpus[index].busyShare = 0.5
    }
    inventory.collectors = ["Machine", "PCI", "GPU"].map { .init(name: $0, outcome: .found) }
    inventory.collectors += ["NVMe", "NIC"].map { .init(name: $0, outcome: .nothing) }
    return inventory
  }

  private static func linked(
    _ function: PCIFunction, _ type: PCIeCapability.PortType, below parent: PCIAddress?,
    code: UInt32
  ) -> PCIFunction {
    let rate = MadeUp.rate(16, 16)
    var function = function
    function.parent = parent
    function.rootBus = "pci0000:20"
    function.identity.classCode = code
    function.configBytes = 4096
    function.isDead = false
    function.powerState = "D0"
    var express = PCIeCapability(
      portType: type, maxPayloadSupportedBytes: 512, maxPayloadBytes: 512,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    express.linkCapability = rate
    express.linkStatus = rate
    express.linkTraining = false
    express.targetGigatransfersPerSecond = 16
    function.express = express
    function.aer = PCIeErrors()
    function.aer?.correctableTotal = 0
    function.aer?.nonFatalTotal = 0
    function.aer?.fatalTotal = 0
    guard let parent else { return function }
    function.bars = [MadeUp.bar(32 << 30)]
    var hop = MadeUp.hop(parent, function.address, now: rate, possible: rate)
    hop.portMaximum = rate
    hop.deviceMaximum = rate
    function.path = PCIePath(hops: [hop], bottleneck: 0, slotLink: 0, isDegraded: false)
    return function
  }

  // MARK: Parts

  private static var processors: Processors {
    var processors = Processors()
    let all = NumberSet(range: 0...7)
    processors.model = "AMD EPYC 7532 32-Core Processor"
    processors.vendor = "AuthenticAMD"
    processors.family = 23
    processors.modelNumber = 0x31
    processors.possible = all
    processors.present = all
    processors.online = all
    processors.offline = NumberSet()
    processors.isolated = NumberSet([7])
    processors.smtControl = "on"
    processors.packages = [Processors.Package(id: 0, cpus: all, coreCount: 8)]
    processors.cores = (0..<8).map {
      Processors.Core(package: 0, die: 0, id: $0, cpus: NumberSet([$0]))
    }
    processors.nodesPerSocket = Processors.NodesPerSocket(
      value: 2, confidence: .certain, evidence: "test")
    var frequency = Processors.Frequency()
    frequency.drivers = ["amd-pstate-epp": all]
    frequency.governors = ["powersave": all]
    frequency.energyPreferences = ["performance": all]
    frequency.amdPstateStatus = "active"
    frequency.boost = true
    frequency.minimumHertz = 1_500_000_000
    frequency.maximumHertz = 3_000_000_000
    processors.frequency = frequency
    var idle = Processors.Idle()
    idle.states = [("POLL", 0), ("C2", 100)].enumerated().map { index, state in
      .init(
        index: index, name: state.0, latencyMicroseconds: state.1, disabledCPUs: NumberSet())
    }
    processors.idle = idle
    processors.temperatures = [
      Temperature(label: "Package id 0", celsius: 50, criticalCelsius: 100, device: "coretemp.0"),
      Temperature(label: "Core 0", celsius: 48, criticalCelsius: 100, device: "coretemp.0"),
    ]
    return processors
  }

  private static var memory: Memory {
    var memory = Memory()
    memory.totalBytes = 126 << 30
    memory.numaBalancing = 0
    memory.transparentHugePages = "madvise"
    memory.modules = "ABCDEFGH".map { module("DIMM \($0)1", "P0 CHANNEL \($0)") }
    memory.nodes = [node(0, 0...3), node(1, 4...7)]
    return memory
  }

  package static func module(
    _ locator: String, _ bank: String?, gibibytes: Int = 16
  ) -> MemoryModule {
    var module = MemoryModule(isPopulated: true)
    module.locator = locator
    module.bank = bank
    module.sizeBytes = gibibytes << 30
    module.type = "DDR4"
    module.ratedMegatransfersPerSecond = 3200
    module.configuredMegatransfersPerSecond = 3200
    return module
  }

  package static func node(_ id: Int, _ cpus: ClosedRange<Int>) -> NUMANode {
    var node = MadeUp.node(id, cpus, bytes: 63 << 30)
    node.hugePages = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 512, free: 100)]
    node.distances = [0, 1].map { .init(node: $0, value: $0 == id ? 10 : 12) }
    return node
  }

  package static func function(
    _ address: PCIAddress, _ vendor: UInt16, _ device: UInt16, node: Int?
  ) -> PCIFunction {
    var function = PCIFunction(address: address)
    function.identity.vendorID = vendor
    function.identity.deviceID = device
    function.locality.numaNode = node
    function.locality.evidence = node == nil ? .unknown : .own
    return function
  }

  package static func gpu(_ address: PCIAddress) -> GPU {
    var gpu = GPU(address: address, vendor: .amd)
    gpu.name = "AMD Radeon RX 7900 XTX"
    gpu.driver = "amdgpu"
    gpu.memoryTotalBytes = 24560 << 20
    gpu.memoryUsedBytes = 1 << 20
    gpu.busyShare = 0
    gpu.kfd = KFDNode(node: 1)
    gpu.target = "gfx1100"
    gpu.hsa = HSAAgent(name: "gfx1100", productName: nil, computeUnits: 96, kfdNode: 1)
    gpu.powerCap = GPU.PowerCap(watts: 339, defaultWatts: 339)
    gpu.temperatures = [
      Temperature(label: "edge", celsius: 40, criticalCelsius: 100),
      Temperature(label: "junction", celsius: 45, criticalCelsius: 110),
    ]
    gpu.pcieReplays = 0
    gpu.ecc = ["umc": GPU.ECCCount(corrected: 0, uncorrected: 0)]
    gpu.throttleReasons = ["GpuIdle"]
    gpu.processes = [GPU.GPUProcess(pid: 100, name: "python", evidence: "kfd")]
    return gpu
  }

  // MARK: Variants

  /// The profile the box fits.
  package static var profile: Profile {
    var profile = Profile(name: "test", origin: .learned)
    profile.gpus = [
      Profile.ExpectedGPU(count: 2, pciID: "1002:744c", memoryBytes: 24 << 30, powerCapWatts: 339)
    ]
    profile.packageCount = 1
    profile.coreCount = 8
    profile.memoryBytes = 128 << 30
    profile.memoryChannels = 8
    profile.memoryMegatransfersPerSecond = 3200
    profile.nodesPerSocket = 2
    profile.places = zip(gpus.indices, ["SLOT 1", "SLOT 3"]).map { place($0, slot: $1) }
    return profile
  }

  /// A profile of its slots and links alone.
  package static var linkProfile: Profile {
    var profile = Profile(name: "well", origin: .learned)
    profile.places = gpus.indices.map {
      place($0, link: MadeUp.rate(16, 16), name: "Radeon RX 7900 XTX")
    }
    return profile
  }

  private static func place(
    _ index: Int, slot: String? = nil, link: PCIeRate? = nil, name: String? = nil
  ) -> Profile.Place {
    Profile.Place(
      address: gpus[index], kind: .gpu, pciID: "1002:744c", slot: slot,
      numaNode: slot == nil ? nil : index, link: link, name: name)
  }

  /// Makes a box a desktop: nothing of a server about it.
  package static func makeDesktop(_ inventory: inout Inventory) {
    inventory.machine.formFactor = .desktop
    inventory.processors.model = "AMD Ryzen 9 7950X"
    inventory.gpus.removeLast()
  }

  /// Makes a box a guest.
  package static func makeGuest(_ inventory: inout Inventory) {
    inventory.machine.virtualization = Virtualization(kind: .vm, name: "kvm", evidence: "test")
  }
}
