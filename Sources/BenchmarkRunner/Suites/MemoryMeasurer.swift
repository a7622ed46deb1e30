package import Base
package import Benchmarks
internal import Inventory
internal import LoadKernels

/// Memory bandwidth and latency, with pinned threads and bound pages.
package enum MemoryMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = MemoryPlan.self

  /// The most memory that the arrays take together.
  static let byteLimit = 16 << 30

  package static func measure(
    together planned: [PlannedMeasurement], _ session: MeasuringSession
  ) -> [Result<Observation, Failure>] {
    let kernels = planned.compactMap { MemoryOperation(rawValue: $0.parameters["kernel"] ?? "") }
    guard kernels.count == planned.count, let first = planned.first else {
      return planned.map { planned in
        Result { () throws(Failure) in try measure(planned, session) }
      }
    }
    let outcome = Result { () throws(Failure) in
      try load(first, kernels, seconds: planned.reduce(0) { $0 + session.seconds($1) }, session)
    }
    return kernels.map { kernel in
      outcome.flatMap { result in
        Result { () throws(Failure) in try observation(kernel, result) }
      }
    }
  }

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let place = try Place(planned, session.box)
    return planned.series.metric == "latency-loaded"
      ? try loadedLatency(place, planned, session) : try latency(place, planned, session)
  }

  // MARK: bandwidth

  private static func load(
    _ planned: PlannedMeasurement, _ kernels: [MemoryOperation], seconds: Double,
    _ session: MeasuringSession
  ) throws(Failure) -> MemoryResult {
    let place = try Place(planned, session.box)
    var load = MemoryLoad(
      cpus: place.cpus, node: place.memoryNode, cacheBytes: place.cacheBytes,
      byteLimit: min(byteLimit, place.freeBytes / 2), seconds: seconds)
    load.operations = kernels
    return try load.run(stop: session.stop)
  }

  private static func observation(
    _ kernel: MemoryOperation, _ result: MemoryResult
  ) throws(Failure) -> Observation {
    if result.wrongSlices > 0 {
      throw Failure(
        "trust the memory",
        because: "\(result.wrongSlices) of \(result.slices) slices had a wrong result")
    }
    if result.fastest[kernel] == nil {
      throw Failure(
        "measure \(kernel.rawValue)",
        because: "no kernel ran in time: writing every page took "
          + "\(Units.decimal(result.setupSeconds, places: 1)) s")
    }
    let counts = result.counts(kernel)
    var details = pages(result.pagesAfter ?? result.pagesBefore)
    details["variant"] = result.fastest[kernel]?.name
    details["arrayBytes"] = "\(result.arrayBytes)"
    details["busBytesPerCountedByte"] = result.fastest[kernel]?.busBytesPerCountedByte.map {
      Units.decimal($0, places: 3)
    }
    // Thousands of slices: their order in time is kept, one in so many.
    return Observation(
      thinned(result.rates(kernel)), dropped: counts.all - counts.clean, details: details,
      mayHaveWarmUp: false)
  }

  /// At most 200 samples, each the median of its neighbours.
  static func thinned(_ samples: [Double]) -> [Double] {
    let most = 200
    guard samples.count > most else { return samples }
    return (0..<most).map { index in
      let part = samples[index * samples.count / most..<(index + 1) * samples.count / most]
      return part.sorted()[part.count / 2]
    }
  }

  // MARK: latency

  private static func latency(
    _ place: Place, _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let size = place.latencyBytes(isQuick: session.box.options.isQuick)
    let test = LatencyTest(
      cpu: place.firstCPU, node: place.memoryNode, sizes: [16 << 10, 256 << 10, size],
      secondsPerSize: session.seconds(planned) / 3)
    let points = try test.run(stop: session.stop)
    return try observation(points, size)
  }

  private static func loadedLatency(
    _ place: Place, _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let others = place.cpus.subtracting(NumberSet([place.firstCPU]))
    guard !others.isEmpty,
      let variant = MemoryVariant.available.last(where: { $0.operation == .triad })
    else {
      throw Failure("load the memory", because: "one core cannot load and measure at once")
    }
    let size = place.latencyBytes(isQuick: session.box.options.isQuick)
    var test = LatencyTest(
      cpu: place.firstCPU, node: place.memoryNode, sizes: [size],
      secondsPerSize: session.seconds(planned))
    test.stream = .init(
      cpus: others, node: place.memoryNode, variant: variant,
      bytes: min(byteLimit, max(4 * place.cacheBytes, 64 << 20), place.freeBytes / 4))
    let points = try test.run(stop: session.stop)
    return try observation(points, size)
  }

  private static func observation(
    _ points: [LatencyPoint], _ size: Int
  ) throws(Failure) -> Observation {
    guard let point = points.last(where: { $0.bytes == size }) else {
      throw Failure("measure latency", because: "no batch of loads ended in time")
    }
    if points.contains(where: { !$0.isRight || $0.wrongStreamSlices > 0 }) {
      throw Failure("trust the memory", because: "loads went where they should not")
    }
    var details = pages(point.pages)
    details["workingSetBytes"] = "\(size)"
    for smaller in points where smaller.bytes != size {
      let samples = smaller.cleanNanoseconds.sorted()
      guard !samples.isEmpty else { continue }
      details["nanoseconds.\(smaller.bytes)"] = Units.decimal(samples[samples.count / 2], places: 2)
    }
    if let streamed = point.streamedBytesPerSecond {
      details["loadBytesPerSecond"] = Units.decimal(streamed, places: 0)
    }
    let clean = point.cleanNanoseconds
    return Observation(
      thinned(clean.map { $0 / 1e9 }), dropped: point.samples.count - clean.count,
      details: details, mayHaveWarmUp: false)
  }

  // MARK: shared

  private static func pages(_ pages: MemoryPages?) -> [String: String] {
    guard let pages else { return [:] }
    var details = ["pageBytes": "\(pages.pageBytes)"]
    details["hugePageShare"] = pages.hugeShare.map { Units.decimal($0, places: 3) } ?? "unknown"
    details["pagesOnNode"] = pages.shareOnNode.map { Units.decimal($0, places: 3) } ?? "unknown"
    details["pagesSampled"] = "\(pages.sampled)"
    return details
  }
}

