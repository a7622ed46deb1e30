internal import Base
internal import Inventory

/// Which CPUs compute and which stream through memory, so that both go on all the time.
struct SoakPlacement: Hashable {
  /// CPUs that compute.
  var compute = NumberSet()
  /// CPUs that stream through the memory of each node; of nil where there is one node.
  var memory: [Int?: NumberSet] = [:]

  /// Of a core with two CPUs or more, the first streams and the others compute. Where cores have one CPU,
  /// every fourth core streams: a choice that leaves most cores to the load that heats them.
  init(_ inventory: Inventory) {
    let processors = inventory.processors
    let online = processors.online ?? NumberSet(processors.cores.flatMap(\.cpus.numbers))
    let nodes = inventory.memory.nodes.filter { $0.totalBytes ?? 0 > 0 }
    let places: [(node: Int?, cpus: NumberSet)] =
      nodes.count > 1
      ? nodes.map { ($0.id, ($0.cpus ?? NumberSet()).intersection(online)) } : [(nil, online)]
    for (node, cpus) in places where !cpus.isEmpty {
      let cores = processors.cores.map { $0.cpus.intersection(cpus) }.filter { !$0.isEmpty }
      let known = cores.isEmpty ? cpus.numbers.map { NumberSet([$0]) } : cores
      var streaming: [Int] = []
      for (index, core) in known.enumerated() {
        guard let first = core.first else { continue }
        if core.count > 1 || index % 4 == 0 { streaming.append(first) }
      }
      let memory = NumberSet(streaming)
      self.memory[node] = memory
      // One CPU alone does both, in turn as the scheduler has it.
      let rest = cpus.subtracting(memory)
      compute = NumberSet(compute.numbers + (rest.isEmpty ? cpus : rest).numbers)
    }
  }
}
