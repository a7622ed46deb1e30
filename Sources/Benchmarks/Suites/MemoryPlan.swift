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
    let nodes = box.inventory.memory.nodes
    let allowed = box.inventory.memory.allowedNodes
    // A kernel without NUMA has one node without a number: the run then measures as it comes.
    let cpuNodes = nodes.filter { !($0.cpus?.isEmpty ?? true) }
    let memoryNodes = nodes.filter { ($0.totalBytes ?? 0) > 0 && allowed?.contains($0.id) != false }
    var planned: [PlannedMeasurement] = []
    for cpu in cpuNodes {
      for memory in memoryNodes {
        for kernel in kernels { planned.append(bandwidth(kernel, cpu, memory, box)) }
        planned.append(latency(cpu, memory, loaded: false))
        planned.append(latency(cpu, memory, loaded: true))
      }
    }
    return planned
  }

  private static func bandwidth(
    _ kernel: String, _ cpu: NUMANode, _ memory: NUMANode, _ box: BenchmarkBox
  ) -> PlannedMeasurement {
    PlannedMeasurement(
      series(kernel, cpu, memory, .bytesPerSecond, .higher), seconds: 6, quickSeconds: 0.5,
      ceiling: MemoryCeiling.ceiling(memory: memory, cpu: cpu, box.inventory),
      // A read or copy of a well set box reaches some 80 to 90 % of the channels' rate.
      mark: 0.7, parameters: parameters(kernel, cpu, memory))
  }

  private static func latency(
    _ cpu: NUMANode, _ memory: NUMANode, loaded: Bool
  ) -> PlannedMeasurement {
    let metric = loaded ? "latency-loaded" : "latency"
    return PlannedMeasurement(
      series(metric, cpu, memory, .seconds, .lower), seconds: 4, quickSeconds: 0.5,
      parameters: parameters(metric, cpu, memory))
  }

  private static func series(
    _ metric: String, _ cpu: NUMANode, _ memory: NUMANode, _ unit: BenchmarkSeries.Unit,
    _ better: BenchmarkSeries.Better
  ) -> BenchmarkSeries {
    BenchmarkSeries(
      suite: info.name, metric: metric, subjectKey: "cpu\(cpu.id)-memory\(memory.id)",
      subject: "CPUs of node \(cpu.id), memory of node \(memory.id)", unit: unit, better: better,
      pair: .init(
        fromKind: "CPU node", from: "\(cpu.id)", toKind: "memory node", to: "\(memory.id)"))
  }

  private static func parameters(
    _ metric: String, _ cpu: NUMANode, _ memory: NUMANode
  ) -> [String: String] {
    [
      "kernel": metric, "cpus": cpu.cpus?.description ?? "", "cpuNode": "\(cpu.id)",
      "memoryNode": "\(memory.id)",
    ]
  }
}
