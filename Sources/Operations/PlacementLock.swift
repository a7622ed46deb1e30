internal import Apply
internal import Base
internal import Inventory
internal import KernelTree
internal import Placement

extension PlacementOperations {
  /// Runs `body` while no other process changes the placement. A trial that is going on refuses it; what one
  /// whose program died has left is put back first.
  /// - Parameter putBack: called with the device of such a trial and the number of its settings.
  package func locked<Value>(
    putBack: (String, Int) -> Void = { _, _ in }, _ body: () throws -> Value
  ) throws -> Value {
    try LiveTree.locked {
      if let trial = try openTrial() {
        if TrialLock.isHeld { throw TrialLock.busy(trial.subject) }
        if let ended = try endTrial() { putBack(ended.subject, ended.results.count) }
      }
      return try body()
    }
  }

  /// Whether a trial is going on at this moment.
  package static var isTrialGoingOn: Bool { TrialLock.isHeld }

  /// Puts back what a trial has left whose program died; does nothing without one, and while one goes on.
  /// - Returns: the device, and the number of settings; nil without such a trial.
  package func endDeadTrial() throws -> (subject: String, count: Int)? {
    // Mostly there is none, and nothing to lock.
    guard try openTrial() != nil, !TrialLock.isHeld else { return nil }
    var ended: (String, Int)?
    try locked(putBack: { ended = ($0, $1) }) {}
    return ended
  }

  /// The trial in the ledger, where that is of this boot. A ledger that cannot be read has none: whoever
  /// wants to change something finds out and says so.
  private func openTrial() throws -> Ledger.Trial? {
    let tree = LiveTree()
    guard let bytes = try? tree.loadLedger(), let ledger = try? Ledger.decode(bytes),
      ledger.trial != nil, ledger.bootID == (try tree.bootID())
    else { return nil }
    return ledger.trial
  }

  /// Puts back what a trial has left. The caller holds the lock.
  func endTrial() throws -> (subject: String, results: [RollbackResult])? {
    let now = try inventory(.live)
    return try PlacementTrial.putBack(on: LiveTree(irqbalance: now.system.irqbalance?.pid)) {
      InterruptNames.numbers(in: now)
    }
  }
}
