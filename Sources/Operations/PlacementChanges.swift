internal import Apply
internal import Base
package import Inventory
internal import KernelTree
package import Placement

/// What changes the placement of the running machine. Callers hold the lock (`LiveTree.locked`).
extension PlacementOperations {
  /// Plans, and makes the changes of the plan.
  package func apply() throws -> [ApplyResult] {
    let planned = try plan()
    return try apply(
      planned.plan.changes, planned.inventory, nil, rest: PlacementOperations.all(of:after:))
  }

  /// Everything that the new plan wants, but for the counts that were tried: what it knows that the first
  /// one did not, such as interrupts that irqbalance is to leave alone, is part of it.
  static func all(of anew: [Change], after counts: [Change]) -> [Change] {
    let tried = Set(counts.map(\.knob.identity))
    return anew.filter { !tried.contains($0.knob.identity) }
  }

  /// Makes changes that were planned before, and nothing that was not wanted then: but for devices whose
  /// queue count changes, which get what the new plan has for them.
  /// - Parameters:
  ///   - inventory: what the changes were planned from; nil where they were not planned.
  ///   - policy: the one in force; nil for that of the files.
  package func apply(
    _ changes: [Change], _ inventory: Inventory?, policy: Policy? = nil
  ) throws -> [ApplyResult] {
    try apply(changes, inventory, policy) { anew, counts in
      PlacementOperations.wanted(changes, of: anew, after: counts)
    }
  }

  /// Of the changes that were wanted those of other devices as they were, and of devices whose queue count
  /// was changed what the new plan has for them.
  static func wanted(
    _ changes: [Change], of anew: [Change], after counts: [Change]
  ) -> [Change] {
    let devices = Set(counts.compactMap(\.device))
    func isOfThem(_ change: Change) -> Bool { change.device.map(devices.contains) ?? false }
    let others = changes.filter { $0.knob.kind != .channels && !isOfThem($0) }
    return others + anew.filter { $0.knob.kind != .channels && $0.isAllowed && isOfThem($0) }
  }

  /// Queue counts come first: a new one makes new interrupts and queues, so the machine is read and
  /// planned again before the rest is set.
  /// - Parameter rest: what to set of the new plan, after these counts.
  private func apply(
    _ changes: [Change], _ inventory: Inventory?, _ policy: Policy?,
    rest: (_ anew: [Change], _ counts: [Change]) -> [Change]
  ) throws -> [ApplyResult] {
    let counts = changes.filter { $0.knob.kind == .channels }
    if !counts.contains(where: \.isAllowed) { return try set(changes, inventory) }
    let results = try set(counts, inventory)
    let now = try self.inventory(.live)
    let anew = try plan(.live, now, policy: policy).plan.changes
    return results + (try set(rest(anew, counts), now))
  }

  private func set(_ changes: [Change], _ inventory: Inventory?) throws -> [ApplyResult] {
    var plan = Plan(origin: "live")
    plan.changes = changes
    // Asked for only where it is needed: to find irqbalance is to read the machine.
    let balancer =
      try inventory?.system.irqbalance?.pid
      ?? (changes.contains { $0.knob.kind == .irqbalance }
        ? self.inventory(.live).system.irqbalance?.pid : nil)
    return try Applier.apply(
      plan, to: LiveTree(irqbalance: balancer),
      handled: inventory.map { HandledCount.all(in: $0) })
  }

  /// Puts every original back.
  package func rollBack() throws -> RollbackReport {
    let before = try inventory(.live)
    return try Rollback.run(on: LiveTree(irqbalance: before.system.irqbalance?.pid)) {
      InterruptNames.numbers(in: try inventory(.live))
    }
  }
}
