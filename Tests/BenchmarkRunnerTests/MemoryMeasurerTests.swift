import Base
import Inventory
import LoadKernels
import TestSupport
import Testing

@testable import BenchmarkRunner
@testable import Benchmarks

struct MemoryMeasurerTests {
  /// A CPU that this process may use.
  private let cpu: NumberSet

  init() throws { cpu = try firstCPU() }

  /// One node with one CPU and a small cache.
  private func session(_ change: (inout Inventory) -> Void = { _ in }) -> MeasuringSession {
    var inventory = Inventory(origin: "test")
    inventory.memory.nodes = [node(0, total: 4 << 30, free: 1 << 30)]
    inventory.memory.availableBytes = 1 << 30
    inventory.processors.lastLevelCaches = [
      .init(level: 3, sizeBytes: 1 << 20, cpus: cpu)
    ]
    change(&inventory)
    var options = BenchmarkOptions()
    options.isQuick = true
    return MeasuringSession(box: BenchmarkBox(inventory, options), folder: "/nonexistent")
  }

  private func node(_ id: Int, total: Int?, free: Int?) -> NUMANode {
    var node = NUMANode(id: id)
    node.cpus = cpu
    node.totalBytes = total
    node.freeBytes = free
    return node
  }

  private func planned(_ metric: String, _ session: MeasuringSession) throws -> PlannedMeasurement {
    let plan = MemoryPlan.measurements(session.box)
    var planned = try #require(plan.first { $0.series.metric == metric })
    planned.quickSeconds = 0.2
    return planned
  }

  @Test func `the kernel and the pages are facts of the figure`() throws {
    let session = session()
    let triad = try planned("triad", session)
    let bandwidth = try #require(MemoryMeasurer.measure(together: [triad], session).first).get()
    #expect(bandwidth.settings == ["variant", "pages"])
    #expect(bandwidth.details["variant"]?.isEmpty == false)
    let latency = try MemoryMeasurer.measure(planned("latency", session), session)
    #expect(latency.settings == ["pages"])
    #expect(latency.details["workingSetBytes"] == "\(64 << 20)")
  }

  @Test func `without nodes memory is measured unbound`() throws {
    let session = session {
      $0.memory.nodes = []
      $0.processors.online = cpu
    }
    let observation = try MemoryMeasurer.measure(planned("latency", session), session)
    #expect(observation.samples.allSatisfy { $0 > 0 })
    #expect(observation.details["workingSetBytes"] == "\(64 << 20)")
  }

  @Test func `one core cannot load and measure, which is no failure`() throws {
    let session = session()
    let planned = try planned("latency-loaded", session)
    let failure = #expect(throws: Failure.self) { try MemoryMeasurer.measure(planned, session) }
    #expect(failure?.code == .notFound)
  }

  @Test func `too little memory is refused, not measured with less`() throws {
    let session = session {
      $0.memory.nodes[0].freeBytes = 100 << 20
      $0.memory.availableBytes = 100 << 20
    }
    let planned = try planned("latency", session)
    let failure = #expect(throws: Failure.self) { try MemoryMeasurer.measure(planned, session) }
    #expect(
      failure?.reason
        == "it needs 64 MiB, and no more than half of the 100 MiB that are available there")
  }

  @Test func `memory that is not known is not nothing`() throws {
    let session = session {
      $0.memory.nodes[0].freeBytes = nil
      $0.memory.availableBytes = nil
    }
    let planned = try planned("latency", session)
    let failure = #expect(throws: Failure.self) { try MemoryMeasurer.measure(planned, session) }
    #expect(failure?.reason == "it is not known how much memory is free")
  }

  @Test func `what caches give back counts as far as it must be on the node`() {
    func available(_ available: Int?, _ nodes: [(total: Int?, free: Int?)]) -> Int? {
      var memory = Memory()
      memory.availableBytes = available
      memory.nodes = nodes.enumerated().map { index, node in
        self.node(index, total: node.total, free: node.free)
      }
      return MemoryPlace.availableBytes(of: 0, memory)
    }
    // The only node has all of it, however full the page cache is.
    #expect(available(30, [(32, 2)]) == 30)
    #expect(available(60, [(32, 2), (32, 2)]) == 28)
    // All of it may be on the other node.
    #expect(available(30, [(32, 2), (32, 2)]) == 2)
    #expect(available(30, [(32, nil), (32, 2)]) == nil)
    #expect(available(60, [(32, nil), (32, 2)]) == 28)
    #expect(available(60, [(32, 2), (nil, 2)]) == 2)
    #expect(available(nil, [(32, 2)]) == 2)
    #expect(available(30, []) == 30)
  }

  @Test func `memory is measured where the size of the caches is not known`() throws {
    let session = session {
      $0.processors.lastLevelCaches = []
      // Little memory, so that it is written soon.
      $0.memory.nodes[0].freeBytes = 512 << 20
      $0.memory.availableBytes = 512 << 20
    }
    let outcome = try #require(
      MemoryMeasurer.measure(together: [planned("read", session)], session).first)
    let observation = try outcome.get()
    #expect(observation.details["cacheBytes"] == "unknown")
    #expect(Int(observation.details["arrayBytes"] ?? "") ?? 0 > 0)
  }

  @Test func `an assumed cache leaves room for three arrays, which exceed the largest cache`() {
    #expect(3 * 4 * MemoryMeasurer.assumedCacheBytes(limit: 16 << 30) > 1152 << 20)
    for limit in [64 << 20, 250 << 20, 16 << 30] {
      #expect(3 * 4 * MemoryMeasurer.assumedCacheBytes(limit: limit) <= limit)
    }
  }
}
