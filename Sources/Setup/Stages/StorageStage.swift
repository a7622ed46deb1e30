internal import Base
internal import Configuration

/// Drives for models and data.
struct StorageStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .storage }

  private func drives() throws(Failure) -> any SetupDrives {
    if let drives = machine.drives { return drives }
    throw Failure(
      "set drives up", because: "this version of tinybox sets up no drives; none was touched",
      hint: "take [storage] out of the answers, and make and mount the file system by hand",
      code: .conflict)
  }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    if answers.storage.drives.isEmpty { return .notAskedFor("the answers name no drives") }
    return .work(try drives().plan(answers.storage))
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    try drives().apply(intent)
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    try drives().verify(intent)
  }

  func undo(_ intent: [String: String]) throws(Failure) { try drives().undo(intent) }
}
