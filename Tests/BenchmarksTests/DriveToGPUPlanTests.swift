import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

@Suite struct DriveToGPUPlanTests {
  /// The server of the plans of GPUs with two drives.
  static var box: Inventory {
    var box = GPUPlanTests.server
    box.nvme = ["02:00.0", "03:00.0"].enumerated().map { index, address in
      var drive = NVMeController(name: "nvme\(index)")
      drive.address = MadeUp.at(address)
      drive.serial = "S\(index)"
      drive.state = "live"
      var namespace = NVMeController.Namespace(name: "nvme\(index)n1")
      namespace.sizeBytes = 1 << 40
      drive.namespaces = [namespace]
      return drive
    }
    for drive in box.nvme {
      guard let address = drive.address else { continue }
      let port = MadeUp.at("00:0\(address.bus).0")
      var function = PCIFunction(address: address)
      function.path = PCIePath(
        hops: [MadeUp.hop(port, address, now: MadeUp.rate(16, 4), possible: MadeUp.rate(16, 4))],
        bottleneck: 0, slotLink: 0, isDegraded: false)
      function.express = PCIeCapability(
        portType: .endpoint, maxPayloadSupportedBytes: 256, maxPayloadBytes: 256,
        maxReadRequestBytes: 512, relaxedOrdering: true, extendedTag: true)
      var root = PCIFunction(address: port)
      root.express = function.express
      box.pci += [root, function]
    }
    return box
  }

  static func plan(_ box: Inventory, devices: [String] = []) -> [PlannedMeasurement] {
    var options = BenchmarkOptions()
    options.devices = devices
    return DriveToGPUPlan.measurements(BenchmarkBox(box, options))
  }

  @Test func `near, far and direct for each GPU`() throws {
    let rows = Self.plan(Self.box)
    #expect(
      rows.map(\.series.key)
        == ["21:00.0-slotPCIE_1", "41:00.0-slotPCIE_2"].flatMap { gpu in
          ["near", "far", "direct"].map { "drive-to-gpu.load-\($0)/0000:\(gpu)-S0+S1" }
        })
    let far = rows[1]
    #expect(far.series.subject == "2 drives through memory of node 1 (far) to GPU 21:00.0")
    #expect(far.devices.count == 3)
    #expect(far.parameters["drives"] == "nvme0n1 nvme1n1")
    #expect(
      CopyParameters(far.parameters)?.lanes == [.init(.host(node: 1), .gpu(MadeUp.at("21:00.0")))])
    // Two drives on 16 GT/s x4 with an MPS of 256 are the least.
    let drive = 16e9 * 128 / 130 * 4 / 8 * 256 / 280
    let near = try #require(rows[0].ceiling)
    #expect(abs(try #require(near.value) - 2 * drive) < 1)
    #expect(near.limitedBy == "PCIe links of the drives")
    #expect(far.ceiling?.value == nil)
    guard case .notApplicable(let why) = rows[2].obstacle else {
      Issue.record("the direct path has no obstacle")
      return
    }
    #expect(why.contains("P2PDMA"))
  }

  @Test func `a GPU in use, a dead drive, no drive, no GPU`() {
    var box = Self.box
    box.nvme[0].state = "dead"
    #expect(Self.plan(box).first?.series.key.hasSuffix("-S1") == true)
    box.gpus[0].processes = [.init(pid: 9, name: "python3", evidence: "kfd")]
    #expect(Self.plan(box).first?.obstacle == .skipped("in use by python3 9 (kfd)"))
    #expect(Self.plan(box, devices: ["41:00.0"]).count == 3)
    box.gpus = []
    let standIns = Self.plan(box)
    #expect(standIns.map(\.series.metric) == ["load-near", "load-far"])
    #expect(standIns.allSatisfy { $0.ceiling == nil })
    box.nvme = []
    #expect(Self.plan(box).isEmpty)
  }
}
