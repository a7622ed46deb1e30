package import Base
package import Benchmarks
package import Linux
package import LoadKernels

/// Makes the measurements of one suite. It loads the machine and changes nothing that lasts, except the
/// scratch file or drive that it was given, and the files that `nfs` leaves on the server.
package protocol Measurer: Sendable {
  /// The suite whose plan it carries out.
  static var plan: any SuitePlan.Type { get }
  /// Makes one measurement.
  /// - Throws: `Failure` when it cannot be made; what it started has ended by then. Its code says whether
  ///   the machine has no such thing (`notFound`) or it must not be done (`notPermitted`).
  static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation
  /// Makes measurements that belong together (`PlannedMeasurement.together`), an outcome for each in their
  /// order. A suite that has none does not need it.
  static func measure(
    together planned: [PlannedMeasurement], _ session: MeasuringSession
  ) -> [Result<Observation, Failure>]
}

extension Measurer {
  /// One after the other.
  package static func measure(
    together planned: [PlannedMeasurement], _ session: MeasuringSession
  ) -> [Result<Observation, Failure>] {
    planned.map { planned in
      Result { () throws(Failure) in try measure(planned, session) }
    }
  }
}

/// What a measurement may use.
package struct MeasuringSession: Sendable {
  /// The machine, and what was asked for.
  package let box: BenchmarkBox
  /// Where temporary files go that no drive is measured with; an empty folder that is removed afterwards.
  package let folder: String
  /// Becomes true when the run is stopped. A measurement ends within 100 ms then.
  package let isStopped: @Sendable () -> Bool

  /// The same, for loads of this process.
  package let stop: StopFlag

  /// A session that this flag stops.
  package init(box: BenchmarkBox, folder: String, stop: StopFlag = StopFlag()) {
    self.box = box
    self.folder = folder
    self.stop = stop
    isStopped = { stop.isStopped }
  }

  /// Seconds that a measurement has.
  package func seconds(_ planned: PlannedMeasurement) -> Double {
    box.options.isQuick ? planned.quickSeconds : planned.seconds
  }

  /// Runs a program to its end.
  /// - Parameters:
  ///   - cpus: CPUs it keeps to.
  ///   - memoryNodes: NUMA nodes of its memory.
  ///   - name: what it is called in a failure, where the command starts with another program.
  ///   - environment: variables besides those that every program gets.
  /// - Throws: `Failure` when it cannot be started, is stopped, or takes longer than its deadline.
  package func run(
    _ command: [String], deadlineSeconds: Double, cpus: NumberSet? = nil,
    memoryNodes: NumberSet? = nil, name: String? = nil, environment: [String: String] = [:]
  ) throws(Failure) -> ChildProcess.Outcome {
    var child = ChildProcess(command, deadlineSeconds: deadlineSeconds)
    child.cpus = cpus
    child.memoryNodes = memoryNodes
    child.environment.merge(environment) { $1 }
    let outcome = try child.run(isStopped: isStopped)
    let name = name ?? command.first ?? ""
    switch outcome.ended {
    case nil: return outcome
    case .stopped: throw Failure("run \(name)", because: "the run was stopped")
    case .deadline:
      throw Failure(
        "run \(name)", because: "no end after \(Units.decimal(deadlineSeconds, places: 0)) s")
    case .tooMuchOutput: throw Failure("run \(name)", because: "it wrote too much output")
    }
  }
}

/// Every measurer.
package enum Measurers {
  /// One line for each.
  package static let all: [any Measurer.Type] = [
    MemoryMeasurer.self,
    ProcessorMeasurer.self,
    GPUMeasurer.self,
    PatternMeasurer.self,
    DriveToGPUMeasurer.self,
    ComputeMeasurer.self,
    NVMeMeasurer.self,
    NetworkMeasurer.self,
    NFSMeasurer.self,
    HostedRuntimeMeasurer.self,
  ]

  /// The measurer of a suite.
  package static func named(_ suite: String) -> (any Measurer.Type)? {
    all.first { $0.plan.info.name == suite }
  }
}
