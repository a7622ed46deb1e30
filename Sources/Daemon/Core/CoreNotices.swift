internal import Documents
internal import Events
internal import Inventory
internal import Linux

/// What the watches tell.
extension Core {
  /// Somebody wrote to a file that is watched.
  func noticeWrite(_ path: String, by cause: String?) {
    moment += 1
    // The last writer is the one whose value holds.
    writes[path] = .some(cause)
    agenda.notice(.writes, at: Clock.seconds(), quiet: 0.02, limit: 0.2)
    if cause?.hasPrefix("irqbalance") == true, last?.system.irqbalance == nil { noticeChange() }
  }

  /// Something was added to the machine or removed.
  func noticeChange() {
    agenda.notice(.changes, at: Clock.seconds(), quiet: 0.15, limit: 0.8)
  }

  /// irqbalance may be about to run.
  /// - Parameter looks: how many more readings than the next one that is worth.
  func noticeBalancer(looks: Int) {
    balancerLooks = max(balancerLooks, looks)
    noticeChange()
  }

  /// The ledger was written, by us or by another tinybox.
  func noticeLedger() {
    moment += 1
    if let last, lookAtLedger(last) { noticeChange() }
  }

  /// Finds out whether another program applied or rolled back, which decides what is kept.
  /// - Returns: whether it did.
  func lookAtLedger(_ inventory: Inventory) -> Bool {
    switch keeper.ledgerChange(inventory) {
    case .none: return false
    case .rolledBack:
      // Not to be undone here.
      suspend(true)
      log.record([
        EventDraft(.placementRolledBack, "the placement was rolled back by another program")
      ])
    case .applied where keeper.isSuspended:
      suspend(false)
      log.record([EventDraft(.placementApplied, "the plan was applied by another program")])
    case .applied, .changed: break
    }
    return true
  }

  /// Something is otherwise that checks judge. They run when it had time to settle, as drivers and
  /// links of a new device need, and once a minute however much happens.
  func wantChecks() {
    guard !agenda.has(.recheck) else { return }
    agenda.set(.recheck, at: max(Clock.seconds() + Core.settleSeconds, nextRecheck))
  }

  private static let settleSeconds = 3.0
  private static let recheckSeconds = 60.0

  /// Runs the checks that were wanted.
  func recheck() {
    nextRecheck = Clock.seconds() + Core.recheckSeconds
    startChecks(isReading: false)
  }

  /// A source of notices is gone, or there again.
  func noticeWatch(_ watch: DaemonDocument.Watch) {
    var wasActive: Bool?
    published.update { state in
      if let index = state.watches.firstIndex(where: { $0.name == watch.name }) {
        wasActive = state.watches[index].isActive
        state.watches[index] = watch
      } else {
        state.watches.append(watch)
      }
    }
    if !watch.isActive, wasActive != false {
      log.record([
        EventDraft(.watchLost, subject: watch.name, "cannot watch \(watch.name): \(watch.note)")
      ])
    }
  }
}
