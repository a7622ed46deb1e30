internal import Accelerators
internal import Base
internal import Benchmarks
internal import Inventory
internal import Linux
internal import LoadKernels

/// Copies to and from a GPU over PCI Express, both ways at once, and compares what arrives.
///
/// It loads the link, the copy engines and the video memory that the copies lie in. What heats a GPU is its compute
/// load (`SoakCompute`).
enum SoakGPU {
  /// One load for each GPU.
  static func loads(
    _ inventory: Inventory, _ measurement: CopyMeasurement = CopyMeasurement()
  ) -> [SoakLoad] {
    if inventory.gpus.isEmpty {
      return [SoakLoad("gpus", obstacle: .notApplicable("this machine has no GPU"))]
    }
    let box = BenchmarkBox(inventory, BenchmarkOptions())
    let rows = GPUPlan.measurements(box).filter { $0.series.metric == GPUPlan.bothWays }
    return inventory.gpus.map { gpu -> SoakLoad in
      let name = "copies of GPU \(gpu.address.short)"
      let own = rows.filter { $0.devices == [gpu.address] }
      let node = box.index.function(gpu.address)?.locality.numaNode
      let near = own.first {
        CopyParameters($0.parameters)?.lanes.first?.hostNode == node
      }
      if gpu.isBuiltIn == true {
        return SoakLoad(
          name, devices: [gpu.address], obstacle: .notApplicable("it is part of the processor"))
      }
      guard let row = near ?? own.first, let copies = CopyParameters(row.parameters) else {
        return SoakLoad(
          name, devices: [gpu.address], obstacle: .skipped("no library is known that copies to it"))
      }
      if let obstacle = row.obstacle {
        return SoakLoad(name, devices: [gpu.address], obstacle: obstacle)
      }
      return SoakLoad(name, devices: [gpu.address]) { time throws(Failure) in
        try measurement.soak(copies, time)
      }
    }
  }
}

extension CopyMeasurement {
  /// Copies until the time is over, with other data in each round; every round is checked.
  /// - Throws: `Failure` for a library that fails.
  func soak(_ copies: CopyParameters, _ time: SoakTime) throws(Failure) -> SoakWork {
    let limit = CopyLimit(seconds: copySeconds, isStopped: { time.stop.isStopped })
    return try perform(copies, limit, seconds: time.seconds) { work throws(Failure) in
      try work.soak(time, seconds: time.seconds)
    }
  }
}

extension CopyWork {
  /// Seconds of a round: the data of so many copies is compared once.
  private static let roundSeconds = 2.0

  /// Copies until the time is over.
  func soak(_ time: SoakTime, seconds: Double) throws(Failure) -> SoakWork {
    var done = SoakWork()
    done.bytes = 0
    done.checkedResults = 0
    done.details = details([])
    let end = Clock.seconds() + seconds
    var seed: UInt64 = 1
    while !time.stop.isStopped, Clock.seconds() < end {
      do throws(Failure) {
        try prepare(seed: seed)
        let roundEnd = min(end, Clock.seconds() + CopyWork.roundSeconds)
        repeat {
          try copyAll()
          done.bytes = (done.bytes ?? 0) + Double(copies.bytes * copies.count * copies.lanes.count)
        } while !time.stop.isStopped && Clock.seconds() < roundEnd
        if let offset = try firstDifference(seed: seed) {
          done.wrongResults = 1
          done.details["firstWrongByte"] = "\(offset) of \(copies.bytes)"
        }
        done.checkedResults = (done.checkedResults ?? 0) + copies.lanes.count
      } catch {
        // The copy under way when the soak ended.
        if time.stop.isStopped { break }
        throw error
      }
      if done.wrongResults > 0 { break }
      seed += 1
    }
    return done
  }
}
