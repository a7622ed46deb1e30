import Base
import Inventory

@testable import Health

/// A box as it should be, made up: one EPYC, four nodes, two GPUs, two drives and a NIC. Not a
/// recording of anything; real machines are replayed elsewhere.
enum WellBox {
  static func at(_ text: String) -> PCIAddress {
    PCIAddress(text) ?? PCIAddress(domain: 0, bus: 0, device: 0, function: 0)
  }

  static let gpus = [at("21:00.0"), at("41:00.0")]

  static func express(_ type: PCIeCapability.PortType) -> PCIeCapability {
    var express = PCIeCapability(
      portType: type, maxPayloadSupportedBytes: 512, maxPayloadBytes: 512,
      maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
    express.linkCapability = PCIeRate(gigatransfersPerSecond: 16, width: 16)
    express.linkStatus = PCIeRate(gigatransfersPerSecond: 16, width: 16)
    express.linkTraining = false
    express.targetGigatransfersPerSecond = 16
    return express
  }

  static func function(
    _ address: PCIAddress, below parent: PCIAddress?, code: UInt32, vendor: UInt16,
    device: UInt16, type: PCIeCapability.PortType, node: Int
  ) -> PCIFunction {
    var function = PCIFunction(address: address)
    function.parent = parent
    function.rootBus = "pci0000:20"
    function.identity.classCode = code
    function.identity.vendorID = vendor
    function.identity.deviceID = device
    function.locality.numaNode = node
    function.locality.evidence = .own
    function.configBytes = 4096
    function.isDead = false
    function.powerState = "D0"
    function.express = express(type)
    function.aer = PCIeErrors()
    function.aer?.correctableTotal = 0
    function.aer?.nonFatalTotal = 0
    function.aer?.fatalTotal = 0
    if type == .endpoint {
      function.bars = [
        PCIBar(
          index: 0, sizeBytes: 32 << 30, kind: .memory, isPrefetchable: true, is64Bit: true,
          isAssigned: true)
      ]
      if let parent {
        let rate = PCIeRate(gigatransfersPerSecond: 16, width: 16)
        var hop = PCIeHop(
          port: parent, device: address, current: rate, possible: rate, limitedBy: .both,
          isInsideCard: false, verdict: .full)
        hop.portMaximum = rate
        hop.deviceMaximum = rate
        function.path = PCIePath(hops: [hop], bottleneck: 0, slotLink: 0, isDegraded: false)
      }
    }
    return function
  }

  static var inventory: Inventory {
    var box = Inventory(origin: "well box")
    box.machine.uptimeSeconds = 86_400
    box.machine.virtualization = Virtualization(kind: .none, name: nil, evidence: "test")
    box.machine.bmcFirmwareVersion = "2.9"
    box.machine.formFactor = .server
    box.machine.kernel.release = "6.12.0"
    box.processors.model = "AMD EPYC 7532 32-Core Processor"
    box.processors.vendor = "AuthenticAMD"
    box.processors.family = 23
    box.memory.nodes = (0..<4).map { id in
      var node = NUMANode(id: id)
      node.kind = .regular
      node.cpus = NumberSet(Array(id * 8..<id * 8 + 8))
      node.totalBytes = 32 << 30
      node.freeBytes = 16 << 30
      return node
    }
    box.memory.numaBalancing = 0
    for (index, address) in gpus.enumerated() {
      let port = PCIAddress(
        domain: 0, bus: address.bus - 1, device: 1, function: 1)
      box.pci.append(
        function(
          port, below: nil, code: 0x060400, vendor: 0x1022, device: 0x1483, type: .rootPort,
          node: index))
      box.pci.append(
        function(
          address, below: port, code: 0x030000, vendor: 0x1002, device: 0x744c, type: .endpoint,
          node: index))
      var gpu = GPU(address: address, vendor: .amd)
      gpu.name = "Radeon RX 7900 XTX"
      gpu.driver = "amdgpu"
      gpu.memoryTotalBytes = 24 << 30
      gpu.memoryVisibleBytes = 24 << 30
      gpu.memoryBarBytes = 32 << 30
      gpu.largeBar = true
      gpu.busyShare = 0.5
      gpu.temperatures = [Temperature(label: "junction", celsius: 60, criticalCelsius: 110)]
      box.gpus.append(gpu)
    }
    for (name, outcome) in [
      ("Machine", CollectorReport.Outcome.found), ("PCI", .found), ("GPU", .found),
      ("NVMe", .nothing), ("NIC", .nothing),
    ] {
      box.collectors.append(CollectorReport(name: name, outcome: outcome))
    }
    return box
  }

  static var profile: Profile {
    var profile = Profile(name: "well", origin: .learned)
    let rate = PCIeRate(gigatransfersPerSecond: 16, width: 16)
    profile.places = gpus.map {
      Profile.Place(
        address: $0, kind: .gpu, pciID: "1002:744c", slot: nil, numaNode: nil, link: rate,
        name: "Radeon RX 7900 XTX")
    }
    return profile
  }
}