/// Where a measurement of memory runs.
private struct Place {
  var cpus: NumberSet
  var memoryNode: Int?
  var cacheBytes: Int
  var freeBytes: Int

  /// The CPU that measures latency.
  var firstCPU: Int { cpus.first ?? 0 }
  /// Large enough that hardly a line is in a cache, and no more than is free. The cycle through it takes
  /// longer to make than to measure.
  func latencyBytes(isQuick: Bool) -> Int {
    let least = isQuick ? 64 << 20 : 256 << 20
    return min(max(4 * cacheBytes, least), 1 << 30, freeBytes / 4) / 64 * 64
  }

  init(_ planned: PlannedMeasurement, _ box: BenchmarkBox) throws(Failure) {
    let processors = box.inventory.processors
    guard let all = NumberSet(list: planned.parameters["cpus"] ?? ""), !all.isEmpty,
      let node = planned.parameters["memoryNode"].flatMap({ Int($0) })
    else { throw Failure("place the load", because: "the plan names no CPUs", code: .usage) }
    // One thread a core: a second one adds nothing to bandwidth and disturbs the first.
    let firsts = NumberSet(processors.cores.compactMap { $0.cpus.intersection(all).first })
    cpus = firsts.isEmpty ? all : firsts
    memoryNode = box.inventory.memory.nodes.count > 1 ? node : nil
    let used = cpus
    cacheBytes = processors.lastLevelCaches.reduce(0) {
      $0 + ($1.cpus.intersection(used).isEmpty ? 0 : $1.sizeBytes ?? 0)
    }
    freeBytes =
      box.inventory.memory.nodes.first { $0.id == node }?.freeBytes
      ?? box.inventory.memory.availableBytes ?? 0
  }
}
