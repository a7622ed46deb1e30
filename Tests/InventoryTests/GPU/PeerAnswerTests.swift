import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

/// What drivers and libraries say of GPUs and each other, in the model.
@Suite struct PeerAnswerTests {
  private static func kfd(_ links: [Int: [(list: String, to: Int, flags: Int)]]) -> GPUTree {
    var box = GPUTree()
    for (node, bus) in [(1, "21"), (2, "41"), (3, "61")] {
      box.add("0000:\(bus):00.0", vendor: 0x1002, driver: "amdgpu")
      box.kfdNode(
        node, gpuID: node + 6, location: (node * 0x20 + 1) << 8, links: links[node] ?? [])
      for list in ["io_links", "p2p_links"] {
        box.tree.directory("/sys/class/kfd/kfd/topology/nodes/\(node)/\(list)")
      }
    }
    box.kfdNode(0, gpuID: 0)
    return box
  }

  private func words(_ gpu: GPU?) -> [String] {
    (gpu?.peerAnswers ?? []).map {
      "\($0.peer.short) \($0.source.rawValue) \($0.read?.rawValue ?? "-")"
        + ($0.link.map { " " + $0.rawValue } ?? "")
    }
  }

  @Test func `an entry under A to B lets A access B`() {
    let gpus = Self.kfd([1: [("p2p", 2, 1), ("io", 0, 1)], 3: [("p2p", 0, 1)]]).collect().gpus
    #expect(words(gpus[0]) == ["41:00.0 kfd allowed", "61:00.0 kfd refused"])
    #expect(words(gpus[1]) == ["21:00.0 kfd refused", "61:00.0 kfd refused"])
    // A link to a CPU node is no word about peers.
    #expect(words(gpus[2]) == ["21:00.0 kfd refused", "41:00.0 kfd refused"])
    #expect(gpus.allSatisfy { $0.reason("peerAnswers") == nil })
  }

  @Test(arguments: [(1, "allowed"), (17, "refused"), (0, "refused"), (3, "allowed")])
  func `flags of a link`(_ flags: Int, _ word: String) {
    let gpus = Self.kfd([1: [("p2p", 2, flags)]]).collect().gpus
    #expect(words(gpus[0]).first == "41:00.0 kfd \(word)")
  }

  @Test func `XGMI is told apart`() {
    var box = Self.kfd([1: [("io", 2, 1)]])
    box.tree.file(
      "/sys/class/kfd/kfd/topology/nodes/1/io_links/0/properties",
      "type 11\nnode_from 1\nnode_to 2\nweight 15\nflags 1")
    #expect(words(box.collect().gpus[0]).first == "41:00.0 kfd allowed xgmi")
  }

  /// A kernel without `p2p_links` lists XGMI all the same; of other pairs it says nothing.
  @Test func `XGMI stands without the list of PCIe links`() {
    let nodes = "/sys/class/kfd/kfd/topology/nodes"
    var box = Self.kfd([1: [("io", 2, 1)]])
    box.tree.file(
      nodes + "/1/io_links/0/properties",
      "type 11\nnode_from 1\nnode_to 2\nweight 15\nflags 1")
    box.tree.remove(nodes + "/1/p2p_links")
    let gpus = box.collect().gpus
    #expect(words(gpus[0]) == ["41:00.0 kfd allowed xgmi"])
    #expect(gpus[0].reason("peerAnswers") != nil)
    // All peers are in the hive: nothing is left to tell.
    box.tree.file(
      nodes + "/1/io_links/1/properties",
      "type 11\nnode_from 1\nnode_to 3\nweight 15\nflags 1")
    #expect(box.collect().gpus[0].peerAnswers.count == 2)
    #expect(box.collect().gpus[0].reason("peerAnswers") == nil)
  }

  /// Links by NVML's own word on the pair, by what is at their ends, or by what the driver allows.
  @Test(arguments: [
    ("RTX 4090", "", "", "0", "41:00.0 nvml allowed nvlink"),
    (
      "RTX 3090", "nvlink 0 1 00000000:41:00.0", "nvlink 0 1 00000000:21:00.0", "5",
      "41:00.0 nvml allowed"
    ),
    (
      "RTX A6000", "nvlink 0 1 00000000:41:00.0", "nvlink 0 1 00000000:21:00.0", "",
      "41:00.0 nvml allowed nvlink"
    ),
    ("RTX A6000", "nvlink 0 0 -", "nvlink 0 0 -", "", "41:00.0 nvml allowed"),
    // Both ends lead to a switch.
    (
      "H100", "nvlink 3 1 00000000:C1:00.0", "nvlink 2 1 00000000:C2:00.0", "6",
      "41:00.0 nvml allowed nvlink"
    ),
    ("GeForce RTX 3090", "", "", "", "41:00.0 nvml allowed nvlink inferred"),
    ("GeForce RTX 3090", "nvlink 0 0 -", "nvlink 0 0 -", "", "41:00.0 nvml allowed"),
    ("GeForce RTX 4090", "", "", "", "41:00.0 nvml allowed"),
  ])
  func `NVLink`(_ name: String, _ one: String, _ two: String, _ fifth: String, _ expected: String) {
    var box = GPUTree()
    for bus in ["21", "41"] { box.add("0000:\(bus):00.0", vendor: 0x10de, driver: "nvidia") }
    let answer = """
      driver 570.86.15
      gpu 00000000:21:00.0
      name NVIDIA \(name)
      \(one)
      gpu 00000000:41:00.0
      name NVIDIA \(name)
      \(two)
      peer 00000000:21:00.0 00000000:41:00.0 0 0 \(fifth)

      """
    box.tree.probe("nvml", .success(Array(answer.utf8)))
    let gpu = box.collect().gpus.first
    let isInferred = gpu?.peerAnswers.first?.isLinkInferred == true
    #expect(words(gpu) == [expected.replacing(" inferred", with: "")])
    #expect(isInferred == expected.hasSuffix("inferred"))
    #expect((gpu?.nvLinks == nil) == one.isEmpty)
  }

