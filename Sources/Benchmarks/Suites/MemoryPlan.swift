internal import Base
internal import Inventory

/// Memory: bandwidth and latency from the CPUs of each node to the memory of each node.
package enum MemoryPlan: SuitePlan {
  package static let info = SuiteInfo(
    "memory", "Memory bandwidth and latency, for each CPU node and memory node.")

  /// The kernels, as STREAM (https://www.cs.virginia.edu/stream/ref.html) counts their bytes: one read or
  /// write of each array.
  package static let kernels = ["copy", "scale", "add", "triad", "read", "write"]

  package static func measurements(_ box: BenchmarkBox) -> [PlannedMeasurement] {
    places(box.inventory).flatMap { place in
      kernels.map { bandwidth($0, place, box) }
        + [latency(place, loaded: false), latency(place, loaded: true)]
    }
  }

  /// Where a measurement runs, and whose memory it uses.
  private struct Place {
    var cpus: NumberSet
    /// Node of the CPUs and node of the memory; nil where the kernel has no nodes.
    var nodes: (cpu: NUMANode, memory: NUMANode)?
  }

  private static func places(_ inventory: Inventory) -> [Place] {
    let memory = inventory.memory
    if memory.nodes.isEmpty {
      // A kernel without NUMA has no list of nodes. One that could not be read is another matter.
      let isUnread = memory.unknown.contains { $0.fact == "nodes" }
      guard !isUnread, let cpus = inventory.processors.online, !cpus.isEmpty else { return [] }
      return [Place(cpus: cpus)]
    }
    let memoryNodes = memory.nodes.filter {
      ($0.totalBytes ?? 0) > 0 && memory.allowedNodes?.contains($0.id) != false
    }
    return memory.nodes.flatMap { node -> [Place] in
      guard let cpus = node.cpus, !cpus.isEmpty else { return [] }
      return memoryNodes.map { Place(cpus: cpus, nodes: (node, $0)) }
    }
  }

  private static func bandwidth(
    _ kernel: String, _ place: Place, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    let nodes = place.nodes.map { " \($0.cpu.id) \($0.memory.id)" } ?? ""
    return PlannedMeasurement(
      series(kernel, place, .bytesPerSecond, .higher), seconds: 4, quickSeconds: 1,
      // No mark: how many modules share a channel is not known, and two make the ceiling twice too high;
      // nor do the links of a processor with few dies carry what its channels can.
      ceiling: MemoryCeiling.ceiling(
        memory: place.nodes?.memory, cpu: place.nodes?.cpu, box.inventory),
      parameters: parameters(kernel, place), together: "bandwidth\(nodes)")
  }

  private static func latency(_ place: Place, loaded: Bool) -> PlannedMeasurement {
    let metric = loaded ? "latency-loaded" : "latency"
    return PlannedMeasurement(
      series(metric, place, .seconds, .lower), seconds: 4, quickSeconds: 0.5,
      parameters: parameters(metric, place))
  }

  private static func series(
    _ metric: String, _ place: Place, _ unit: BenchmarkSeries.Unit, _ better: BenchmarkSeries.Better
  ) -> BenchmarkSeries {
    guard let (cpu, memory) = place.nodes else {
      return BenchmarkSeries(
        suite: info.name, metric: metric, subjectKey: "cpus-memory",
        subject: "all CPUs, all memory", unit: unit, better: better)
    }
    return BenchmarkSeries(
      suite: info.name, metric: metric, subjectKey: "cpu\(cpu.id)-memory\(memory.id)",
      subject: "CPUs of node \(cpu.id), memory of node \(memory.id)", unit: unit, better: better,
      pair: .init(
        fromKind: "CPU node", from: "\(cpu.id)", toKind: "memory node", to: "\(memory.id)"))
  }

  private static func parameters(_ metric: String, _ place: Place) -> [String: String] {
    var parameters = ["kernel": metric, "cpus": place.cpus.description]
    parameters["cpuNode"] = place.nodes.map { "\($0.cpu.id)" }
    parameters["memoryNode"] = place.nodes.map { "\($0.memory.id)" }
    return parameters
  }
}
