internal import Apply
internal import Base
internal import Operations
internal import Configuration
internal import Events
internal import Health
internal import KernelTree
internal import Placement

/// What somebody asks for, and the one line that tells how it stands.
extension Core {
  /// Applies the plan, as `tinyboxctl placement apply`.
  func apply() throws -> [ApplyResult] {
    let results = try LiveTree.locked { try placement.apply() }
    // It was planned with what the files say, so that is in force from here on.
    try keeper.takePolicy(nil)
    rejected = nil
    suspend(false)
    let done = results.filter { $0.outcome == .done || $0.outcome == .pending }.count
    let refused = results.filter { $0.outcome == .refused || $0.outcome == .differs }.count
    log.record([
      EventDraft(
        .placementApplied,
        "\(done) settings placed by request" + (refused > 0 ? ", \(refused) refused" : ""),
        count: done)
    ])
    readAgain()
    return results
  }

  /// Rolls back, as `tinyboxctl placement rollback`.
  func rollback() throws -> RollbackReport {
    let report = try LiveTree.locked { try placement.rollBack() }
    suspend(true)
    if case .results(let results) = report {
      let restored = results.filter { $0.outcome == .restored }.count
      log.record([
        EventDraft(
          .placementRolledBack, "\(restored) settings put back to their original values",
          count: restored)
      ])
    }
    readAgain()
    return report
  }

  func suspend(_ isSuspended: Bool) {
    wantChecks()
    keeper.forget()
    keeper.isSuspended = isSuspended
    // From here on it is known: the next look at the ledger is not to take it for another's doing.
    if let last { try? keeper.load(last) }
    let boot = tree.textIfPresent("/proc/sys/kernel/random/boot_id") ?? ""
    log.setState("suspended", isSuspended ? boot : "")
    published.update { $0.isSuspended = isSuspended }
  }

  /// Reads the configuration again. What cannot be used changes nothing.
  func reload() {
    do {
      let settings = try ServiceSettings.read(ConfigurationSource(tree))
      try keeper.takePolicy(last)
      rejected = nil
      // What was contested under the old one, or refused, is tried again.
      keeper.forget()
      wantChecks()
      self.settings = settings
      log.setLimit(settings.daemon.eventCount)
      published.update { $0.checkSeconds = settings.daemon.checkSeconds }
      scheduleChecks()
      log.record([EventDraft(.daemonReloaded, "the configuration was read again")])
    } catch let failure as Failure {
      reject(Core.text(failure))
    } catch {
      reject("\(error)")
    }
    readAgain()
  }

  /// The configuration in the files cannot be used. What was in force before stays in force.
  private func reject(_ problem: String) {
    if keeper.mode != nil { rejected = problem }
    fail(problem)
  }

  /// One line for `systemctl status`.
  var statusText: String {
    let state = published.current
    if let problem = state.configurationProblem {
      return "configuration: " + (problem.split(separator: "\n").first.map(String.init) ?? "")
    }
    let placement = state.placement
    var words = [placement.mode?.rawValue ?? "starting"]
    if let status = placement.status, status.ledger == .thisBoot {
      words.append("\(status.held) settings held")
      if !status.drifted.isEmpty { words.append("\(status.drifted.count) drifted") }
    }
    if !state.held.isEmpty { words.append("\(state.held.count) contested") }
    if state.isSuspended { words.append("suspended after a rollback") }
    if let counts, let verdicts {
      let wrong = verdicts.entries.count
      words.append(wrong == 0 ? "no finding" : "\(wrong) finding" + (wrong == 1 ? "" : "s"))
      if let unknown = counts[Verdict.unknown.rawValue] {
        words.append("\(unknown) checks could not tell")
      }
    } else {
      words.append("no checks yet")
    }
    return words.joined(separator: ", ")
  }

  /// Ends the main loop.
  func stop() { isStopping = true }
}