  @Test func `links that cannot be read are no refusal`() {
    let node = "/sys/class/kfd/kfd/topology/nodes/1"
    var denied = Self.kfd([1: [("p2p", 2, 1)]])
    denied.tree.set(
      node + "/p2p_links/0/properties", .failing(.permissionDenied, kind: .file))
    var old = Self.kfd([:])
    old.tree.remove(node + "/p2p_links")
    var garbage = Self.kfd([1: [("p2p", 2, 1)]])
    garbage.tree.file(node + "/p2p_links/0/properties", "\u{0}x 7\nnode_to y")
    var flagless = Self.kfd([1: [("p2p", 2, 1)]])
    flagless.tree.file(node + "/p2p_links/0/properties", "type 2\nnode_to 2")
    for box in [denied, old, garbage, flagless] {
      let gpus = box.collect().gpus
      #expect(gpus[0].peerAnswers.isEmpty)
      #expect(gpus[0].reason("peerAnswers") != nil)
      // The others are told as before.
      #expect(words(gpus[1]).count == 2)
    }
  }

  @Test func `one card has no peers to be told of`() {
    var box = GPUTree()
    box.add("0000:21:00.0", vendor: 0x1002, driver: "amdgpu")
    box.kfdNode(1, gpuID: 7, location: 0x2100)
    let gpu = box.collect().gpus.first
    #expect(gpu?.peerAnswers.isEmpty == true && gpu?.reason("peerAnswers") == nil)
  }

  @Test func `HSA beside KFD`() {
    var box = Self.kfd([:])
    box.tree.probe(
      "hsa",
      .success(
        Array(
          """
          agent cpu
          name EPYC
          agent gpu
          name gfx1100
          node 1
          agent gpu
          name gfx1100
          node 2
          access cpu 0 1
          access cpu 1 0
          access 0 1 2
          access 1 0 0
          access 1 9 2
          access 0 1
          access 0 1 7
          access x 1 1
          """.utf8)))
    let gpus = box.collect().gpus
    #expect(
      words(gpus[0]) == ["41:00.0 hsa allowed", "41:00.0 kfd refused", "61:00.0 kfd refused"])
    #expect(words(gpus[1]).first == "21:00.0 hsa refused")
    #expect(gpus[0].hsa?.isVisibleToCPU == true)
    #expect(gpus[1].hsa?.isVisibleToCPU == false)
  }

  @Test func `an HSA answer of an older program tells nothing of peers`() {
    let gpus = HSAMatchTests.box("agent gpu\nname gfx1100\nnode 1\n").collect().gpus
    #expect(gpus[0].hsa != nil && gpus[0].hsa?.isVisibleToCPU == nil)
    #expect(!gpus[0].peerAnswers.contains { $0.source == .hsa })
  }

  @Test func `NVML by address`() {
    var box = GPUTree()
    for bus in ["41", "42"] { box.add("0000:\(bus):00.0", vendor: 0x10de, driver: "nvidia") }
    box.tree.probe(
      "nvml",
      .success(
        Array(
          """
          driver 570
          gpu 00000000:41:00.0
          name NVIDIA GeForce RTX 4090
          gpu 00000000:42:00.0
          name NVIDIA GeForce RTX 4090
          peer 00000000:41:00.0 00000000:42:00.0 0 4
          peer 00000000:42:00.0 00000000:41:00.0 5 -
          peer 00000000:42:00.0 00000000:99:00.0 0 0
          peer nonsense
          """.utf8)))
    let gpus = box.collect().gpus
    #expect(
      gpus[0].peerAnswers == [
        PeerAnswer(
          peer: gpus[1].address, source: .nvml, read: .allowed, write: .disabledByRegistry)
      ])
    #expect(
      gpus[1].peerAnswers == [
        PeerAnswer(peer: gpus[0].address, source: .nvml, read: .notSupported, write: nil)
      ])
    #expect(gpus[0].peerAnswers[0].isAllowed == false)
    #expect(gpus[1].peerAnswers[0].isAllowed == false)
    let half = PeerAnswer(peer: gpus[0].address, source: .nvml, read: .allowed, write: nil)
    #expect(half.isAllowed == nil)
    #expect(gpus[1].name == "NVIDIA GeForce RTX 4090")
  }
}
