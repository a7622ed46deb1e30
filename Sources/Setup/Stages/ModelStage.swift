internal import Base
internal import Configuration

/// The model.
struct ModelStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .model }

  private static let name = "model"

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    guard let source = answers.model.source?.value else {
      return .notAskedFor("the answers name no model")
    }
    let name = try name(of: answers)
    let intent = [Self.name: name]
    guard let present = try machine.modelSource(name) else {
      return .work(.init(["add the model \(name) from \(source)"], intent: intent))
    }
    if present != source {
      throw Failure(
        "add the model '\(name)'", because: "there is one of that name, from \(present)",
        hint: "another 'name' in [model], or 'tinyboxctl model remove \(name)'", code: .conflict)
    }
    return .work(.init(intent: intent))
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    let name = try name(of: answers)
    guard let source = answers.model.source?.value, try machine.modelSource(name) == nil
    else { return }
    // What was fetched of it before an interruption is not fetched again.
    try machine.addModel(source, name: name, sha256: answers.model.sha256?.value)
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let name = try name(of: answers)
    guard try machine.modelSource(name) != nil else {
      throw Failure("add the model '\(name)'", because: "it is not there")
    }
    let refusal = try machine.modelRefusal(
      name, context: answers.model.context?.value, gpus: answers.model.gpus?.value ?? 0)
    if let refusal {
      throw Failure(
        "use the model '\(name)'", because: refusal,
        hint: "a smaller model or quantisation, or a smaller 'context' in [model]", code: .conflict)
    }
    return ["model: \(name)"]
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    // A model that was added stays: it took long to fetch, and harms nothing.
    if let name = intent[Self.name], try machine.modelSource(name) == nil {
      try machine.discardModel(name)
    }
  }

  private func name(of answers: SetupAnswers) throws(Failure) -> String {
    if let name = answers.model.modelName { return name }
    throw Failure("add the model", because: "its file gives it no name", hint: "'name' in [model]")
  }
}
