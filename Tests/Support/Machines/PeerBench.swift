import Base
package import Inventory

/// Inventories for tests of peer-to-peer verdicts: an AMD box on which everything is right, and
/// ways to spoil it.
package struct PeerBench: Sendable {
  /// The inventory so far.
  package var inventory = Inventory(origin: "test")

  /// An EPYC with a kernel that has everything, its IOMMU in passthrough.
  package init() {
    inventory.machine.kernel.release = "6.12"
    inventory.machine.kernel.options = [
      "CONFIG_PCI_P2PDMA": "y", "CONFIG_HSA_AMD_P2P": "y", "CONFIG_DMABUF_MOVE_NOTIFY": "y",
    ]
    inventory.machine.kernel.amdgpuPeerAccess = .on
    inventory.machine.iommu.mode = .passthrough
    inventory.processors.vendor = "AuthenticAMD"
    inventory.processors.family = 0x17
    inventory.processors.present = NumberSet(range: 0...63)
    inventory.collectors = ["PCI", "GPU", "NVMe", "NIC"].map {
      CollectorReport(name: $0, outcome: .nothing)
    }
  }

  // MARK: Parts

  /// Any function below `parent`, or on the root bus its own address names.
  package mutating func function(
    _ address: String, below parent: String? = nil, _ change: (inout PCIFunction) -> Void = { _ in }
  ) {
    var function = PCIFunction(address: MadeUp.at(address))
    function.parent = parent.map(MadeUp.at)
    var root = parent.map(MadeUp.at) ?? function.address
    while let above = inventory.pci.first(where: { $0.address == root })?.parent { root = above }
    root.device = 0
    root.function = 0
    function.rootBus = "pci" + root.description.dropLast(5)
    function.configBytes = 4096
    function.hasACS = false
    function.identity.vendorID = 0x1022
    function.identity.deviceID = 0x1483
    function.iommuGroup = inventory.pci.count
    function.iommuGroupType = "identity"
    change(&function)
    inventory.pci.append(function)
    inventory.pci.sort { $0.address < $1.address }
  }

  /// A port; `acs` is its control register, nil for none.
  package mutating func port(
    _ address: String, below parent: String? = nil, _ type: PCIeCapability.PortType = .rootPort,
    acs: UInt16? = nil, vendor: UInt16 = 0x1022
  ) {
    function(address, below: parent) {
      $0.identity.classCode = 0x060400
      $0.identity.vendorID = vendor
      $0.driver = "pcieport"
      $0.express = PCIeCapability(
        portType: type, maxPayloadSupportedBytes: 512, maxPayloadBytes: 256,
        maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
      $0.acs = acs.map { PCIeACS(capability: 0x5f, control: $0, offset: 0x2a0) }
      $0.hasACS = acs != nil
    }
  }

  /// A switch below a root port, with downstream ports `bus:00.0`, `bus:01.0`, ...
  package mutating func hub(
    root: String, up: String, down: String, ports: Int, acs: [UInt16?] = []
  ) {
    port(root, acs: 0)
    port(up, below: root, .switchUpstream, vendor: 0x1000)
    for index in 0..<ports {
      port(
        "\(down):0\(index).0", below: up, .switchDownstream,
        acs: acs.indices.contains(index) ? acs[index] : 0, vendor: 0x1000)
    }
  }

  private mutating func endpoint(
    _ address: String, below parent: String?, driver: String?, code: UInt32
  ) {
    function(address, below: parent) {
      $0.identity.classCode = code
      $0.driver = driver
      $0.dmaMaskBits = driver == nil ? nil : 48
      $0.express = PCIeCapability(
        portType: .endpoint, maxPayloadSupportedBytes: 256, maxPayloadBytes: 256,
        maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    }
  }

  /// A card of 24 GiB with a BAR over all of it.
  package mutating func gpu(
    _ address: String, below parent: String?, vendor: GPU.Vendor = .amd, driver: String? = "amdgpu",
    name: String = "AMD Radeon RX 7900 XTX"
  ) {
    endpoint(address, below: parent, driver: driver, code: 0x030000)
    edit(address) { function in
      function.bars = [
        MadeUp.bar(
          32 << 30, index: vendor == .nvidia ? 1 : 0,
          address: 0x40_0000_0000 + UInt64(function.address.bus) << 35)
      ]
    }
    var gpu = GPU(address: MadeUp.at(address), vendor: vendor)
    gpu.name = name
    gpu.driver = driver
    gpu.memoryTotalBytes = 24 << 30
    gpu.memoryVisibleBytes = 24 << 30
    gpu.memoryBarBytes = 32 << 30
    gpu.largeBar = true
    inventory.gpus.append(gpu)
    found("GPU")
  }

  /// A plain drive without memory for peers.
  package mutating func nvme(_ name: String, _ address: String, below parent: String?) {
    endpoint(address, below: parent, driver: "nvme", code: 0x010802)
    var drive = NVMeController(name: name)
    drive.address = MadeUp.at(address)
    var namespace = NVMeController.Namespace(name: name + "n1")
    namespace.uses = [.init(device: name + "n1", kind: .mount, target: "/data", detail: "ext4")]
    drive.namespaces = [namespace]
    inventory.nvme.append(drive)
    found("NVMe")
  }

  /// An interface.
  package mutating func nic(_ name: String, _ address: String, below parent: String?) {
    endpoint(address, below: parent, driver: "mlx5_core", code: 0x020000)
    var nic = NIC(name: name)
    nic.address = MadeUp.at(address)
    inventory.nics.append(nic)
    found("NIC")
  }

  private mutating func found(_ collector: String) {
    for index in inventory.collectors.indices
    where inventory.collectors[index].name == collector || inventory.collectors[index].name == "PCI"
    {
      inventory.collectors[index].outcome = .found
    }
  }

  /// Every GPU may access every other, by one source's word.
  package mutating func answer(_ source: PeerAnswer.Source, _ access: PeerAnswer.Access = .allowed)
  {
    for index in inventory.gpus.indices {
      for peer in inventory.gpus where peer.address != inventory.gpus[index].address {
        inventory.gpus[index].peerAnswers.append(
          PeerAnswer(peer: peer.address, source: source, read: access, write: access))
      }
    }
  }

  // MARK: Spoiling

  /// Changes a function.
  package mutating func edit(_ address: String, _ change: (inout PCIFunction) -> Void) {
    for index in inventory.pci.indices where inventory.pci[index].address == MadeUp.at(address) {
      change(&inventory.pci[index])
    }
  }

  /// Changes a GPU.
  package mutating func editGPU(_ address: String, _ change: (inout GPU) -> Void) {
    for index in inventory.gpus.indices where inventory.gpus[index].address == MadeUp.at(address) {
      change(&inventory.gpus[index])
    }
  }

  // MARK: Whole boxes

  /// Two cards, a drive and a NIC behind one switch, and a third card on a root port of its own;
  /// everything right, KFD agrees.
  package static func good(acs: [UInt16?] = []) -> PeerBench {
    var bench = PeerBench()
    bench.hub(root: "40:01.1", up: "41:00.0", down: "42", ports: 4, acs: acs)
    bench.gpu("43:00.0", below: "42:00.0")
    bench.gpu("44:00.0", below: "42:01.0")
    bench.nvme("nvme0", "45:00.0", below: "42:02.0")
    bench.nic("eth0", "46:00.0", below: "42:03.0")
    bench.port("80:01.1", acs: 0)
    bench.gpu("81:00.0", below: "80:01.1")
    bench.answer(.kfd)
    return bench
  }

  /// Two cards on root ports of one host bridge.
  package static func twoPorts() -> PeerBench {
    var bench = PeerBench()
    bench.function("40:00.0") { $0.identity.classCode = 0x060000 }
    bench.port("40:01.1", acs: 0)
    bench.port("40:02.1", acs: 0)
    bench.gpu("41:00.0", below: "40:01.1")
    bench.gpu("42:00.0", below: "40:02.1")
    bench.answer(.kfd)
    return bench
  }
}
