internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Documents
internal import Linux
internal import Operations
internal import Placement
internal import Render

/// `tinyboxctl placement`.
struct PlacementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement",
    abstract: "Put interrupts, queues and containers on the NUMA node of their device.",
    discussion: """
      The policy in /etc/tinybox/tinybox.toml and tinybox.toml.d decides what goes where; without \
      a file, interrupts of network interfaces, drives and GPUs go to the CPUs of their own node.

      'plan' shows what would be changed, 'apply' does it, 'rollback' puts every original value \
      back, 'status' shows what is still in place. A reboot undoes everything.
      """,
    subcommands: [ShowPlan.self, Apply.self, Rollback.self, Status.self],
    defaultSubcommand: ShowPlan.self)

  struct ShowPlan: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "plan",
      abstract: "What would be changed, and what is left alone and why. Changes nothing.")
    static var documents: [PrintedDocument] { [.init(Plan.self)] }

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(Failure) in
        let session = reading.session
        let known = try session.fromDaemon(policy.policy) {
          try DaemonClient.document(Plan.self, "/v1/placement/plan")
        }
        let plan: Plan
        if let known {
          plan = known
        } else {
          let planned = try session.placement(policy.policy).plan()
          var made = planned.plan
          made.proofs = session.trials().map { PlacementOperations.proofs(planned, $0) }
          plan = made
        }
        try Output.write(
          try session.text(plan) { PlacementPlan.render(plan, display.display.style) })
      }
    }
  }

  struct Status: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "What was placed, what of it is still in place, and what is not placed yet.")
    static var documents: [PrintedDocument] { [.init(PlacementStatus.self)] }

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(Failure) in
        let session = reading.session
        let known = try session.fromDaemon(policy.policy) {
          try DaemonClient.document(PlacementStatus.self, "/v1/placement")
        }
        let status: PlacementStatus
        if let known {
          status = known
        } else {
          let placement = session.placement(policy.policy)
          status = try placement.status(try placement.plan(), session.trials())
        }
        try Output.write(
          try session.text(status) { PlacementReport.render(status, display.display.style) })
      }
    }
  }

  struct Apply: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "apply", abstract: "Make the changes of the plan. Root only.",
      discussion: """
        Every original value is kept in /var/lib/tinybox/placement.ledger before it is changed. \
        When the machine refuses a change, that is reported, the other changes are made, and the \
        exit status is 1.

        With --prove each device's changes are tried first: its load is measured without and with \
        them, in 8 to 24 pairs. They stay unless they make it worse; else what was found is put \
        back, exactly. What cannot be measured, such as a setting of no device, is not changed. \
        Exit status: 0 all is kept, 1 something is not.
        """)
    static var documents: [PrintedDocument] {
      [.init(ApplyDocument.self), .init(BenchmarkTrialDocument.self, arguments: "--prove")]
    }

    @Flag(help: "Keep a device's changes only if its load does not lose by them.")
    var prove = false
    @OptionGroup(title: "With --prove") var trial: TrialOptions

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      if prove { return try proveAll() }
      try perform { () throws(Failure) in
        try trial.refuse(without: "--prove")
        let session = reading.session
        let results = try session.change("apply the plan", policy.policy) {
          try DaemonClient.document(ApplyDocument.self, "/v1/placement/apply", method: "POST")
            .results
        } directly: {
          try session.placement(policy.policy).apply()
        }
        try Output.write(
          try session.text(ApplyDocument(results: results)) {
            PlacementReport.render(results, display.display.style)
          })
        try finish(
          isComplete: !results.contains { $0.outcome == .refused || $0.outcome == .differs })
      }
    }
  }

  struct Rollback: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "rollback", abstract: "Put every original value back. Root only.")
    static var documents: [PrintedDocument] { [.init(RollbackDocument.self)] }

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let session = reading.session
        let report = try session.change("roll back", nil) {
          try DaemonClient.document(
            RollbackDocument.self, "/v1/placement/rollback", method: "POST"
          ).report
        } directly: {
          try session.placement(nil).rollBack()
        }
        let document = RollbackDocument(report)
        try Output.write(
          try session.text(document) { PlacementReport.render(report, display.display.style) })
        try finish(isComplete: !document.results.contains { $0.outcome == .refused })
      }
    }
  }
}

extension Session {
  /// The placement of the machine of this session.
  func placement(_ policyFile: String?) -> PlacementOperations {
    PlacementOperations(reader, policyFile: policyFile)
  }

  /// The trials of this machine's placement, from tinyboxd or for root from the database; nil for a recording,
  /// which has none.
  fileprivate func trials() -> TrialHistory? {
    if reader.sysroot != nil { return nil }
    do throws(Failure) {
      var benchmarks = BenchmarkSource()
      benchmarks.asksDaemon = source != .machine
      return TrialHistory(
        try benchmarks.document(BenchmarkTrialsDocument.self, "trials", "/v1/benchmarks/trials"))
    } catch {
      return .unknown(
        error.code == .notPermitted
          ? "only root and tinyboxd may read the history of benchmarks"
          : "the history cannot be read: \(error.reason)")
    }
  }

  /// Asks tinyboxd, unless another policy than its own is to be used.
  fileprivate func fromDaemon<Value>(
    _ policyFile: String?, _ ask: () throws -> Value
  ) throws(Failure) -> Value? {
    var session = self
    if policyFile != nil { session.source = .machine }
    return try session.fromDaemon(ask)
  }

  /// Changes the machine: tinyboxd does where it runs, else this program as root, under the lock.
  fileprivate func change<Value>(
    _ step: String, _ policyFile: String?, byDaemon ask: () throws -> Value,
    directly body: () throws -> Value
  ) throws(Failure) -> Value {
    if reader.sysroot != nil {
      throw Failure(
        step, because: "a recording cannot be changed",
        hint: "'tinyboxctl placement plan --sysroot' shows what would be", code: .usage)
    }
    if let done = try fromDaemon(policyFile, ask) { return done }
    if !CallingUser.isRoot {
      throw Failure(
        step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
    do {
      return try placement(policyFile).locked(putBack: TrialFollower.notePutBack, body)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(step, error)
    }
  }
}

/// Ends with status 1 when something was refused.
private func finish(isComplete: Bool) throws(Failure) {
  if !isComplete {
    throw Failure(
      "do everything", because: "something was refused or did not stay; see above")
  }
}
