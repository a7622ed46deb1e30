internal import Apply
internal import Base
internal import Configuration
internal import Inventory
internal import RuntimeCatalog
internal import Runtimes
internal import Systemd

/// What the supervisor of runtimes reads and changes: the running machine, or one that a test makes up.
protocol RuntimeTarget: AnyObject {
  /// The files of the owner, and the plan that follows from them.
  func situation(_ inventory: Inventory) throws(Failure) -> RuntimeSituation
  /// Takes the GPUs of a runtime, or none.
  /// - Returns: who has one of them; nil when all are taken, or were before.
  func lease(_ gpus: [PCIAddress], to runtime: String) throws(Failure) -> String?
  /// Gives up all GPUs but those of these runtimes.
  func releaseLeases(butOf kept: [String: [PCIAddress]])
  /// What a job says of itself, and when it was written, seconds since 1970; nil where there is nothing that can
  /// be read.
  func jobStatus(_ name: String) -> (status: JobStatus, written: Double)?
  /// Writes and removes drop-ins.
  func write(
    _ units: [RuntimeUnit], keeping kept: Set<String>
  ) throws(Failure) -> RuntimeUnits.Changes
  /// The units of runtimes and doors that systemd has in memory.
  func states() throws(Failure) -> [String: UnitState]
  /// Makes systemd read unit files again.
  func reload() throws(Failure)
  /// Queues a job of systemd.
  func queue(_ job: SystemManager.Job, _ unit: String) throws(Failure)
  /// Forgets that a unit has failed.
  func resetFailed(_ unit: String) throws(Failure)
  /// What the gateway says of requests in flight; nil when it says nothing.
  func progress() -> RuntimeProgress?
  /// Replaces the registry.
  func store(_ registry: RuntimeRegistry) throws(Failure)
  /// The registry that was stored last in this boot; nil without one that can be read.
  func registry() -> RuntimeRegistry?
  /// The time, RFC 3339 in UTC.
  func now() -> String
}

/// What the owner wants, and what of it can be.
struct RuntimeSituation {
  /// The specs without mistakes.
  var specs: [RuntimeSpec] = []
  /// What is wrong in the others.
  var problems: [ConfigurationProblem] = []
  /// Their plan.
  var plan = RuntimePlan()
  /// What the drop-ins in force give to runtimes, by name.
  var held: [String: RuntimeUnit.Held] = [:]

  /// The runtimes whose file cannot be used, with what is wrong. Where the folder itself cannot be read, that is
  /// the one problem of no runtime.
  var invalid: [String: String] {
    var invalid: [String: String] = [:]
    for problem in problems where problem.file.hasPrefix(RuntimeSpec.folder + "/") {
      let name = RuntimeSpec.name(ofFile: problem.file)
      guard RuntimeName.problem(name) == nil else { continue }
      invalid[name] = invalid[name].map { "\($0)\n\(problem)" } ?? "\(problem)"
    }
    return invalid
  }

  /// Whether the folder of the files could be read: else nothing is known of what the owner wants.
  var isReadable: Bool { !problems.contains { $0.file == RuntimeSpec.folder } }
}
