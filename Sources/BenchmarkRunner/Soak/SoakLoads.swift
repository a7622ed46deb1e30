internal import Base
package import Benchmarks
internal import Inventory
internal import LoadKernels

/// Every load of a soak.
package enum SoakLoads {
  /// The loads of a machine, one value each.
  /// - Parameters:
  ///   - box: says whether tinygrad is there, besides the machine.
  ///   - memoryLimit: the most memory that they fill together, in bytes; nil for half of what is free.
  package static func all(_ box: BenchmarkBox, memoryLimit: Int? = nil) -> [SoakLoad] {
    let inventory = box.inventory
    let placement = SoakPlacement(inventory)
    return [cpu(placement.compute)] + memory(placement, inventory, memoryLimit)
      + SoakDrive.loads(inventory) + SoakGPU.loads(inventory)
      + SoakCompute.loads(box)
  }

  // MARK: CPUs

  static func cpu(_ cpus: NumberSet) -> SoakLoad {
    if cpus.isEmpty {
      return SoakLoad("cpu", obstacle: .skipped("it is not known which CPUs are online"))
    }
    return SoakLoad("cpu") { time throws(Failure) in
      var load = CPULoad(cpus: cpus, seconds: time.seconds)
      // Some 1,000 samples, however long it takes.
      load.sampleSeconds = min(3600, max(0.02, time.seconds / 1000))
      load.endsAtWrongResult = true
      let result = try load.run(stop: time.stop)
      var work = SoakWork()
      work.checkedResults = result.batches
      work.wrongResults = result.wrongBatches.values.reduce(0, +)
      work.operations = result.samples.values.joined().reduce(0.0) {
        $0 + $1.operationsPerSecond * $1.seconds
      }
      work.details = ["cpus": "\(cpus)", "variant": result.variant]
      let wrong = NumberSet(result.wrongBatches.keys.sorted())
      if !wrong.isEmpty { work.details["wrongCPUs"] = "\(wrong)" }
      let samples = result.samples.mapValues { samples in
        samples.compactMap { sample in
          sample.cleanOperationsPerSecond.map {
            SoakClock.Sample(start: sample.start, operationsPerSecond: $0)
          }
        }
      }
      let ran = result.samples.values.compactMap { $0.last.map { $0.start + $0.seconds } }.max()
      work.clock = SoakClock(samples, seconds: ran ?? 0)
      return work
    }
  }

  // MARK: memory

  /// Bytes a second that one thread writes at least when pages are new: what a soak can fill in its time.
  /// Measured in a virtual machine under other load, whose host had to find the pages too: 0.1 to 0.3 GB/s.
  private static let fillRate = 0.05e9

  static func memory(
    _ placement: SoakPlacement, _ inventory: Inventory, _ memoryLimit: Int?
  ) -> [SoakLoad] {
    placement.memory.sorted { ($0.key ?? -1) < ($1.key ?? -1) }.map { node, cpus in
      let name = node.map { "memory of node \($0)" } ?? "memory"
      let free =
        node.flatMap { id in inventory.memory.nodes.first { $0.id == id }?.freeBytes }
        ?? inventory.memory.availableBytes
      guard let free, !cpus.isEmpty else {
        return SoakLoad(name, obstacle: .skipped("it is not known how much of it is free"))
      }
      let most = min(free / 2, (memoryLimit ?? .max) / placement.memory.count)
      return SoakLoad(name) { time throws(Failure) in
        // At most a quarter of the time for writing every page once.
        let fillable = min(1e15, fillRate * Double(cpus.count) * time.seconds / 4)
        return try stream(cpus, node, bytes: min(most, Int(fillable)), time)
      }
    }
  }

  private static func stream(
    _ cpus: NumberSet, _ node: Int?, bytes: Int, _ time: SoakTime
  ) throws(Failure) -> SoakWork {
    // The arrays are made four times this size each: together somewhat less than `bytes`.
    var load = MemoryLoad(
      cpus: cpus, node: node, cacheBytes: bytes / 14, byteLimit: bytes, seconds: time.seconds)
    // The end of the soak comes first: a load that did nothing until then is reported as that.
    load.setupLimit = min(86_400, time.seconds + 60)
    load.endsAtWrongResult = true
    let result = try load.run(stop: time.stop)
    var work = SoakWork()
    work.bytes = result.countedBytes
    work.checkedResults = result.slices
    work.wrongResults = result.wrongSlices
    work.details = [
      "cpus": "\(cpus)", "memoryBytes": "\(3 * result.arrayBytes)",
      "setupSeconds": Units.decimal(result.setupSeconds, places: 2),
    ]
    let pages = result.pagesAfter ?? result.pagesBefore
    work.details["pagesOnNode"] = pages?.shareOnNode.map { Units.decimal($0, places: 3) }
    return work
  }
}
