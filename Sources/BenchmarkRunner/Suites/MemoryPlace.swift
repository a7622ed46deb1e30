internal import Base
internal import Benchmarks
internal import Inventory

/// Where a measurement of memory runs.
struct MemoryPlace {
  var cpus: NumberSet
  var memoryNode: Int?
  var cacheBytes: Int
  /// Memory of the node, or of all where there are none, that programs can have, bytes.
  var availableBytes: Int

  /// The CPU that measures latency.
  var firstCPU: Int { cpus.first ?? 0 }

  /// Large enough that hardly a line is in a cache. The cycle through it takes longer to make than to
  /// measure; 1 GiB is more than 4 times what one CPU of any Epyc can fill of it (96 MB).
  func latencyBytes(isQuick: Bool) -> Int {
    let least = isQuick ? 64 << 20 : 256 << 20
    return min(max(4 * cacheBytes, least), 1 << 30) / 64 * 64
  }

  /// Refuses what would take more than half of the memory that there is: with less than it needs, a
  /// measurement of memory becomes one of caches.
  func check(_ bytes: Int) throws(Failure) {
    if bytes <= availableBytes / 2 { return }
    throw Failure(
      "place the load",
      because: "it needs \(Units.capacity(bytes)), and no more than half of the "
        + "\(Units.capacity(availableBytes)) that are available there")
  }

  init(_ planned: PlannedMeasurement, _ box: BenchmarkBox) throws(Failure) {
    let processors = box.inventory.processors
    let name = planned.parameters["memoryNode"]
    let node = name.flatMap { Int($0) }
    guard let all = NumberSet(list: planned.parameters["cpus"] ?? ""), !all.isEmpty,
      name == nil || node != nil
    else {
      throw Failure("place the load", because: "the plan names no CPUs or no node", code: .usage)
    }
    // One thread a core: a second one adds nothing to bandwidth and disturbs the first.
    let firsts = NumberSet(processors.cores.compactMap { $0.cpus.intersection(all).first })
    cpus = firsts.isEmpty ? all : firsts
    memoryNode = box.inventory.memory.nodes.count > 1 ? node : nil
    let used = cpus
    cacheBytes = processors.lastLevelCaches.reduce(0) {
      $0 + ($1.cpus.intersection(used).isEmpty ? 0 : $1.sizeBytes ?? 0)
    }
    guard let available = MemoryPlace.availableBytes(of: node, box.inventory.memory) else {
      throw Failure("place the load", because: "it is not known how much memory is free")
    }
    availableBytes = available
  }

  /// Memory of a node, or of all without one, that programs can have, bytes; nil where it is not known.
  ///
  /// The kernel counts what it can give back from its caches (MemAvailable) for the whole machine, and
  /// for a node only what is free. What is available is on this node, as far as all other nodes together
  /// cannot have it.
  static func availableBytes(of node: Int?, _ memory: Memory) -> Int? {
    guard let node else { return memory.availableBytes }
    let free = memory.nodes.first { $0.id == node }?.freeBytes
    let others = memory.nodes.filter { $0.id != node }.map(\.totalBytes)
    guard let available = memory.availableBytes, !others.contains(nil) else { return free }
    let left = available - others.reduce(0) { $0 + ($1 ?? 0) }
    // Where another node could have all of it, nothing is proven and nothing refuted.
    return free.map { max($0, left) } ?? (left > 0 ? left : nil)
  }
}
