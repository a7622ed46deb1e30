internal import ArgumentParser
internal import Base
internal import Operations
internal import Render
internal import Setup
internal import Systemd

/// What `tinyboxctl setup` prints.
enum SetupText {
  static let noAnswers = Failure(
    "set the box up", because: "there are no answers",
    hint:
      "'sudo tinyboxctl setup ask' asks for them and writes \(SetupFile.main); docs/setup.md has an example",
    code: .conflict)

  /// Runs the stages, and shows how far they are: on the console, to systemd, and on the terminal.
  static func run(
    _ setup: SetupOperations, _ answers: SetupOperations.Answers, _ place: SetupPlaceOptions,
    _ format: JSONOptions, retrying stage: SetupStage?
  ) throws(Failure) {
    let service = ServiceManager()
    let status = try setup.run(answers, place.machine, retrying: stage) { status in
      setup.showOnConsole(status)
      // A service without a reader of its state is none the worse.
      try? service.notify(ServiceManager.status(SetupConsole.line(status)))
      if !format.json { Output.progress(SetupConsole.line(status)) }
    }
    Output.endProgress()
    try Output.write(try Session(json: format.json).text(status) { lines(status) })
    if status.state != .ready { throw failure(status) }
  }

  /// A line for each stage, and what is to be done.
  static func lines(_ status: SetupStatus) -> [String] {
    if status.state == .notStarted { return ["not begun"] }
    var lines = [
      "\(status.state.rawValue)" + (status.answers.map { ", answers: \($0)" } ?? "")
    ]
    let width = SetupStage.allCases.map(\.rawValue.count).max() ?? 0
    for stage in status.stages {
      let name = stage.stage.rawValue
      let padding = String(repeating: " ", count: width - name.count)
      let texts =
        stage.state == .done
        ? stage.notes
        : stage.reason.map { $0.split(separator: "\n").map(String.init) } ?? stage.steps
      var line = "  \(name)\(padding)  \(stage.state.rawValue)"
      if let first = texts.first { line += ": \(first)" }
      lines.append(line)
      lines += texts.dropFirst().map { "    \($0)" }
      lines += (stage.next.map { $0.split(separator: "\n") } ?? []).map { "    next: \($0)" }
    }
    return lines.map { DisplayText.clean($0) }
  }

  /// The stage that failed.
  static func failure(_ status: SetupStatus) -> Failure {
    let failed = status.stages.filter { $0.state == .failed }.map(\.stage.rawValue)
    return Failure(
      "set the box up",
      because: failed.isEmpty
        ? "it is not complete" : "failed: \(failed.joined(separator: ", "))")
  }
}

/// What each stage would do, as `tinyboxctl setup run --dry-run --json` prints it.
struct SetupPlanDocument: VersionedDocument {
  /// `tinybox.setup-plan/1`.
  var schema = SetupPlanDocument.currentSchema
  static let currentSchema = "tinybox.setup-plan/1"
  /// The stages, in their order.
  var stages: [Stage]

  /// What a stage would do.
  struct Stage: Encodable {
    /// Its name.
    var stage: String
    /// What it would do, in words; empty where all is right already, where it has nothing to do, and where it cannot.
    var steps: [String]
    /// Why it has nothing to do; absent where it has.
    var notAskedFor: String?
    /// Why it cannot be done as things are, and what to do; absent where it can.
    var problem: String?
  }

  init(_ plan: [(stage: SetupStage, plan: Result<SetupPlan, Failure>)]) {
    stages = plan.map { entry in
      var stage = Stage(stage: entry.stage.rawValue, steps: [])
      switch entry.plan {
      case .success(.work(let work)): stage.steps = work.steps
      case .success(.notAskedFor(let reason)): stage.notAskedFor = reason
      case .failure(let failure):
        stage.problem = ([failure.description] + (failure.hint.map { [$0] } ?? [])).joined(
          separator: "\n")
      }
      return stage
    }
  }

  /// For a person.
  var lines: [String] {
    stages.flatMap { stage -> [String] in
      if let problem = stage.problem {
        // Reasons and what to do about them, one a line.
        let lines = problem.split(separator: "\n")
        return ["\(stage.stage): cannot \(lines.first ?? "")"] + lines.dropFirst().map { "  \($0)" }
      }
      if let reason = stage.notAskedFor { return ["\(stage.stage): nothing, \(reason)"] }
      if stage.steps.isEmpty { return ["\(stage.stage): nothing to change"] }
      return stage.steps.map { "\(stage.stage): \($0)" }
    }.map { DisplayText.clean($0) }
  }
}
