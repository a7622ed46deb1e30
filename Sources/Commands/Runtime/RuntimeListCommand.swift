internal import ArgumentParser
internal import Base
internal import Configuration
internal import Inventory
internal import Operations
internal import Render
internal import RuntimeCatalog
internal import Runtimes

/// `tinyboxctl runtime list`.
struct RuntimeListCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runtimes: state, model, GPUs.")
  static var documents: [PrintedDocument] { [.init(RuntimeListDocument.self)] }

  @OptionGroup var format: JSONOptions
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    let all = try place.runtimes.all()
    let document = RuntimeListDocument(
      runtimes: all.runtimes.map { RuntimeDocument($0).runtime },
      problems: all.problems.map(\.description)
        + (all.registryFailure.map { [$0.description] } ?? []))
    if format.json { return try JSON.text(document) }
    if document.runtimes.isEmpty, document.problems.isEmpty {
      return "there are no runtimes: 'tinyboxctl runtime add NAME --model MODEL' adds one\n"
    }
    let lines = document.runtimes.map { runtime in
      var words = [runtime.name, runtime.state?.rawValue ?? "state unknown"]
      words.append(runtime.model ?? "no model")
      words.append(
        runtime.gpus.isEmpty ? "CPU" : "GPU " + runtime.gpus.map { "\($0)" }.joined(separator: ","))
      if let reason = runtime.reason ?? runtime.refusal { words.append(reason) }
      return words.joined(separator: "  ")
    }
    return (lines + document.problems.map { "wrong: \($0)" })
      .map { DisplayText.clean($0) + "\n" }.joined()
  }
}

/// `tinyboxctl runtime show`.
struct RuntimeShowCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a runtime is to be, where it runs, and what it does.")
  static var documents: [PrintedDocument] { [.init(RuntimeDocument.self)] }

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    let document = RuntimeDocument(try place.runtimes.known(name))
    return format.json ? try JSON.text(document) : document.lines
  }
}

/// All runtimes.
struct RuntimeListDocument: VersionedDocument {
  /// `tinybox.runtime-list/1`.
  var schema = RuntimeListDocument.currentSchema
  static let currentSchema = "tinybox.runtime-list/1"
  /// The runtimes, by name.
  var runtimes: [RuntimeDocument.Runtime]
  /// What is wrong in the files of others, and why states are not known.
  var problems: [String]
}

/// A runtime.
struct RuntimeDocument: VersionedDocument {
  /// `tinybox.runtime/1`.
  var schema = RuntimeDocument.currentSchema
  static let currentSchema = "tinybox.runtime/1"
  /// The runtime.
  var runtime: Runtime

  /// What the owner wants of a runtime, what the plan makes of it, and what it does.
  struct Runtime: Encodable {
    /// Its name.
    var name: String
    /// Its file.
    var file: String
    /// `service` or `job`.
    var kind: String
    /// Its model; absent for a command without one.
    var model: String?
    /// Its backend.
    var backend: String
    /// What it serves.
    var apis: [RuntimeAPI]
    /// Whether it starts with the first request.
    var onDemand: Bool
    /// What it does, by tinyboxd; absent where that is not known.
    var state: RuntimeInstance.State?
    /// Since when, RFC 3339 in UTC; absent where that is not known.
    var since: String?
    /// Why, where the state is no good one.
    var reason: String?
    /// Of a job: the step that it reported last; absent where it reports none.
    var step: Int?
    /// Of a job: how many steps it says it has; absent where it does not.
    var steps: Int?
    /// Of a job: steps a second of about the last minute; absent where that is not known.
    var stepsPerSecond: Double?
    /// Why it cannot run on this machine as it is; absent where it can.
    var refusal: String?
    /// What the owner should know of the plan.
    var warnings: [String]
    /// Its GPUs, by PCI address.
    var gpus: [PCIAddress]
    /// The CPUs it may use; absent where it is bound to none.
    var cpus: NumberSet?
    /// The NUMA nodes its memory comes from; absent where it is bound to none.
    var memoryNodes: NumberSet?
    /// The most main memory, bytes; absent without a limit.
    var memoryBytes: Int?
    /// Tokens of context; absent when not known.
    var context: Int?
    /// Whether its model fits; absent without a model.
    var fit: ModelFit?
  }

  init(_ known: RuntimeOperations.Known) {
    let (spec, unit) = (known.spec, known.unit)
    runtime = Runtime(
      name: spec.name, file: spec.file, kind: spec.kind.rawValue, model: spec.model?.value,
      backend: spec.backend.key, apis: spec.servedAPIs, onDemand: spec.onDemand?.value ?? false,
      state: known.instance?.state ?? known.job?.state,
      since: known.instance?.since ?? known.job?.since,
      reason: known.instance?.reason ?? known.job?.reason,
      step: known.job?.step, steps: known.job?.steps, stepsPerSecond: known.job?.stepsPerSecond,
      refusal: known.refusal?.reason, warnings: unit?.warnings ?? [], gpus: unit?.gpus ?? [],
      cpus: unit?.cpus, memoryNodes: unit?.memoryNodes, memoryBytes: unit?.memoryBytes,
      context: unit?.context, fit: unit?.fit)
  }

  /// For people.
  var lines: String {
    var rows = [
      "name      \(runtime.name)", "file      \(runtime.file)",
      "state     \(runtime.state?.rawValue ?? "unknown")"
        + (runtime.since.map { " since \($0)" } ?? ""),
      "model     \(runtime.model ?? "none")", "backend   \(runtime.backend)",
      "serves    \(runtime.apis.map(\.rawValue).joined(separator: ", "))",
    ]
    if let step = runtime.step {
      rows.append(
        "step      \(step)" + (runtime.steps.map { " of \($0)" } ?? "")
          + (runtime.stepsPerSecond.map { ", \(Units.short($0)) a second" } ?? ""))
    }
    if let reason = runtime.reason { rows.append("reason    \(reason)") }
    if let refusal = runtime.refusal {
      rows += refusal.split(separator: "\n").map { "refused   \($0)" }
      return text(rows)
    }
    rows.append(
      "GPUs      "
        + (runtime.gpus.isEmpty
          ? "none" : runtime.gpus.map { "\($0)" }.joined(separator: ", ")))
    rows.append("CPUs      \(runtime.cpus.map { "\($0)" } ?? "not bound")")
    rows.append(
      "memory    of nodes \(runtime.memoryNodes.map { "\($0)" } ?? "not bound")"
        + (runtime.memoryBytes.map { ", at most \(Units.capacity($0))" } ?? ""))
    if let fit = runtime.fit { rows.append("fit       \(fit.text)") }
    rows += runtime.warnings.map { "warning   \($0)" }
    return text(rows)
  }

  private func text(_ rows: [String]) -> String {
    rows.map { DisplayText.clean($0) + "\n" }.joined()
  }
}
