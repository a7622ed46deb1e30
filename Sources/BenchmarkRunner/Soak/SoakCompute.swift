internal import Base
internal import Benchmarks
internal import Inventory
internal import Linux
internal import LoadKernels

/// Each GPU computes products of matrices with the installed tinygrad, beside its copies: that is what heats it. The
/// result of each 2 s is compared whole.
enum SoakCompute {
  /// Tensor cores take the most power; a device without such numbers computes in the other type.
  private static let types = [ComputeLoad.NumberType.float16, .float32]
  /// Seconds to import tinygrad and compile, beyond those of the soak.
  private static let graceSeconds = 120.0

  /// One load for each GPU; one that says why none is loaded where tinygrad cannot.
  /// - Parameter command: the program, without its order.
  static func loads(
    _ box: BenchmarkBox, command: [String] = ComputeMeasurer.command
  ) -> [SoakLoad] {
    let gpus = box.inventory.gpus.filter { $0.isBuiltIn != true }.map(\.address)
    if gpus.isEmpty { return [] }
    if let problem = box.tinygradProblem {
      return [
        SoakLoad(
          "compute of GPUs", devices: gpus,
          obstacle: .skipped("\(problem); their heat and power were not tried"))
      ]
    }
    let rows = ComputePlan.measurements(box)
    return gpus.map { gpu in
      let name = "compute of GPU \(gpu.short)"
      let planned = types.compactMap { type in
        rows.first { $0.devices == [gpu] && $0.series.metric == "gemm-\(type.rawValue)" }
      }
      switch planned.first?.obstacle {
      case .notApplicable(let reason), .skipped(let reason):
        return SoakLoad(
          name, devices: [gpu],
          obstacle: .skipped("\(reason); its heat and power were not tried"))
      case nil: break
      }
      return SoakLoad(name, devices: [gpu]) { time throws(Failure) in
        try compute(planned, box, command, time)
      }
    }
  }

  /// What `compute.py` is to do.
  private struct Order: Encodable {
    var load: ComputeLoad.Kind
    var type: ComputeLoad.NumberType
    var size: Int
    var devices: Int
    var seconds: Double
    var seed: Int
    var soak = true

    init(_ load: ComputeLoad) {
      self.load = load.load
      type = load.type
      size = load.size
      devices = load.devices
      seconds = load.seconds
      seed = load.seed
    }
  }

  /// Computes until the time is over, in the first type that the device has.
  static func compute(
    _ planned: [PlannedMeasurement], _ box: BenchmarkBox, _ command: [String], _ time: SoakTime
  ) throws(Failure) -> SoakWork {
    let end = Clock.seconds() + time.seconds
    for row in planned {
      var load = try ComputeLoad(row.parameters)
      load.seconds = max(1, end - Clock.seconds())
      load.seed = Int(try RandomBytes.make(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
      let dev = row.parameters["dev"] ?? ""
      let (report, outcome) = try run(load, dev, command, time)
      if report.isUnsupported { continue }
      var work = SoakWork()
      work.operations = Double(report.calls) * Double(load.operations)
      work.checkedResults = report.results
      work.wrongResults = report.isWrong ? 1 : 0
      work.details = [
        "program": box.tinygrad ?? "tinygrad", "DEV": dev, "type": load.type.rawValue,
        "size": "\(load.size)", "seed": "\(load.seed)",
      ]
      work.details["device"] = report.device
      work.details["wrong"] = report.isWrong ? report.error : nil
      if report.isWrong || time.stop.isStopped { return work }
      guard outcome.status == 0, outcome.ended == nil, report.error == nil else {
        throw Failure(
          "compute with tinygrad",
          because: report.error
            ?? (outcome.ended == .deadline ? "it did not end in time" : outcome.lastLine))
      }
      return work
    }
    throw Failure(
      "compute with tinygrad", because: "the device has neither float16 nor float32",
      code: .notFound)
  }

  private static func run(
    _ load: ComputeLoad, _ dev: String, _ command: [String], _ time: SoakTime
  ) throws(Failure) -> (SoakComputeReport, ChildProcess.Outcome) {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let order = String(decoding: try JSON.line(Order(load)), as: UTF8.self)
    var child = ChildProcess(
      command + [order], deadlineSeconds: load.seconds + graceSeconds)
    child.environment.merge(ComputeMeasurer.environment(dev, folder.path)) { $1 }
    var report = SoakComputeReport()
    var outcome = try child.run {
      time.stop.isStopped
    } onOutput: {
      report.take(&$0)
    }
    report.take(&outcome.output)
    return (report, outcome)
  }
}
