internal import Base
internal import Configuration

/// The runtime of models.
struct RuntimeStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .runtime }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    guard answers.wantsRuntime else {
      return .notAskedFor(
        answers.runtime.install?.value == false
          ? "[runtime] install = false" : "the answers name no model")
    }
    if try machine.runtime() == machine.newestRuntime.key { return .work(.init()) }
    let source = answers.runtime.wheels?.value ?? "PyPI"
    return .work(.init(["install \(machine.newestRuntime.title) from \(source)"]))
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    // What an interrupted installation has left, the next one clears.
    if try machine.runtime() == machine.newestRuntime.key { return }
    try machine.installRuntime(wheels: answers.runtime.wheels?.value)
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let current = try machine.runtime()
    guard current == machine.newestRuntime.key else {
      throw Failure(
        "install \(machine.newestRuntime.title)",
        because: current.map { "\($0) is in use" } ?? "none is in use")
    }
    return ["in use: \(machine.newestRuntime.key)"]
  }
}
