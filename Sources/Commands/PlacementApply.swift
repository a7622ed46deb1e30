internal import API
package import Apply
internal import Inventory
internal import KernelTree
package import Placement
internal import Render
internal import Vendor

extension PlacementCommand {
  /// Text to print, and whether everything could be done.
  public struct Done: Sendable {
    /// What to print.
    public var text: String
    /// Whether nothing was refused.
    public var isComplete: Bool
  }

  /// `tinyboxctl placement apply`: makes the changes of the plan.
  public func apply(_ display: Display) throws(CommandFailure) -> Done {
    try mayChange("apply the plan")
    return try changing("apply the plan") {
      let results = try applied()
      let isComplete = !results.contains { $0.outcome == .refused || $0.outcome == .differs }
      if session.json {
        return Done(
          text: try JSONOutput.text(ApplyDocument(results: results)), isComplete: isComplete)
      }
      return Done(
        text: PlacementReport.render(results, display.style).joined(separator: "\n") + "\n",
        isComplete: isComplete)
    }
  }

  /// Plans and makes the changes. The caller holds the lock.
  /// - Parameter choose: takes changes out of the plan that are to wait.
  package func applied(
    choose: (inout Plan) -> Void = { _ in }
  ) throws -> [Applier.Result] {
    var planned = try makePlan()
    choose(&planned.plan)
    let tree = LiveTree(irqbalance: planned.inventory.system.irqbalance?.pid)
    var results: [Applier.Result] = []
    // A new queue count makes new interrupts: the rest is planned with those.
    var counts = planned.plan
    counts.changes = planned.plan.changes.filter { $0.knob.kind == .channels && $0.isAllowed }
    if !counts.changes.isEmpty {
      results = try Applier.apply(counts, to: tree)
      planned = try makePlan()
      choose(&planned.plan)
      let tried = Set(results.map(\.change.knob.identity))
      planned.plan.changes.removeAll { tried.contains($0.knob.identity) }
    }
    return results
      + (try Applier.apply(
        planned.plan, to: tree, handled: HandledCount.all(in: planned.inventory)))
  }

  /// Puts every original back. The caller holds the lock.
  package func rolledBack() throws -> Rollback.Report {
    let before = try inventory(.live)
    return try Rollback.run(on: LiveTree(irqbalance: before.system.irqbalance?.pid)) {
      InterruptNames.numbers(in: try inventory(.live))
    }
  }

  /// `tinyboxctl placement rollback`: puts every original back.
  public func rollback(_ display: Display) throws(CommandFailure) -> Done {
    try mayChange("roll back")
    return try changing("roll back") {
      let report = try rolledBack()
      let document = RollbackDocument(report)
      let text =
        session.json
        ? try JSONOutput.text(document)
        : PlacementReport.render(report, display.style).joined(separator: "\n") + "\n"
      return Done(
        text: text, isComplete: !document.results.contains { $0.outcome == .refused })
    }
  }

  /// Only root on the running machine.
  private func mayChange(_ step: String) throws(CommandFailure) {
    if session.sysroot != nil {
      throw CommandFailure(
        step, cause: "a recording cannot be changed",
        hint: "'tinyboxctl placement plan --sysroot' shows what would be", status: .usage)
    }
    if !Terminal.isRoot {
      throw CommandFailure(
        step, cause: "only root may", hint: "run it with sudo", status: .notPermitted)
    }
  }

  /// Runs `body` under the lock, and turns its errors into a failure.
  private func changing(
    _ step: String, _ body: () throws -> Done
  ) throws(CommandFailure) -> Done {
    do {
      return try LiveTree.locked(body)
    } catch let failure as CommandFailure {
      throw failure
    } catch let failure as ApplyFailure {
      throw CommandFailure(failure.step, cause: failure.reason, hint: failure.hint)
    } catch {
      throw CommandFailure(step, cause: "\(error)")
    }
  }
}
