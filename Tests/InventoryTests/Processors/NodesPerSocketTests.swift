import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct NodesPerSocketTests {
  /// An EPYC 7742 with `nodes` nodes and `domains` L3 domains a socket, each of 8 CPUs.
  private func box(
    sockets: Int = 2, nodes: Int = 4, domains: Int = 16
  ) -> NodesPerSocketInference {
    var box = NodesPerSocketInference()
    box.vendor = "AuthenticAMD"
    box.family = 23
    box.modelNumber = 49
    box.model = "AMD EPYC 7742 64-Core Processor"
    box.isGuest = false
    box.commandLine = "ro quiet"
    box.hasOfflineCPUs = false
    let cpus = domains * 8
    for socket in 0..<sockets {
      let first = socket * cpus
      box.packages[socket] = NumberSet(range: first...(first + cpus - 1))
      for node in 0..<nodes {
        let size = cpus / nodes
        let start = first + node * size
        box.nodes[socket * nodes + node] = NumberSet(range: start...(start + size - 1))
      }
      for domain in 0..<domains {
        let start = first + domain * 8
        box.levelThreeDomains.append(NumberSet(range: start...(start + 7)))
      }
    }
    return box
  }

  @Test(arguments: [1, 2, 4])
  func certainOnAnEPYC(nodes: Int) {
    let found = box(nodes: nodes).infer()
    #expect(found?.value == nodes)
    #expect(found?.confidence == .certain)
    #expect(found?.likelyL3AsNUMA == false)
  }

  @Test func levelThreeAsNUMAIsNotNPS() {
    let found = box(nodes: 16).infer()
    #expect(found?.value == 16)
    #expect(found?.confidence == .unknown)
    #expect(found?.likelyL3AsNUMA == true)
  }

  @Test func fourDomainsInFourNodesCouldBeEither() {
    let found = box(nodes: 4, domains: 4).infer()
    #expect(found?.value == 4)
    #expect(found?.confidence == .likely)
    #expect(found?.likelyL3AsNUMA == false)
  }

  @Test func oneDomainInOneNodeIsOneNodeEitherWay() {
    #expect(box(sockets: 1, nodes: 1, domains: 1).infer()?.confidence == .certain)
  }

  @Test func withoutCachesMoreThanOneNodeIsLikely() {
    var box = box(nodes: 2)
    box.levelThreeDomains = []
    #expect(box.infer()?.confidence == .likely)
    var one = self.box(nodes: 1)
    one.levelThreeDomains = []
    #expect(one.infer()?.confidence == .certain)
  }

  @Test(arguments: [3, 8])
  func numbersThatNoOptionMakes(nodes: Int) {
    let found = box(nodes: nodes, domains: 24).infer()
    #expect(found?.value == nodes)
    #expect(found?.confidence == .unknown)
    #expect(found?.likelyL3AsNUMA == false)
  }

  private typealias Change = @Sendable (inout NodesPerSocketInference) -> Void

  @Test(arguments: 0..<8)
  func doubtMakesItLikely(index: Int) {
    let changes: [Change] = [
      { $0.model = "AMD Ryzen Threadripper PRO 3995WX" }, { $0.model = nil },
      { $0.modelNumber = 1 }, { $0.isGuest = nil }, { $0.commandLine = nil },
      { $0.hasOfflineCPUs = true }, { $0.hasOfflineCPUs = nil },
      { $0.vendor = "HygonGenuine" },
    ]
    var box = box()
    changes[index](&box)
    #expect(box.infer()?.value == 4)
    #expect(box.infer()?.confidence == .likely)
  }

  @Test(arguments: 0..<5)
  func otherCausesMakeItUnknown(index: Int) {
    let changes: [Change] = [
      { $0.isGuest = true }, { $0.commandLine = "ro numa=fake=4" }, { $0.family = nil },
      { $0.family = 16 }, { $0.vendor = nil },
    ]
    var box = box()
    changes[index](&box)
    #expect(box.infer()?.value == 4)
    #expect(box.infer()?.confidence == .unknown)
  }

  @Test func intelCallsItOtherwise() {
    var box = box(nodes: 2)
    box.vendor = "GenuineIntel"
    box.family = 6
    box.modelNumber = 0x55
    box.model = "Intel(R) Xeon(R) Gold 6240 CPU @ 2.60GHz"
    #expect(box.infer()?.confidence == .likely)
    #expect(box.infer()?.evidence.contains("sub-NUMA clustering") == true)
    // A laptop's has no such option.
    box.model = "Intel(R) Core(TM) i7-1165G7"
    #expect(box.infer()?.confidence == .unknown)
  }

  @Test func aNodeAcrossSocketsIsNoNumberOfNodes() {
    var box = box(nodes: 1)
    box.nodes = [0: NumberSet(range: 0...255)]
    #expect(box.infer()?.value == nil)
    #expect(box.infer()?.confidence == .unknown)
    #expect(box.infer()?.evidence.contains("NPS0") == true)
    box.vendor = "GenuineIntel"
    #expect(box.infer()?.evidence.contains("node interleaving") == true)
    box.isGuest = true
    #expect(box.infer()?.evidence.contains("virtual machine") == true)
  }

  @Test func unequalSockets() {
    var box = box(nodes: 2)
    let merged = (box.nodes[0] ?? nil)?.union((box.nodes[1] ?? nil) ?? NumberSet())
    box.nodes[0] = merged
    box.nodes[1] = nil
    #expect(box.infer()?.value == nil)
    #expect(box.infer()?.evidence.contains("socket 0 has 1, socket 1 has 2") == true)
  }

  @Test func nodesWithoutCPUsDoNotCount() {
    var box = box(nodes: 4)
    box.nodes[250] = NumberSet()
    #expect(box.infer()?.value == 4)
    #expect(box.infer()?.confidence == .certain)
  }

  @Test func missingFactsGiveNoNumber() {
    var box = box()
    box.nodes.updateValue(nil, forKey: 3)
    #expect(box.infer()?.value == nil)
    box.nodes = [0: NumberSet([0])]
    #expect(box.infer()?.value == nil)
    box.nodes = [:]
    #expect(box.infer()?.value == nil)
    #expect(box.infer()?.confidence == .unknown)
    box.packages = [:]
    #expect(box.infer() == nil)
  }

  @Test func twoSocketsOfNPS4FromFiles() {
    let box = MachineTree(sockets: 2, nodesPerSocket: 4, domainsPerNode: 4, coresPerDomain: 2)
    let found = collected(box.builder().tree()).processors.nodesPerSocket
    #expect(found?.value == 4)
    #expect(found?.confidence == .certain)
    let l3 = MachineTree(sockets: 2, nodesPerSocket: 8, domainsPerNode: 1, coresPerDomain: 2)
    #expect(collected(l3.builder().tree()).processors.nodesPerSocket?.likelyL3AsNUMA == true)
    var guest = box
    guest.flags = "fpu hypervisor sse"
    #expect(collected(guest.builder().tree()).processors.nodesPerSocket?.confidence == .unknown)
  }
}
