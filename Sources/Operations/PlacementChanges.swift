internal import Apply
internal import Base
public import Inventory
internal import KernelTree
public import Placement

/// What changes the placement of the running machine. Whoever calls these holds the lock
/// (`LiveTree.locked`).
extension PlacementOperations {
  /// Plans, and makes the changes of the plan.
  public func apply() throws -> [ApplyResult] {
    let planned = try plan()
    return try apply(planned.plan.changes, planned.inventory)
  }

  /// Makes changes of a plan.
  ///
  /// Queue counts come first: a new one makes new interrupts and queues, so what depends on those is
  /// planned again before it is set. Changes that the new plan does not know stay as they are.
  /// - Parameters:
  ///   - inventory: what the changes were planned from; nil where they were not planned.
  ///   - policy: the one in force; nil for that of the files.
  public func apply(
    _ changes: [Change], _ inventory: Inventory?, policy: Policy? = nil
  ) throws -> [ApplyResult] {
    let counts = changes.filter { $0.knob.kind == .channels && $0.isAllowed }
    if counts.isEmpty { return try set(changes, inventory) }
    let results = try set(counts, inventory)
    let devices = Set(counts.compactMap(\.device))
    let now = try self.inventory(.live)
    let wanted = Set(changes.map(\.knob.identity))
    let anew = try plan(.live, now, policy: policy).plan.changes.filter { change in
      change.knob.kind != .channels
        && (wanted.contains(change.knob.identity) || change.device.map(devices.contains) ?? false)
    }
    let known = Set(anew.map(\.knob.identity))
    let tried = Set(counts.map(\.knob.identity))
    let others = changes.filter { change in
      // What was planned for the interrupts of before is planned anew, or not wanted any more.
      !tried.contains(change.knob.identity) && !known.contains(change.knob.identity)
        && !(change.device.map(devices.contains) ?? false)
    }
    return results + (try set(others + anew, now))
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
  public func rollBack() throws -> RollbackReport {
    let before = try inventory(.live)
    return try Rollback.run(on: LiveTree(irqbalance: before.system.irqbalance?.pid)) {
      InterruptNames.numbers(in: try inventory(.live))
    }
  }
}
