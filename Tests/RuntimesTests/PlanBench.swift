import Base
import Configuration
import Inventory
import Placement
import RuntimeCatalog
import Testing

@testable import Runtimes

/// A machine of two nodes with three of AMD's GPUs, two on node 1, and plans for it.
struct PlanBench {
  var inventory = Inventory(origin: "test")
  var policy = Policy()
  var models: [String: RuntimePlan.ModelState] = [:]
  var held: [String: RuntimeUnit.Held] = [:]

  static let far = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
  static let first = PCIAddress(domain: 0, bus: 0x81, device: 0, function: 0)
  static let second = PCIAddress(domain: 0, bus: 0x82, device: 0, function: 0)

  init() throws {
    inventory.processors.online = NumberSet(range: 0...7)
    inventory.processors.cores = (0..<8).map {
      .init(package: $0 / 4, die: nil, id: $0, cpus: NumberSet([$0]))
    }
    for id in 0..<2 {
      var node = NUMANode(id: id)
      node.kind = .regular
      node.cpus = NumberSet(range: (id * 4)...(id * 4 + 3))
      node.totalBytes = 64 << 30
      node.freeBytes = 32 << 30
      node.distances = [.init(node: id, value: 10), .init(node: 1 - id, value: 20)]
      inventory.memory.nodes.append(node)
    }
    // KFD counts them in another order than their addresses.
    add(PlanBench.far, node: 0, kfd: 4, render: 128)
    add(PlanBench.first, node: 1, kfd: 3, render: 129)
    add(PlanBench.second, node: 1, kfd: 2, render: 130)
    inventory.numberGPUs()
    models["llama"] = .usable(try ModelTests.record())
  }

  mutating func add(_ address: PCIAddress, node: Int, kfd: Int, render: Int) {
    var gpu = GPU(address: address, vendor: .amd)
    gpu.driver = "amdgpu"
    gpu.name = "AMD Radeon RX 7900 XTX"
    gpu.renderNode = "renderD\(render)"
    gpu.kfd = KFDNode(node: kfd)
    gpu.memoryTotalBytes = 24 << 30
    inventory.gpus.append(gpu)
    var function = PCIFunction(address: address)
    function.driver = "amdgpu"
    function.locality.numaNode = node
    inventory.pci.append(function)
  }

  var offers: [PCIAddress: GPUOffer] {
    Dictionary(
      uniqueKeysWithValues: inventory.gpus.map { gpu in
        let own = gpu.driver == "nvidia" ? "/dev/nvidia0" : "/dev/dri/\(gpu.renderNode ?? "")"
        let shared = gpu.driver == "nvidia" ? "/dev/nvidiactl" : "/dev/kfd"
        return (gpu.address, GPUOffer([DeviceNode(own), DeviceNode(shared)]))
      })
  }

  /// The plan of some specs, by the names of their runtimes.
  func plan(_ specs: [String: String], order: [String]? = nil) throws -> RuntimePlan {
    let names = order ?? specs.keys.sorted()
    return RuntimePlan.make(
      try names.map { try SpecTests.spec(specs[$0] ?? "", name: $0) },
      .init(inventory: inventory, policy: policy, offers: offers, models: models, held: held))
  }

  /// The one unit of a spec.
  func unit(_ text: String) throws -> RuntimeUnit {
    let plan = try plan(["llama": text])
    #expect(plan.refusals.isEmpty, "\(plan.refusals)")
    return try #require(plan.units.first)
  }

  /// Why the one spec has no unit.
  func refusal(_ text: String) throws -> RuntimeRefusal {
    try #require(try plan(["llama": text]).refusals.first)
  }
}
