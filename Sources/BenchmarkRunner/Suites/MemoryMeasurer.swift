package import Base
package import Benchmarks
internal import Inventory
internal import LoadKernels

/// Memory bandwidth and latency, with pinned threads and bound pages.
package enum MemoryMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = MemoryPlan.self

  /// The most memory that the arrays take together.
  static let byteLimit = 16 << 30

  /// In place of the size of the caches where it is not known, as in a guest whose lists of caches disagree.
  /// Three arrays of 4 times 128 MiB are more than the largest last-level caches of a socket (1,152 MiB, EPYC
  /// 9684X); where memory is short they are what it allows.
  static func assumedCacheBytes(limit: Int) -> Int { min(128 << 20, limit / 16) }

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
    let isCacheKnown = ((try? MemoryPlace(first, session.box))?.cacheBytes ?? 0) > 0
    return kernels.map { kernel in
      outcome.flatMap { result in
        Result { () throws(Failure) in
          var observation = try observation(kernel, result)
          if !isCacheKnown { observation.details["cacheBytes"] = "unknown" }
          return observation
        }
      }
    }
  }

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let place = try MemoryPlace(planned, session.box)
    return planned.series.metric == "latency-loaded"
      ? try loadedLatency(place, planned, session) : try latency(place, planned, session)
  }

  // MARK: bandwidth

  private static func load(
    _ planned: PlannedMeasurement, _ kernels: [MemoryOperation], seconds: Double,
    _ session: MeasuringSession
  ) throws(Failure) -> MemoryResult {
    let place = try MemoryPlace(planned, session.box)
    let limit = min(byteLimit, place.availableBytes / 2)
    let cache = place.cacheBytes > 0 ? place.cacheBytes : assumedCacheBytes(limit: limit)
    var load = MemoryLoad(
      cpus: place.cpus, node: place.memoryNode, cacheBytes: cache, byteLimit: limit,
      seconds: seconds)
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
      settings: ["variant", "pages"], mayHaveWarmUp: false)
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
    _ place: MemoryPlace, _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let size = place.latencyBytes(isQuick: session.box.options.isQuick)
    try place.check(size)
    let test = LatencyTest(
      cpu: place.firstCPU, node: place.memoryNode, sizes: [16 << 10, 256 << 10, size],
      secondsPerSize: session.seconds(planned) / 3)
    let points = try test.run(stop: session.stop)
    return try observation(points, size)
  }

  private static func loadedLatency(
    _ place: MemoryPlace, _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    let others = place.cpus.subtracting(NumberSet([place.firstCPU]))
    guard !others.isEmpty,
      let variant = MemoryVariant.available.last(where: { $0.operation == .triad })
    else {
      throw Failure(
        "load the memory", because: "one core cannot load and measure at once", code: .notFound)
    }
    let size = place.latencyBytes(isQuick: session.box.options.isQuick)
    let streamed = min(byteLimit, max(4 * place.cacheBytes, 64 << 20))
    try place.check(size + streamed)
    var test = LatencyTest(
      cpu: place.firstCPU, node: place.memoryNode, sizes: [size],
      secondsPerSize: session.seconds(planned))
    test.stream = .init(
      cpus: others, node: place.memoryNode, variant: variant, bytes: streamed)
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
      details: details, settings: ["pages"], mayHaveWarmUp: false)
  }

  // MARK: shared

  private static func pages(_ pages: MemoryPages?) -> [String: String] {
    guard let pages else { return [:] }
    var details = ["pageBytes": "\(pages.pageBytes)"]
    // Most of them: the share itself differs a little with each run.
    details["pages"] = pages.hugeShare.map {
      $0 >= 0.5 ? "huge pages" : "pages of \(pages.pageBytes) bytes"
    }
    details["hugePageShare"] = pages.hugeShare.map { Units.decimal($0, places: 3) } ?? "unknown"
    details["pagesOnNode"] = pages.shareOnNode.map { Units.decimal($0, places: 3) } ?? "unknown"
    details["pagesSampled"] = "\(pages.sampled)"
    return details
  }
}
