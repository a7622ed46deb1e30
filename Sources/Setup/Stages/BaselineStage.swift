internal import Base
internal import Configuration

/// The first measurement.
struct BaselineStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .baseline }

  private static let before = "before"

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    if answers.baseline.run?.value == SetupAnswers.Baseline.Run.none {
      return .notAskedFor("[baseline] run = \"none\"")
    }
    let mark = try machine.baseline()
    if mark != nil, !again { return .work(.init()) }
    return .work(
      .init(["measure: tinyboxctl benchmark run --quick"], intent: [Self.before: mark ?? ""]))
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    try machine.measureBaseline()
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    guard let mark = try machine.baseline(), mark != intent[Self.before] else {
      throw Failure("measure the baseline", because: "nothing was measured")
    }
    return ["measured: \(mark); 'tinyboxctl benchmark history' shows it"]
  }
}
