internal import Apply
package import Base
package import Configuration
internal import Inventory
internal import KernelTree
internal import Linux
internal import Placement
package import RuntimeCatalog
package import Runtimes

/// The runtimes of this machine: what the owner wants, what the plan makes of it, what `tinyboxd` says they do.
package struct RuntimeOperations: Sendable {
  /// Another root folder for what is tinybox's own; the machine stays this one.
  private let root: String
  private let reader: MachineReader

  /// Operations on the runtimes of this machine.
  package init(root: String = "", reader: MachineReader = MachineReader()) {
    self.root = root
    self.reader = reader
  }

  private var files: RuntimeSpecFiles { RuntimeSpecFiles(root: root) }

  /// A runtime with all that is known of it.
  package struct Known: Sendable {
    /// What the owner wants.
    package var spec: RuntimeSpec
    /// Where and how it runs; nil where it cannot.
    package var unit: RuntimeUnit?
    /// Why it cannot run; nil where it can.
    package var refusal: RuntimeRefusal?
    /// What it does, by the registry; nil where tinyboxd says nothing of it.
    package var instance: RuntimeInstance?
    /// The same of a job.
    package var job: RuntimeJob?
  }

  /// The runtimes of this machine, by name, and what is wrong in files.
  package struct All: Sendable {
    /// The runtimes whose files can be used.
    package var runtimes: [Known]
    /// What is wrong in the files of others.
    package var problems: [ConfigurationProblem]
    /// Why the registry could not be read; nil where it was, or there is none.
    package var registryFailure: Failure?
  }

  // MARK: reading

  /// All runtimes.
  package func all() throws(Failure) -> All {
    let (specs, problems) = RuntimeSpec.all(source)
    let plan = try plan(specs)
    var registry: RuntimeRegistry?
    var failure: Failure?
    do throws(Failure) {
      registry = try self.registry()
    } catch {
      failure = error
    }
    let runtimes = specs.map { spec in
      Known(
        spec: spec, unit: plan.units.first { $0.name == spec.name },
        refusal: plan.refusals.first { $0.name == spec.name },
        instance: registry?.instances.first { $0.name == spec.name },
        job: registry?.jobs?.first { $0.name == spec.name })
    }
    return All(runtimes: runtimes, problems: problems, registryFailure: failure)
  }

  /// One runtime.
  /// - Throws: `Failure` (`notFound`) when there is none of that name, another one when its file is wrong.
  package func known(_ name: String) throws(Failure) -> Known {
    let all = try all()
    if let found = all.runtimes.first(where: { $0.spec.name == name }) { return found }
    let path = RuntimeSpec.path(name)
    let problems = all.problems.filter { $0.file == path }
    if !problems.isEmpty {
      throw PlacementOperations.unusable(problems, step: "use the runtime '\(name)'")
    }
    let names = all.runtimes.map(\.spec.name)
    throw Failure(
      "find the runtime '\(name)'", because: "there is none",
      hint: names.isEmpty
        ? "'tinyboxctl runtime add' adds one" : "there are \(names.joined(separator: ", "))",
      code: .notFound)
  }

  /// What tinyboxd says the runtimes do; nil where it has not written it.
  func registry() throws(Failure) -> RuntimeRegistry? {
    let path = root + RuntimeRegistry.path
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try StampedFile.read(path, limit: RuntimeRegistry.longestFile).bytes
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(path)", error)
    }
    return try RuntimeRegistry.decode(bytes)
  }

  private var source: ConfigurationSource {
    root.isEmpty ? .live : ConfigurationSource.live.below(root)
  }

  private func plan(_ specs: [RuntimeSpec]) throws(Failure) -> RuntimePlan {
    let placement = PlacementOperations(reader)
    let tree = try reader.tree()
    let inventory = try placement.inventory(tree, asksDrivers: true)
    let facts = RuntimePlan.Facts(
      inventory: inventory, policy: try placement.policy(tree),
      offers: GPUOffer.all(inventory, tree) { _ in nil },
      models: try ModelOperations(root: root).states(), held: try RuntimeUnits(root: root).held())
    return RuntimePlan.make(specs, facts)
  }

  private func dropIn(_ name: String) -> String {
    "\(RuntimeUnit.DropIn.folder)/\(RuntimeUnit.service(name)).d/\(RuntimeUnit.DropIn.file)"
  }

  // MARK: changing

  /// Checks what the owner wants against this machine, and writes its file. `tinyboxd` makes its units.
  /// - Parameters:
  ///   - text: of the file.
  ///   - isForced: also one that cannot run as things are.
  package func add(
    _ name: String, _ text: String, isForced: Bool
  ) throws(Failure) -> Known {
    let step = "add the runtime '\(name)'"
    if let problem = RuntimeName.problem(name) {
      throw Failure(step, because: problem, code: .usage)
    }
    let spec: RuntimeSpec
    do throws(ConfigurationFailure) {
      spec = try RuntimeSpec.parse(Array(text.utf8), file: RuntimeSpec.path(name))
    } catch {
      // There is no file yet that a line could be of.
      let lines = error.problems.map { problem in
        ((problem.key.map { "\($0) " } ?? "") + problem.message).inOneLine
      }
      throw Failure(step, because: lines.joined(separator: "\n"), code: .usage)
    }
    let others = RuntimeSpec.all(source).specs.filter { $0.name != name }
    let plan = try plan(others + [spec])
    let known = Known(
      spec: spec, unit: plan.units.first { $0.name == name },
      refusal: plan.refusals.first { $0.name == name }, instance: nil)
    if let refusal = known.refusal, !isForced {
      throw Failure(
        step, because: refusal.reason, hint: "--force adds it all the same", code: .conflict)
    }
    try files.add(spec)
    return known
  }

  /// Stops a runtime and removes its file. `tinyboxd` removes its units.
  /// - Parameter stop: stops it.
  package func remove(
    _ name: String, stop: (String) throws(Failure) -> Void
  ) throws(Failure) {
    if RuntimeName.problem(name) == nil, hasUnits(name) { try stop(name) }
    try files.remove(name)
  }

  /// Refuses to start a job while another program has one of its GPUs: nobody takes them for it before it runs.
  package func checkFree(_ known: Known, leases: String = DeviceLease.folder) throws(Failure) {
    guard known.spec.kind == .job, let unit = known.unit else { return }
    try RuntimeOperations.checkFree(unit.leases, for: unit.name, leases: leases)
  }

  static func checkFree(
    _ gpus: [PCIAddress], for job: String, leases: String
  ) throws(Failure) {
    for gpu in gpus {
      guard let holder = DeviceLease.holder(of: gpu, folder: leases),
        holder.name != "runtime \(job)"
      else { continue }
      throw Failure(
        "start the job '\(job)'", because: "GPU \(gpu) is used by \(holder.name)",
        hint: "start it when that has ended", code: .busy)
    }
  }

  /// Whether its units were made: tinyboxd does at its start, and when files or devices change.
  package func hasUnits(_ name: String) -> Bool {
    (try? RegularFile(reading: root + dropIn(name)).size()) != nil
  }

  /// The same, with some time for tinyboxd: it makes the units of a file that was just added a moment later.
  package func hasUnits(_ name: String, within seconds: Double) -> Bool {
    let end = Clock.seconds() + seconds
    while !hasUnits(name) {
      if Clock.seconds() >= end { return false }
      Clock.sleep(seconds: 0.05)
    }
    return true
  }
}
