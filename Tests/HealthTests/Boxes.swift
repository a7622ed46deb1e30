import Base
import Inventory

@testable import Health

/// A server that is as it should be: one EPYC of 8 cores in two nodes, eight memory channels, two
/// GPUs, a drive and a network interface. Tests take it and break one thing.
enum Boxes {
  static let gpuAddresses = [
    PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0),
    PCIAddress(domain: 0, bus: 0x41, device: 0, function: 0),
  ]
  static let driveAddress = PCIAddress(domain: 0, bus: 0x61, device: 0, function: 0)
  static let nicAddress = PCIAddress(domain: 0, bus: 0x62, device: 0, function: 0)

  static func well() -> Inventory {
    var inventory = Inventory(origin: "test")
    inventory.machine.formFactor = .server
    inventory.machine.kernel.commandLine = "ro quiet isolcpus=7"
    inventory.machine.virtualization = Virtualization(kind: .none, name: nil, evidence: "test")
    inventory.system.processesListed = true
    inventory.processors = processors()
    inventory.memory = memory()
    for (index, address) in gpuAddresses.enumerated() {
      inventory.pci.append(function(address, 0x1002, 0x744c, node: index))
      inventory.gpus.append(gpu(address))
    }
    inventory.pci.append(function(driveAddress, 0x144d, 0xa80c, node: 0))
    inventory.pci.append(function(nicAddress, 0x15b3, 0x101d, node: 1))
    var drive = NVMeController(name: "nvme0")
    drive.address = driveAddress
    inventory.nvme = [drive]
    var nic = NIC(name: "eth0")
    nic.address = nicAddress
    inventory.nics = [nic]
    for name in ["PCI", "GPU", "NVMe", "NIC"] {
      inventory.collectors.append(CollectorReport(name: name, outcome: .found))
    }
    return inventory
  }

  private static func processors() -> Processors {
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
    idle.states = [
      Processors.Idle.State(
        index: 0, name: "POLL", latencyMicroseconds: 0, disabledCPUs: NumberSet()),
      Processors.Idle.State(
        index: 1, name: "C2", latencyMicroseconds: 100, disabledCPUs: NumberSet()),
    ]
    processors.idle = idle
    processors.temperatures = [
      Temperature(label: "Package id 0", celsius: 50, criticalCelsius: 100, device: "coretemp.0"),
      Temperature(label: "Core 0", celsius: 48, criticalCelsius: 100, device: "coretemp.0"),
    ]
    return processors
  }

  private static func memory() -> Memory {
    var memory = Memory()
    memory.totalBytes = 126 << 30
    memory.numaBalancing = 0
    memory.transparentHugePages = "madvise"
    memory.modules = "ABCDEFGH".map { letter in
      module("DIMM \(letter)1", "P0 CHANNEL \(letter)")
    }
    memory.nodes = [node(0, 0...3), node(1, 4...7)]
    return memory
  }

  static func module(_ locator: String, _ bank: String?, gibibytes: Int = 16) -> MemoryModule {
    var module = MemoryModule(isPopulated: true)
    module.locator = locator
    module.bank = bank
    module.sizeBytes = gibibytes << 30
    module.type = "DDR4"
    module.ratedMegatransfersPerSecond = 3200
    module.configuredMegatransfersPerSecond = 3200
    return module
  }

  static func node(_ id: Int, _ cpus: ClosedRange<Int>) -> NUMANode {
    var node = NUMANode(id: id)
    node.kind = .regular
    node.cpus = NumberSet(range: cpus)
    node.totalBytes = 63 << 30
    node.hugePages = [NUMANode.HugePagePool(pageBytes: 2 << 20, total: 512, free: 100)]
    node.distances = [
      NUMANode.Distance(node: 0, value: id == 0 ? 10 : 12),
      NUMANode.Distance(node: 1, value: id == 1 ? 10 : 12),
    ]
    return node
  }

  static func function(
    _ address: PCIAddress, _ vendor: UInt16, _ device: UInt16, node: Int?
  ) -> PCIFunction {
    var function = PCIFunction(address: address)
    function.identity.vendorID = vendor
    function.identity.deviceID = device
    function.locality.numaNode = node
    function.locality.evidence = node == nil ? .unknown : .own
    return function
  }

  static func gpu(_ address: PCIAddress) -> GPU {
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

  /// The profile the box fits.
  static func profile() -> Profile {
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
    profile.places = [
      Profile.Place(
        address: gpuAddresses[0], kind: .gpu, pciID: "1002:744c", slot: "SLOT 1", numaNode: 0,
        link: nil, name: nil),
      Profile.Place(
        address: gpuAddresses[1], kind: .gpu, pciID: "1002:744c", slot: "SLOT 3", numaNode: 1,
        link: nil, name: nil),
    ]
    return profile
  }

  /// Findings of a check on the well box after a change.
  static func findings(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Finding] {
    var inventory = well()
    change(&inventory)
    return check.evaluate(Box(inventory, profile: profile, samples: samples))
  }

  /// Its verdicts.
  static func verdicts(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    findings(check, profile: profile, samples: samples, change).map(\.verdict)
  }

  /// Makes a box a desktop: nothing of a server about it.
  static func makeDesktop(_ inventory: inout Inventory) {
    inventory.machine.formFactor = .desktop
    inventory.processors.model = "AMD Ryzen 9 7950X"
    inventory.gpus.removeLast()
  }

  /// Makes a box a guest.
  static func makeGuest(_ inventory: inout Inventory) {
    inventory.machine.virtualization = Virtualization(kind: .vm, name: "kvm", evidence: "test")
  }
}
