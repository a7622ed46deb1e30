package import Base

/// What a stage does: looks and decides, does it, looks whether it is done, takes it back.
package protocol SetupStageWork {
  /// Which stage.
  var stage: SetupStage { get }
  /// What is to be done. Nothing is written.
  /// - Parameter again: whether the owner wants it once more though it was done.
  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan
  /// Does what was decided, or what is left of it.
  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure)
  /// Looks whether it is done.
  /// - Returns: what was found, in words.
  /// - Throws: `Failure` where it is not, with what to do.
  func verify(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) -> [String]
  /// Takes back what was begun.
  func undo(_ intent: [String: String]) throws(Failure)
}

extension SetupStageWork {
  package func apply(_: [String: String], _: SetupAnswers) throws(Failure) {}
  package func undo(_: [String: String]) throws(Failure) {}
}

/// What a stage is to do.
package enum SetupPlan: Hashable, Sendable {
  /// Nothing, and why.
  case notAskedFor(String)
  /// Something.
  case work(Work)

  /// What is to be done.
  package struct Work: Hashable, Sendable {
    /// In words; empty where there is nothing to do but to look.
    package var steps: [String]
    /// What was decided, for the run that finishes it.
    package var intent: [String: String]

    package init(_ steps: [String] = [], intent: [String: String] = [:]) {
      (self.steps, self.intent) = (steps, intent)
    }
  }
}

/// Where the status is kept.
package protocol SetupStore {
  /// The status that was kept; nil without one.
  func load() throws(Failure) -> SetupStatus?
  /// Keeps it: it is on the disk, whole, when this returns.
  func store(_ status: SetupStatus) throws(Failure)
}
