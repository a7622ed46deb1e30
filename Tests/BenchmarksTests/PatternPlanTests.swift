import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

@Suite struct PatternPlanTests {
  /// Four GPUs, two on each of two nodes.
  static var box: Inventory {
    var box = GPUPlanTests.server
    for (index, address) in ["22:00.0", "42:00.0"].enumerated() {
      var port = box.pci[index * 2]
      var function = box.pci[index * 2 + 1]
      var gpu = box.gpus[index]
      gpu.address = MadeUp.at(address)
      function.address = MadeUp.at(address)
      function.slot = "PCIE \(index + 3)"
      port.address = MadeUp.at(index == 0 ? "20:02.1" : "40:02.1")
      function.parent = port.address
      function.path?.hops[0].port = port.address
      function.path?.hops[0].device = function.address
      box.pci += [port, function]
      box.gpus.append(gpu)
    }
    return box
  }

  static func plan(_ box: Inventory, devices: [String] = []) -> [PlannedMeasurement] {
    var options = BenchmarkOptions()
    options.devices = devices
    return PatternPlan.measurements(BenchmarkBox(box, options))
  }

  private func lanes(_ rows: [PlannedMeasurement], _ start: String) throws -> [CopyParameters.Lane]
  {
    let row = try #require(
      rows.first { $0.series.key.hasPrefix("patterns.\(start)") }, "\(rows.map(\.series.key))")
    return try #require(CopyParameters(row.parameters)).lanes
  }

  @Test func `every pattern, written and read`() throws {
    let rows = Self.plan(Self.box)
    // 2 nodes x 2 + 3 near; 4 GPUs x (one to many, many to one) + all to all, each written and read.
    #expect(rows.count == 7 + 2 * 9)
    #expect(Set(rows.map(\.series.key)).count == rows.count)
    let gpus = ["21:00.0", "22:00.0", "41:00.0", "42:00.0"].map { MadeUp.at($0) }
    for row in rows {
      #expect(Set(row.devices) == Set(gpus))
      #expect(row.obstacle == nil)
    }
    #expect(
      Set(try lanes(rows, "host-to-all/node1"))
        == Set(gpus.map { .init(.host(node: 1), .gpu($0)) }))
    #expect(
      Set(try lanes(rows, "all-to-host/near"))
        == Set(gpus.map { .init(.gpu($0), .host(node: $0.bus < 0x40 ? 0 : 1)) }))
    #expect(try lanes(rows, "host-both-ways/near").count == 8)
    #expect(
      Set(try lanes(rows, "one-to-many-write/0000:21:00.0"))
        == Set(gpus.dropFirst().map { .init(.gpu(gpus[0]), .gpu($0)) }))
    #expect(
      Set(try lanes(rows, "many-to-one-read/0000:21:00.0"))
        == Set(gpus.dropFirst().map { .init(.gpu($0), .gpu(gpus[0])) }))
    #expect(Set(try lanes(rows, "all-to-all-read")).count == 12)
    for row in rows {
      #expect(
        CopyParameters(row.parameters)?.destinationReads == row.series.metric.hasSuffix("-read"))
    }
  }

  @Test func `the ceiling is the least of what links and memory allow together`() throws {
    let rows = Self.plan(Self.box)
    let raw = 16e9 * 128 / 130 * 16 / 8
    func ceiling(_ start: String) throws -> BenchmarkCeiling {
      try #require(
        rows.first { $0.series.key.hasPrefix("patterns.\(start)") }?.ceiling, "\(start)")
    }
    // One GPU's link carries what goes to three.
    let one = try ceiling("one-to-many-write/0000:21:00.0")
    #expect(abs(try #require(one.value) - raw * 512 / 536) < 1)
    #expect(one.limitedBy == "PCIe link of the source")
    let many = try ceiling("many-to-one-read/0000:21:00.0")
    #expect(abs(try #require(many.value) - raw * 512 / 532) < 1)
    #expect(many.limitedBy == "PCIe link of the destination")
    #expect(abs(try #require(try ceiling("all-to-all-write").value) - 4 * raw * 512 / 536) < 1)
    // From one node to GPUs of both: the fabric is not known.
    #expect(try ceiling("host-to-all/node0").value == nil)
    #expect(try ceiling("all-to-host/near").value != nil)
  }

  @Test func `one GPU is no pattern, and one in use keeps the others from being measured`() {
    var box = Self.box
    box.gpus[1].processes = [.init(pid: 5, name: "llama-server", evidence: "kfd")]
    #expect(
      Self.plan(box).allSatisfy { $0.obstacle == .skipped("in use by llama-server 5 (kfd)") })
    // One without its driver takes no part.
    box.gpus[1].driver = "vfio-pci"
    let three = Self.plan(box)
    #expect(three.allSatisfy { $0.devices.count == 3 && $0.obstacle == nil })
    box.gpus = [box.gpus[0]]
    #expect(Self.plan(box).isEmpty)
  }

  @Test func `cards of two makers have patterns of their own`() {
    var box = Self.box
    for index in 2...3 {
      box.gpus[index].vendor = .nvidia
      box.gpus[index].driver = "nvidia"
    }
    let rows = Self.plan(box)
    // Two GPUs each: to many is to one.
    #expect(rows.count == 2 * (7 + 2))
    let libraries = rows.compactMap { CopyParameters($0.parameters)?.library }
    #expect(libraries.count { $0 == .cuda } == 9)
    #expect(Self.plan(box, devices: ["22:00.0"]).count == 9)
  }

  @Test func `nodes stand in for GPUs`() {
    var box = Self.box
    box.gpus = []
    let rows = Self.plan(box)
    #expect(rows.count == 9)
    #expect(rows.allSatisfy { CopyParameters($0.parameters)?.isStandIn == true })
    #expect(rows.allSatisfy { $0.ceiling == nil && $0.devices.isEmpty })
    box.memory.nodes.removeLast()
    #expect(Self.plan(box).isEmpty)
  }
}
