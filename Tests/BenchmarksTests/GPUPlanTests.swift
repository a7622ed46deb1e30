import Base
import Inventory
import TestMachines
import TestSupport
import Testing

@testable import Benchmarks

@Suite struct GPUPlanTests {
  /// A server of two nodes with a GPU on each, both idle and driven.
  static var server: Inventory {
    var box = WellServer.linked
    for index in box.gpus.indices {
      box.gpus[index].driver = "amdgpu"
      box.gpus[index].kfd = KFDNode(node: index + 2)
      box.gpus[index].busyShare = 0
      box.gpus[index].processes = []
    }
    for index in box.pci.indices where box.pci[index].identity.classCode == 0x030000 {
      box.pci[index].slot = "PCIE \(index / 2 + 1)"
    }
    return box
  }

  static func plan(_ box: Inventory, devices: [String] = []) -> [PlannedMeasurement] {
    var options = BenchmarkOptions()
    options.devices = devices
    return GPUPlan.measurements(BenchmarkBox(box, options))
  }

  static func row(_ rows: [PlannedMeasurement], _ key: String) throws -> PlannedMeasurement {
    try #require(rows.first { $0.series.key == key }, "\(rows.map(\.series.key))")
  }

  @Test func `each GPU, each node, each pair and each way is a row`() throws {
    let rows = Self.plan(Self.server)
    // 2 GPUs x (2 nodes x 3 + 1 inside) + 2 ordered pairs.
    #expect(rows.count == 16)
    #expect(Set(rows.map(\.series.key)).count == 16)
    #expect(rows.allSatisfy { $0.obstacle == nil })
    let far = try Self.row(rows, "gpu.host-to-device/0000:21:00.0-slotPCIE_1-node1")
    #expect(far.series.subject == "memory of node 1 (far) to GPU 21:00.0")
    #expect(far.devices == [MadeUp.at("21:00.0")])
    // What the fabric between nodes allows is in no table.
    #expect(far.ceiling?.value == nil)
    #expect(far.ceiling?.limits.last?.name == "fabric between nodes")
    let parameters = try #require(CopyParameters(far.parameters))
    #expect(parameters.library == .hsa)
    #expect(parameters.lanes == [.init(.host(node: 1), .gpu(MadeUp.at("21:00.0")))])
    #expect(!parameters.isStandIn)
    let peer = try Self.row(
      rows, "gpu.peer/0000:21:00.0-slotPCIE_1-0000:41:00.0-slotPCIE_2")
    #expect(peer.series.subject == "GPU 21:00.0 to GPU 41:00.0")
    #expect(peer.devices == [MadeUp.at("21:00.0"), MadeUp.at("41:00.0")])
  }

  @Test func `a near row has the link as its ceiling, each way its own`() throws {
    var box = Self.server
    // 16 GT/s x16 with an MPS of 512: 31.508 GB/s x 512/532 for what the GPU reads, x 512/536 for what it
    // writes.
    let raw = 16e9 * 128 / 130 * 16 / 8
    func ceiling(_ metric: String) throws -> Double? {
      try Self.row(Self.plan(box), "gpu.\(metric)/0000:21:00.0-slotPCIE_1-node0").ceiling?.value
    }
    let reads = raw * 512 / 532
    let writes = raw * 512 / 536
    // The channels are the other limit: WellServer has them.
    #expect(abs(try #require(try ceiling("host-to-device")) - reads) < 1)
    #expect(abs(try #require(try ceiling("device-to-host")) - writes) < 1)
    #expect(abs(try #require(try ceiling("both-ways")) - (reads + writes)) < 1)
    let peer = try Self.row(
      Self.plan(box), "gpu.peer/0000:21:00.0-slotPCIE_1-0000:41:00.0-slotPCIE_2")
    #expect(abs(try #require(peer.ceiling?.value) - writes) < 1)
    // Where the modules' rate is not known, it may be the least.
    for index in box.memory.modules.indices {
      box.memory.modules[index].configuredMegatransfersPerSecond = nil
    }
    #expect(try ceiling("host-to-device") == nil)
  }

