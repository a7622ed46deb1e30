package import Base
package import Benchmarks
internal import Linux
internal import RuntimeCatalog
internal import Statistics

/// Computes with tinygrad in a process of its own: `compute.py` of the package, in the environment that
/// `runtime install` made. What it answers is checked (`ComputeReport`); it has a deadline, and its end is the end
/// of all it started.
package enum ComputeMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = ComputePlan.self

  /// The program, data of the package.
  private static let script = "\(Backend.library)/compute.py"
  /// Seconds to import tinygrad, compile kernels and make inputs, beyond those that are measured. Kernels of a
  /// card that was not compiled for take some ten.
  private static let graceSeconds = 120.0

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    try measure(planned, session, command: command)
  }

  /// The program, without its order.
  static let command = ["\(Backend.environments)/current/bin/python", "-I", "-B", script]

  /// Its variables: the device, and a folder for what it keeps.
  static func environment(_ dev: String, _ folder: String) -> [String: String] {
    ["DEV": dev, "NO_COLOR": "1", "HOME": folder, "XDG_CACHE_HOME": folder]
  }

  /// - Parameter command: the program, without its order.
  static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession, command: [String]
  ) throws(Failure) -> Observation {
    guard let dev = planned.parameters["dev"], !dev.isEmpty else {
      throw Failure("compute with tinygrad", because: "the plan names no device", code: .usage)
    }
    var load = try ComputeLoad(planned.parameters)
    load.seconds = session.seconds(planned)
    load.seed = Int(try RandomBytes.make(4).reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
    let order = String(decoding: try JSON.line(load), as: UTF8.self)
    let outcome = try session.run(
      command + [order], deadlineSeconds: load.seconds + graceSeconds, name: "tinygrad",
      environment: environment(dev, session.folder))
    let report = try ComputeReport(load, output: outcome.output, errors: outcome.errors)
    var details = [
      "program": session.box.tinygrad ?? "tinygrad", "DEV": dev, "device": report.device,
      "renderer": report.renderer, "elementsCompared": "\(report.checked)",
      "size": "\(load.size)", "seed": "\(load.seed)",
    ]
    details["cpuSeconds"] = Units.decimal(outcome.cpuSeconds, places: 3)
    details["leastSeconds"] = report.seconds.min().map { Units.decimal($0, places: 6) }
    // The number in DEV is not a setting: it changes when another card comes, and the figure does not.
    return Observation(
      report.seconds.map { load.amount / $0 }, details: details,
      settings: ["program", "renderer", "size"], flags: planned.devices.isEmpty ? [.standIn] : [])
  }
}
