import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

/// The plan for memory and its ceilings. `WellServer` has 8 modules of 16 GiB on two nodes of one socket.
struct MemoryPlanTests {
  private func ceiling(
    _ memory: Int = 0, _ change: (inout Inventory) -> Void = { _ in }
  ) -> BenchmarkCeiling {
    var inventory = WellServer.inventory
    change(&inventory)
    let nodes = inventory.memory.nodes
    return MemoryCeiling.ceiling(memory: nodes[memory], cpu: nodes[memory], inventory)
  }

  @Test func `no figure has a mark against a ceiling that may be too high`() {
    let plan = MemoryPlan.measurements(BenchmarkBox(WellServer.inventory, BenchmarkOptions()))
    #expect(plan.contains { $0.ceiling?.value != nil })
    #expect(plan.allSatisfy { $0.mark == nil })
  }

  @Test func `a node has the channels of its modules`() {
    #expect(ceiling().value == 4 * 3200e6 * 8)
    #expect(ceiling().arithmetic == "memory channels: 4 modules x 3200 MT/s x 8 bytes")
    let one = ceiling { $0.memory.nodes.removeLast() }
    #expect(one.value == 8 * 3200e6 * 8)
  }

  @Test func `modules that are not spread evenly count where they are`() {
    func change(_ inventory: inout Inventory) {
      inventory.memory.nodes[0].totalBytes = 95 << 30
      inventory.memory.nodes[1].totalBytes = 31 << 30
    }
    #expect(ceiling(0, change).value == 6 * 3200e6 * 8)
    #expect(ceiling(1, change).value == 2 * 3200e6 * 8)
  }

  @Test func `what is not proven is unknown`() {
    func gap(_ change: (inout Inventory) -> Void) -> String { ceiling(0, change).arithmetic }
    // Nodes of last-level caches look like those of NPS and share channels.
    for split in [
      nil, Processors.NodesPerSocket(value: 2, confidence: .likely, evidence: "test"),
      .init(value: 8, confidence: .unknown, evidence: "test", likelyL3AsNUMA: true),
    ] {
      #expect(
        gap { $0.processors.nodesPerSocket = split }
          == "unknown; memory channels: it is not known whether memory nodes share channels")
    }
    #expect(
      gap { $0.memory.modules[0].sizeBytes = 32 << 30 }
        == "unknown; memory channels: modules of different sizes do not show which node they belong to"
    )
    #expect(
      gap { $0.memory.nodes[1].totalBytes = 20 << 30 }
        == "unknown; memory channels: the memory of 2 nodes does not show where 8 modules are")
    #expect(
      gap { $0.memory.modules[7].configuredMegatransfersPerSecond = 2933 }
        == "unknown; memory channels: the memory modules run at different speeds (SMBIOS type 17)")
  }

  @Test func `a node for each socket is not shared, whoever made the processor`() {
    let whole = Processors.NodesPerSocket(value: 1, confidence: .likely, evidence: "test")
    #expect(ceiling(0) { $0.processors.nodesPerSocket = whole }.value == 4 * 3200e6 * 8)
  }

  @Test func `a kernel without NUMA has one place, which is not bound`() throws {
    var inventory = WellServer.inventory
    inventory.memory.nodes = []
    func plan() -> [PlannedMeasurement] {
      MemoryPlan.measurements(BenchmarkBox(inventory, BenchmarkOptions()))
    }
    let planned = plan()
    #expect(planned.map(\.series.metric) == MemoryPlan.kernels + ["latency", "latency-loaded"])
    #expect(planned.allSatisfy { $0.series.key.hasSuffix("/cpus-memory") })
    #expect(Set(planned.prefix(6).map(\.together)).count == 1)
    let online = try #require(inventory.processors.online)
    for row in planned {
      #expect(row.parameters["cpus"] == online.description)
      #expect(row.parameters["memoryNode"] == nil)
    }
    #expect(planned[0].ceiling?.value == 8 * 3200e6 * 8)
    // Nodes that could not be read are not none.
    inventory.memory.unknown = [
      UnknownFact(fact: "nodes", path: "/sys/devices/system/node", reason: "Permission denied")
    ]
    #expect(plan().isEmpty)
    inventory.memory.unknown = []
    inventory.processors.online = nil
    #expect(plan().isEmpty)
  }
}
