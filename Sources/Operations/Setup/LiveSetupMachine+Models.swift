internal import Apply
package import Base
internal import Configuration
internal import Inventory
internal import Linux
internal import RuntimeCatalog
internal import Runtimes

extension LiveSetupMachine {
  private var models: ModelOperations { ModelOperations(root: root) }
  private var runtimes: RuntimeOperations { RuntimeOperations(root: root, reader: reader) }

  // MARK: models

  package func modelSource(_ name: String) throws(Failure) -> String? {
    do throws(Failure) {
      return try models.store.record(name).source
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  package func addModel(_ source: String, name: String, sha256: String?) throws(Failure) {
    let request = ModelOperations.Request(
      try ModelSource(source), name: name, sha256: sha256, backend: Backend.all[0])
    _ = try models.add(request) { state in
      let share = state.total.map { total in
        total > 0 ? " of \(Units.capacity(total))" : ""
      }
      progress("\(state.step) \(name): \(Units.capacity(state.bytes))\(share ?? "")")
    }
  }

  package func discardModel(_ name: String) throws(Failure) {
    try models.store.locked { () throws(Failure) in try models.store.discard(name) }
  }

  package func modelRefusal(
    _ name: String, context: Int?, gpus: Int
  ) throws(Failure) -> String? {
    // On CPUs the plan of the runtime holds it against the memory of the nodes.
    if gpus == 0 { return nil }
    let record = try models.store.record(name)
    let tree = try reader.tree()
    let inventory = try reader.inventory(.all, of: tree)
    let fits = ModelOperations.fits(record.facts, Backend.all[0], context: context, inventory)
    if fits.isEmpty { return "it is to have \(gpus) GPUs, and there is none" }
    if fits.contains(where: { $0.fit.verdict != .tooLarge }) { return nil }
    return fits[0].fit.text
  }

  // MARK: runtimes

  /// Seconds that tinyboxd has for the units of a new file: it reads the machine first.
  private static let unitsSeconds = 60.0
  /// Seconds until a runtime has loaded its model: tinygrad takes half a minute for a small one, and reads a large
  /// one from disk.
  private static let readySeconds = 900.0

  package func runtimeFile(_ name: String) throws(Failure) -> String? {
    try text(RuntimeSpec.path(name))
  }

  package func addRuntime(_ name: String, _ text: String) throws(Failure) {
    _ = try runtimes.add(name, text, isForced: false)
  }

  package func removeRuntime(_ name: String) throws(Failure) {
    try runtimes.remove(name) { name throws(Failure) in try RuntimeServices().stop(name) }
  }

  package func startRuntime(_ name: String) throws(Failure) {
    let known = try runtimes.known(name)
    if let refusal = known.refusal {
      throw Failure("start the runtime '\(name)'", because: refusal.reason, code: .conflict)
    }
    try RuntimeServices().start(
      known.spec, hasUnits: runtimes.hasUnits(name, within: Self.unitsSeconds))
    progress("the runtime \(name) loads its model")
    let end = Clock.seconds() + Self.readySeconds
    while try !runtimeAnswers(name) {
      if let instance = try instance(name), instance.state.isFault {
        throw Failure(
          "start the runtime '\(name)'",
          because: instance.reason ?? "its state is \(instance.state.rawValue)",
          hint: "'tinyboxctl runtime logs \(name)' shows what it wrote")
      }
      if Clock.seconds() >= end {
        throw Failure(
          "start the runtime '\(name)'",
          because: "it does not answer after \(Int(Self.readySeconds)) s",
          hint: "'tinyboxctl runtime logs \(name)' shows what it wrote")
      }
      Clock.sleep(seconds: 1)
    }
  }

  package func runtimeAnswers(_ name: String) throws(Failure) -> Bool {
    guard let instance = try instance(name) else { return false }
    return instance.state == .ready || instance.state == .idle && instance.onDemand
  }

  private func instance(_ name: String) throws(Failure) -> RuntimeInstance? {
    try runtimes.registry()?.instances.first { $0.name == name }
  }
}
