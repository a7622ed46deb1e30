internal import Base
internal import Configuration
internal import Runtimes

/// A runtime answers for the model.
struct ReadyStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .ready }

  private enum Key {
    static let runtime = "runtime"
    static let added = "added"
  }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    guard answers.model.source != nil else { return .work(.init()) }
    let name = answers.model.runtimeName
    var work = SetupPlan.Work(intent: [Key.runtime: name])
    if try machine.runtimeFile(name) == nil {
      work.steps.append("add the runtime \(name)")
      work.intent[Key.added] = "yes"
    }
    work.steps.append("start the runtime \(name)")
    return .work(work)
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    guard answers.model.source != nil else { return }
    let name = answers.model.runtimeName
    if intent[Key.added] != nil, try machine.runtimeFile(name) == nil {
      try machine.addRuntime(name, text(answers))
    }
    try machine.startRuntime(name)
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    guard answers.model.source != nil else { return ["the answers name no model"] }
    let name = answers.model.runtimeName
    guard try machine.runtimeAnswers(name) else {
      throw Failure(
        "use the runtime '\(name)'", because: "it does not answer",
        hint: "'tinyboxctl runtime show \(name)' and 'tinyboxctl runtime logs \(name)' show why")
    }
    return ["runtime: \(name); 'tinyboxctl runtime chat \(name)' talks to it"]
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    guard let name = intent[Key.runtime], intent[Key.added] != nil,
      try machine.runtimeFile(name) != nil
    else { return }
    try machine.removeRuntime(name)
  }

  /// The file of the runtime.
  private func text(_ answers: SetupAnswers) -> String {
    let name = answers.model.runtimeName
    var spec = RuntimeSpec(name: name, file: RuntimeSpec.path(name))
    spec.model = answers.model.modelName.map { Setting($0) }
    spec.gpus = answers.model.gpus.map { Setting(.count($0.value)) }
    spec.context = answers.model.context
    spec.onDemand = answers.model.onDemand
    return spec.text
  }
}
