package import Base

/// Runs the stages. What a stage is about to do is on the disk before it does it, so a run that ends at any moment
/// is finished by the next one.
package struct SetupEngine {
  private let answers: SetupAnswers
  private let origin: (path: String, sha256: String)
  private let works: [any SetupStageWork]
  private let store: any SetupStore
  private let now: () -> String
  private let report: (SetupStatus) -> Void

  /// An engine.
  /// - Parameters:
  ///   - origin: where the answers came from, and their SHA-256.
  ///   - now: the time, RFC 3339.
  ///   - report: called with each status that was kept.
  package init(
    _ answers: SetupAnswers, origin: (path: String, sha256: String), machine: any SetupMachine,
    store: any SetupStore, now: @escaping () -> String,
    report: @escaping (SetupStatus) -> Void = { _ in }
  ) {
    self.answers = answers
    self.origin = origin
    works = SetupEngine.works(machine)
    self.store = store
    self.now = now
    self.report = report
  }

  /// The work of every stage, in their order.
  private static func works(_ machine: any SetupMachine) -> [any SetupStageWork] {
    [
      IdentifyStage(machine: machine), CheckStage(machine: machine), StorageStage(machine: machine),
      NetworkStage(machine: machine), DriverStage(machine: machine), RuntimeStage(machine: machine),
      ModelStage(machine: machine), BaselineStage(machine: machine), ReadyStage(machine: machine),
    ]
  }

  /// What each stage would do, or why it cannot. Nothing is written.
  package func plan() -> [(stage: SetupStage, plan: Result<SetupPlan, Failure>)] {
    works.map { work in
      (
        work.stage,
        Result { () throws(Failure) in try work.plan(answers, again: false) }
      )
    }
  }

  /// Runs every stage that is not complete and whose needs are.
  /// - Parameter retried: a stage that begins anew: what it began is taken back first, unless it is done.
  /// - Throws: `Failure` where the status cannot be kept. That a stage failed is in the status.
  package func run(retrying retried: SetupStage? = nil) throws(Failure) -> SetupStatus {
    var status = try store.load() ?? SetupStatus()
    // An interrupted taking back is finished first.
    for work in works where status[work.stage].state == .undoing { try undo(work, &status) }
    if status.answersSHA256 != origin.sha256 { try begin(&status) }
    for work in works {
      let again = work.stage == retried
      if again, !status[work.stage].isComplete { try undo(work, &status) }
      try run(work, &status, again: again)
    }
    return status
  }

  /// Other answers: what was begun and is not done is taken back, and every stage is looked at anew.
  private func begin(_ status: inout SetupStatus) throws(Failure) {
    for work in works where !status[work.stage].isComplete && status[work.stage].intent != nil {
      try undo(work, &status)
    }
    status.stages = SetupStage.allCases.map(SetupStatus.Stage.init)
    status.answers = origin.path
    status.answersSHA256 = origin.sha256
    try keep(&status)
  }

  private func undo(_ work: any SetupStageWork, _ status: inout SetupStatus) throws(Failure) {
    if let intent = status[work.stage].intent {
      status[work.stage].state = .undoing
      try keep(&status)
      do throws(Failure) {
        try work.undo(intent)
      } catch {
        throw Failure("take back what the stage '\(work.stage.rawValue)' began", error)
      }
    }
    status[work.stage] = SetupStatus.Stage(work.stage)
    try keep(&status)
  }

  private func run(
    _ work: any SetupStageWork, _ status: inout SetupStatus, again: Bool
  ) throws(Failure) {
    if status[work.stage].isComplete, !again { return }
    let missing = work.stage.needs.filter { !status[$0].isComplete }
    if !missing.isEmpty {
      let names = missing.map(\.rawValue).joined(separator: " and ")
      status[work.stage].reason = "waits for \(names)"
      return try keep(&status)
    }
    let notes: [String]?
    do throws(SetupStep) {
      notes = try attempt(work, &status, again: again)
    } catch {
      switch error {
      case .store(let failure): throw failure
      case .stage(let failure):
        status[work.stage].state = .failed
        status[work.stage].reason = failure.description
        status[work.stage].next = failure.nextStep(work.stage)
        status[work.stage].ended = now()
        return try keep(&status)
      }
    }
    guard let notes else { return }
    status[work.stage].state = .done
    status[work.stage].notes = notes
    status[work.stage].ended = now()
    try keep(&status)
  }

  /// What went wrong: the stage, or keeping the status.
  private enum SetupStep: Error {
    case stage(Failure)
    case store(Failure)
  }

  /// Plans unless that was done, keeps the intent, applies, verifies.
  /// - Returns: what was found; nil where it is not asked for.
  private func attempt(
    _ work: any SetupStageWork, _ status: inout SetupStatus, again: Bool
  ) throws(SetupStep) -> [String]? {
    let stage = work.stage
    let begun = again ? nil : status[stage].intent
    var record = SetupStatus.Stage(stage)
    if let begun {
      record.intent = begun
      record.steps = status[stage].steps
    } else {
      switch try staging({ () throws(Failure) in try work.plan(answers, again: again) }) {
      case .notAskedFor(let reason):
        record.state = .notAskedFor
        record.reason = reason
        status[stage] = record
        try storing { () throws(Failure) in try keep(&status) }
        return nil
      case .work(let plan):
        record.intent = plan.intent
        record.steps = plan.steps
      }
    }
    record.state = .running
    record.began = now()
    status[stage] = record
    try storing { () throws(Failure) in try keep(&status) }
    let intent = record.intent ?? [:]
    // What was begun may be done: only its end was not kept.
    if begun != nil, let notes = try? work.verify(intent, answers) { return notes }
    try staging { () throws(Failure) in try work.apply(intent, answers) }
    return try staging { () throws(Failure) in try work.verify(intent, answers) }
  }

  private func staging<Value>(_ body: () throws(Failure) -> Value) throws(SetupStep) -> Value {
    do throws(Failure) { return try body() } catch { throw .stage(error) }
  }

  private func storing(_ body: () throws(Failure) -> Void) throws(SetupStep) {
    do throws(Failure) { try body() } catch { throw .store(error) }
  }

  private func keep(_ status: inout SetupStatus) throws(Failure) {
    // Before the state changes: that of an earlier version has no time.
    if status.finished == nil, status.state == .ready { status.finished = status.written }
    status.judge()
    status.written = now()
    if status.finished == nil, status.state == .ready { status.finished = status.written }
    try store.store(status)
    report(status)
  }
}

extension Failure {
  /// What to do after a stage failed with it.
  fileprivate func nextStep(_ stage: SetupStage) -> String {
    let again =
      "'tinyboxctl setup run' goes on, 'tinyboxctl setup retry \(stage.rawValue)' begins it anew"
    var hints: [String] = []
    var failure: Failure? = self
    while let current = failure {
      if let hint = current.hint { hints.append(hint) }
      failure = current.cause as? Failure
    }
    return (hints + [again]).joined(separator: "\n")
  }
}
