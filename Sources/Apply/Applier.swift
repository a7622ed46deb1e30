internal import Base
package import Placement

/// Makes the changes of a plan, one by one, and reports the result of each.
///
/// What the machine refuses is a result, never a reason to stop. Only without a ledger nothing is
/// done at all.
package enum Applier {
  /// Tries of a write that the kernel may accept a moment later.
  private static let tries = 4

  /// Applies a plan.
  /// - Parameter handled: interrupts handled so far, to find later how many came since.
  /// - Throws: `Failure` when nothing was changed; other errors of the tree as they come.
  package static func apply(
    _ plan: Plan, to tree: some WritableTree, handled: [String: HandledCount]? = nil
  ) throws -> [ApplyResult] {
    let boot = try bootID(tree)
    var ledger = try Ledger.load(tree) ?? Ledger(bootID: boot)
    // What was changed in another boot is gone with it.
    if ledger.bootID != boot { ledger = Ledger(bootID: boot, generation: ledger.generation) }
    var known: [String: Int] = [:]
    for (index, entry) in ledger.entries.enumerated() { known[entry.knob.identity] = index }
    let old = Set(known.keys)
    let wasRolledBack = ledger.isRolledBack == true
    ledger.isRolledBack = nil

    var results: [ApplyResult?] = []
    var hasNew = false
    for change in plan.changes {
      let (result, original) = try look(change, tree)
      results.append(result)
      guard result == nil, let original else { continue }
      hasNew = true
      let identity = change.knob.identity
      let entry = Ledger.Entry(
        knob: change.knob, subject: change.subject, device: change.device, original: original,
        applied: change.new)
      guard let index = known[identity] else {
        known[identity] = ledger.entries.count
        ledger.entries.append(entry)
        continue
      }
      // The first original counts, unless the name has gone to another device meanwhile.
      if let device = ledger.entries[index].device, device != change.device {
        ledger.entries[index] = entry
      } else {
        ledger.entries[index].knob = change.knob
        ledger.entries[index].applied = change.new
      }
    }
    if hasNew {
      // Every original is on disk before the first write.
      ledger.isComplete = false
      ledger.handledBefore = handled ?? ledger.handledBefore
      try ledger.store(tree)
      var refused: Set<String> = []
      for (index, change) in plan.changes.enumerated() where results[index] == nil {
        let result = try set(change, tree)
        results[index] = result
        let identity = change.knob.identity
        if result.outcome == .refused || result.outcome == .gone, !old.contains(identity) {
          refused.insert(identity)
        } else if let actual = result.actual, let entry = known[identity] {
          ledger.entries[entry].applied = actual
        }
      }
      // A scope that has ended took its settings with it, and no other gets its name.
      ledger.entries.removeAll { entry in
        refused.contains(entry.knob.identity)
          || entry.knob.isTransient && (try? tree.isPresent(entry.knob)) == false
      }
      ledger.isComplete = true
      do {
        try ledger.store(tree)
      } catch is Failure {
        // The one written before holds every original; status reports that this one is missing.
      }
    } else if wasRolledBack {
      // Everything holds already: placed it is all the same.
      try ledger.store(tree)
    }
    return results.compactMap { $0 }
  }

  static func bootID(_ tree: some WritableTree) throws -> String {
    do {
      return try tree.bootID()
    } catch let failure as KnobFailure {
      throw Failure("find out which boot this is", failure, code: .conflict)
    }
  }

  /// The value before the change: its result when there is nothing to write, else the original.
  private static func look(
    _ change: Change, _ tree: some WritableTree
  ) throws -> (ApplyResult?, original: String?) {
    if !change.isAllowed {
      let reason = change.consent.map { "needs \($0) = true in the policy" }
      return (ApplyResult(change: change, outcome: .notAllowed, reason: reason), nil)
    }
    do {
      guard try tree.isPresent(change.knob) else {
        return (
          ApplyResult(change: change, outcome: .gone, reason: "it is not there any more"), nil
        )
      }
      let content = try tree.read(change.knob)
      guard let original = String(validating: content, as: UTF8.self),
        let value = change.knob.value(of: content)
      else {
        let reason = "its value is malformed, so it could not be put back"
        return (ApplyResult(change: change, outcome: .refused, reason: reason), nil)
      }
      if value == change.new { return (ApplyResult(change: change, outcome: .unchanged), nil) }
      return (nil, original)
    } catch let failure as KnobFailure {
      return (refusal(change, failure), nil)
    }
  }

  /// Writes, and reads back what holds.
  static func set(_ change: Change, _ tree: some WritableTree) throws -> ApplyResult {
    var wish = change.new
    do {
      // Between the look and now a device may have gone, and its number been given to another.
      guard try tree.isPresent(change.knob) else {
        return ApplyResult(change: change, outcome: .gone, reason: "it is not there any more")
      }
      do {
        try write(wish, to: change.knob, tree)
      } catch let failure as KnobFailure {
        guard failure.isOutOfRoom, let fallback = change.fallback, fallback != wish else {
          throw failure
        }
        wish = fallback
        try write(wish, to: change.knob, tree)
      }
    } catch let failure as KnobFailure {
      return refusal(change, try hasGone(change.knob, failure, tree) ? nil : failure)
    }
    do {
      return try verify(change, wish, tree)
    } catch let failure as KnobFailure {
      if try hasGone(change.knob, failure, tree) { return refusal(change, nil) }
      return ApplyResult(
        change: change, outcome: .differs,
        reason: "it was accepted and cannot be read back: \(failure.reason)")
    }
  }

  private static func verify(
    _ change: Change, _ wish: String, _ tree: some WritableTree
  ) throws -> ApplyResult {
    let knob = change.knob
    let held = knob.value(of: try tree.read(knob))
    let other = wish == change.new ? nil : wish
    guard held == wish else {
      return ApplyResult(
        change: change, outcome: .differs, actual: held,
        reason: "it was accepted, and another value is in place")
    }
    if let effective = try tree.effective(knob), effective != wish {
      guard let now = NumberSet(list: effective), let asked = NumberSet(list: wish),
        !now.isEmpty, now.isSubset(of: asked)
      else {
        return ApplyResult(
          change: change, outcome: knob.kind == .interrupt ? .pending : .differs,
          actual: other, reason: "in effect is \(effective)")
      }
    }
    return ApplyResult(
      change: change, outcome: .done, actual: other,
      reason: other.map { _ in "no vector is free on CPU \(change.new)" })
  }

  /// Writes; what may work in a moment is tried again.
  static func write(_ value: String, to knob: Knob, _ tree: some WritableTree) throws {
    for attempt in 1... {
      do {
        return try tree.write(knob.content(of: value), to: knob)
      } catch let failure as KnobFailure where failure.isTransient && attempt < tries {
        continue
      }
    }
  }

  /// Whether a failure comes from something that is going away. A write that was under way when the
  /// kernel took the file out of `/proc` ends with EIO, which else means "may not".
  static func hasGone(
    _ knob: Knob, _ failure: KnobFailure, _ tree: some WritableTree
  ) throws -> Bool {
    if failure.isGone { return true }
    do {
      return try !tree.isPresent(knob)
    } catch is KnobFailure {
      return false
    }
  }

  /// The result of a change that failed; without a failure its target has gone.
  private static func refusal(_ change: Change, _ failure: KnobFailure?) -> ApplyResult {
    guard let failure, !failure.isGone else {
      return ApplyResult(
        change: change, outcome: .gone, reason: failure?.reason ?? "it is not there any more")
    }
    return ApplyResult(change: change, outcome: .refused, reason: failure.reason)
  }
}