  @Test func `an identity of the card is its key`() throws {
    var box = Self.server
    box.gpus[0].uniqueID = "GPU-1234"
    _ = try Self.row(Self.plan(box), "gpu.device-to-device/GPU-1234-slotPCIE_1")
  }

  @Test func `a direct link has no ceiling, a refused pair does not apply`() throws {
    var box = Self.server
    let (one, two) = (box.gpus[0].address, box.gpus[1].address)
    box.gpus[1].peerAnswers = [
      PeerAnswer(peer: one, source: .kfd, read: .allowed, write: .allowed, link: .xgmi)
    ]
    let key = "gpu.peer/0000:21:00.0-slotPCIE_1-0000:41:00.0-slotPCIE_2"
    let linked = try Self.row(Self.plan(box), key)
    #expect(linked.ceiling?.value == nil)
    #expect(linked.ceiling?.limits.map(\.name) == ["XGMI"])
    box.gpus[0].peerAnswers = [
      PeerAnswer(peer: two, source: .nvml, read: .chipsetNotSupported, write: .allowed)
    ]
    #expect(
      try Self.row(Self.plan(box), key).obstacle
        == .notApplicable(
          "GPU 21:00.0 may not access the memory of GPU 41:00.0, nvml reports"))
  }

  @Test func `what is in use is left out, its holder named`() throws {
    var box = Self.server
    box.gpus[0].processes = [
      .init(pid: 4321, name: "python3", evidence: "kfd"),
      .init(pid: 7, name: "tinyboxd", evidence: "kfd"),
      .init(pid: 8, name: "nvidia-persiste", evidence: "/dev/nvidia0"),
      // The program that measures, by the 15 characters that the kernel keeps of its name.
      .init(pid: 9, name: "tinybox-benchma", evidence: "kfd"),
    ]
    let rows = Self.plan(box)
    let key = "gpu.host-to-device/0000:21:00.0-slotPCIE_1-node0"
    #expect(try Self.row(rows, key).obstacle == .skipped("in use by python3 4321 (kfd)"))
    // The other one is measured; a pair needs both.
    #expect(rows.count { $0.obstacle == nil } == 7)
    // Who only watches does not hold it.
    box.gpus[0].processes.removeFirst()
    #expect(Self.plan(box).allSatisfy { $0.obstacle == nil })
    // Unless the driver says that it computes.
    box.gpus[0].processes[1].evidence = "nvml"
    #expect(
      try Self.row(Self.plan(box), key).obstacle == .skipped("in use by nvidia-persiste 8 (nvml)"))
    box.gpus[0].processes = []
    // Busy, and drawing what a busy card draws, by a process that nobody sees.
    box.gpus[0].busyShare = 0.9
    box.gpus[0].powerWatts = 300
    box.gpus[0].powerCap = .init(watts: 327)
    #expect(
      try Self.row(Self.plan(box), key).obstacle
        == .skipped("in use: busy for 90 % of the time, by no process it knows"))
  }

  @Test func `what no library reaches does not apply`() throws {
    var box = Self.server
    let key = "gpu.device-to-device/0000:21:00.0-slotPCIE_1"
    func obstacle() throws -> PlannedMeasurement.Obstacle? {
      try Self.row(Self.plan(box), key).obstacle
    }
    box.gpus[0].kfd = nil
    #expect(
      try obstacle() == .notApplicable("KFD, which HSA works through, does not list it"))
    box.gpus[0].driver = "vfio-pci"
    #expect(try obstacle() == .notApplicable("its driver is vfio-pci, not amdgpu"))
    box.gpus[0].vendor = .nvidia
    box.gpus[0].driver = "nvidia"
    #expect(try obstacle() == nil)
    // Cards of two makers are no pair.
    #expect(!Self.plan(box).contains { $0.series.metric == "peer" })
    box.gpus[0].mig = MIG()
    box.gpus[0].mig?.isEnabled = true
    #expect(
      try obstacle()
        == .notApplicable("it is split (MIG): a program sees its parts, not the card"))
    box.gpus[0].vendor = .intel
    #expect(
      try obstacle()
        == .notApplicable("there is no library here that copies with a GPU of its maker"))
  }

  @Test func `only what was asked for is planned`() {
    let rows = Self.plan(Self.server, devices: ["41:00.0"])
    #expect(rows.count == 7 + 2)
    #expect(rows.allSatisfy { $0.devices.contains(MadeUp.at("41:00.0")) })
  }

  @Test func `without a GPU, CPU agents stand in`() throws {
    var box = Self.server
    box.gpus = []
    let rows = Self.plan(box)
    #expect(
      rows.map(\.series.key) == [
        "gpu.host-to-device/standin0-node0", "gpu.device-to-host/standin0-node0",
        "gpu.both-ways/standin0-node0", "gpu.host-to-device/standin0-node1",
        "gpu.device-to-host/standin0-node1", "gpu.both-ways/standin0-node1",
        "gpu.device-to-device/standin0", "gpu.peer/standin0-standin1",
      ])
    for row in rows {
      #expect(row.ceiling == nil && row.mark == nil && row.devices.isEmpty)
      #expect(try #require(CopyParameters(row.parameters)).isStandIn)
    }
    #expect(Self.plan(box, devices: ["nvme0"]).isEmpty)
    // A kernel without NUMA has one agent, and host memory of no node.
    var plain = box
    plain.memory.nodes = []
    #expect(
      Self.plan(plain).map(\.series.key) == [
        "gpu.host-to-device/standin0-host", "gpu.device-to-host/standin0-host",
        "gpu.both-ways/standin0-host", "gpu.device-to-device/standin0",
      ])
    // A processor's own graphics is no GPU here.
    var builtIn = Self.server
    builtIn.gpus = [builtIn.gpus[0]]
    builtIn.gpus[0].isBuiltIn = true
    #expect(Self.plan(builtIn).count == 8)
  }

  @Test func `buffers take a sixteenth of a node at most`() throws {
    var box = Self.server
    func bytes(_ metric: String) throws -> Int {
      let row = try Self.row(Self.plan(box), "gpu.\(metric)/0000:21:00.0-slotPCIE_1-node0")
      return try #require(CopyParameters(row.parameters)).bytes
    }
    #expect(try bytes("host-to-device") == 256 << 20)
    #expect(try bytes("both-ways") == 64 << 20)
    for index in box.memory.nodes.indices { box.memory.nodes[index].totalBytes = 1 << 30 }
    // 64 MiB for three buffers, in whole huge pages.
    #expect(try bytes("host-to-device") == 20 << 20)
    #expect(try bytes("both-ways") == 16 << 20)
    for index in box.memory.nodes.indices { box.memory.nodes[index].totalBytes = 1 << 20 }
    #expect(try bytes("host-to-device") == 2 << 20)
  }

  @Test(arguments: MadeUp.all.map(\.name))
  func `every made-up machine has a plan with keys of its own`(name: String) throws {
    let box = BenchmarkBox(MadeUp.named(name), BenchmarkOptions())
    for rows in [GPUPlan.measurements(box), PatternPlan.measurements(box)] {
      #expect(Set(rows.map(\.series.key)).count == rows.count)
      for row in rows {
        let copies = try #require(CopyParameters(row.parameters), "\(row.parameters)")
        #expect(copies.parameters == row.parameters)
        #expect(row.quickSeconds <= row.seconds)
        #expect(!row.series.key.contains(" "))
      }
    }
  }

  @Test func `parameters that are none are refused`() {
    let good = CopyParameters(
      .cuda, [.init(.host(node: nil), .cpu(node: 3))], bytes: 4096, count: 2)
    #expect(CopyParameters(good.parameters) == good)
    for (key, value) in [
      ("library", "opencl"), ("lanes", ""), ("lanes", "node0"), ("lanes", "node0>"),
      ("lanes", "node0>gpu0"), ("lanes", "node0>cpu1>cpu2"), ("lanes", "nodex>cpu1"),
      ("bytes", "0"), ("bytes", "-5"), ("bytes", "many"), ("count", "0"),
    ] {
      var bad = good.parameters
      bad[key] = value
      #expect(CopyParameters(bad) == nil, "\(key) \(value)")
      bad[key] = nil
      #expect(CopyParameters(bad) == nil, "\(key)")
    }
  }
}
