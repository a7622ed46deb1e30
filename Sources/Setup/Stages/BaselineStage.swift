internal import Base
internal import Configuration

/// The first measurement: the quick suites now, and everything in the first idle night where that is asked for.
struct BaselineStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .baseline }

  private enum Key {
    static let before = "before"
    static let nightly = "nightly"
  }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    let isQuick = answers.baseline.run?.value != SetupAnswers.Baseline.Run.none
    let isFull = answers.baseline.full?.value == true
    if !isQuick, !isFull { return .notAskedFor("[baseline] run = \"none\"") }
    var work = SetupPlan.Work()
    let mark = isQuick ? try machine.baseline() : nil
    if isQuick, mark == nil || again {
      work.steps.append("measure: tinyboxctl benchmark run --quick")
      work.intent[Key.before] = mark ?? ""
    }
    if isFull, try !machine.measuresNightly() {
      work.steps.append("measure everything in the first idle night: enable \(FullBaseline.timer)")
      work.intent[Key.nightly] = "yes"
    }
    return .work(work)
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    if intent[Key.nightly] != nil { try machine.measureNightly(true) }
    // An interrupted run may have measured, and only its end was not kept.
    if let before = intent[Key.before], try machine.baseline() ?? "" == before {
      try machine.measureBaseline()
    }
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    var notes: [String] = []
    if answers.baseline.run?.value != SetupAnswers.Baseline.Run.none {
      guard let mark = try machine.baseline(), mark != intent[Key.before] else {
        throw Failure("measure the baseline", because: "nothing was measured")
      }
      notes.append("measured: \(mark); 'tinyboxctl benchmark history' shows it")
    }
    if answers.baseline.full?.value == true {
      guard try machine.measuresNightly() else {
        throw Failure(
          "measure everything in an idle night", because: "\(FullBaseline.timer) is not enabled")
      }
      notes.append(FullBaseline.note(try machine.fullBaseline()))
    }
    return notes
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    if intent[Key.nightly] != nil { try machine.measureNightly(false) }
  }
}
